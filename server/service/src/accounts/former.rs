//! The session that a browser was signed in with before: it ends when another one is opened there (ASVS 7.2.4).

use domain::id::UserId;
use domain::service::{FormerSession, ServiceError, Visit};
use storage::{AuditEntry, UnitOfWork};

use super::{Accounts, signing_in};
use crate::bearer::stored_hash;
use crate::error::stored;

impl Accounts {
    /// Ends it in this unit, whoever it belongs to; `user` is who signs in now.
    pub(super) async fn end_former(
        &self,
        unit: &mut UnitOfWork,
        user: UserId,
        visit: &Visit,
    ) -> Result<(), ServiceError> {
        let Some(FormerSession(secret)) = &visit.former else { return Ok(()) };
        let owner = unit.end_former_session(&stored_hash(secret)).await.map_err(stored)?;
        let Some(owner) = owner else { return Ok(()) };
        let actor = signing_in(user, &unit.user_name(user).await.map_err(stored)?, visit);
        let name = unit.user_name(owner).await.map_err(stored)?;
        let entry = AuditEntry::done(&actor, "session.end", "user", owner.to_string(), &name);
        unit.audit(&entry).await.map_err(stored)
    }
}
