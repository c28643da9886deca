//! One's own password.

use domain::access::Actor;
use domain::password::validate_password;
use domain::service::{Conflict, NewSession, OwnAccount, PasswordChange, ServiceError, Visit};
use domain::violation::{Field, Rule};
use storage::{AuditEntry, AuditOutcome, UserRecord};

use super::Accounts;
use crate::error::{hashed, invalid, stored, violated};

impl Accounts {
    pub(super) async fn own_account(&self, actor: &Actor) -> Result<OwnAccount, ServiceError> {
        let UserRecord { name, password_hash, .. } = self.own_record(actor).await?;
        Ok(OwnAccount { name, has_password: password_hash.is_some() })
    }

    pub(super) async fn replace_password(
        &self,
        actor: &Actor,
        change: &PasswordChange,
        visit: &Visit,
    ) -> Result<NewSession, ServiceError> {
        let PasswordChange { present, password, password_again } = change;
        let user = self.own_record(actor).await?;
        if user.password_hash.is_none() {
            return Err(ServiceError::Conflict { conflict: Conflict::SignsInElsewhere });
        }
        validate_password(&user.name, password, password_again).map_err(violated)?;
        let entry = AuditEntry::done(actor, "user.set-password", "user", user.id.to_string(), &user.name);
        let refused = || AuditEntry { outcome: AuditOutcome::Refused, ..entry.clone() };
        let proven = self.prove(&user.name, present, &visit.via, refused).await?;
        if proven.is_none_or(|proven| proven.id != user.id) {
            return Err(invalid(Field::PresentPassword, Rule::NotPresentPassword));
        }
        let hash = self.passwords.hash(password).await.map_err(hashed)?;
        let mut unit = self.storage.begin().await.map_err(stored)?;
        if !unit.set_password(user.id, &hash).await.map_err(stored)? {
            return Err(ServiceError::NotFound);
        }
        let session = self.open_session(&mut unit, user.id, None, visit).await?;
        unit.audit(&entry).await.map_err(stored)?;
        unit.commit().await.map_err(stored)?;
        Ok(session)
    }

    async fn own_record(&self, actor: &Actor) -> Result<UserRecord, ServiceError> {
        self.storage.user(actor.user).await.map_err(stored)?.ok_or(ServiceError::NotFound)
    }
}
