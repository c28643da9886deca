//! People: signing in and out, one-time links. `proof` compares passwords, `password` is one's own, `session` opens and renews
//! sessions, `former` ends what a browser was signed in with before, `command_line` is what needs no session.

mod command_line;
mod former;
mod password;
mod proof;
mod session;

use std::sync::Arc;

use async_trait::async_trait;
use domain::access::Actor;
use domain::clock::Clock;
use domain::id::{SessionId, UserId};
use domain::password::validate_password;
use domain::service::{
    AccountService, Conflict, Entered, NewSession, OwnAccount, PasswordChange, ServiceError, SessionList,
    Visit,
};
use domain::violation::{Field, Rule};
use storage::{AuditEntry, LinkPurpose, Storage, UnitOfWork};

use crate::bearer::{new_secret, stored_hash};
use crate::error::{hashed, invalid, only_oneself, random, stored, violated};
use crate::moment::moment;
use crate::pace::Pace;
use crate::password::Passwords;

pub(crate) use self::proof::pause_milliseconds;
use self::proof::refused_sign_in;
pub(crate) use self::session::Lifetime;
use self::session::{IDLE_MILLISECONDS, session_row};

/// A one-time link for setting a password is good for this long.
const LINK_MILLISECONDS: i64 = 60 * 60 * 1000;
/// Longest user name.
pub(crate) const USER_NAME_MAX: usize = 64;
/// Use cases on people and their sessions.
#[derive(Clone)]
pub struct Accounts {
    pub(crate) storage: Arc<Storage>,
    pub(crate) clock: Arc<dyn Clock>,
    passwords: Passwords,
    /// What was refused and is written down, by address.
    pub(crate) refusals: Arc<Pace>,
}

impl Accounts {
    /// Over this database.
    pub fn new(storage: Arc<Storage>, clock: Arc<dyn Clock>, passwords: Passwords) -> Self {
        Self { storage, clock, passwords, refusals: Arc::new(Pace::new(proof::REFUSALS_KEPT)) }
    }

    pub(crate) async fn new_link(&self, unit: &mut UnitOfWork, user: UserId) -> Result<String, ServiceError> {
        let secret = new_secret().map_err(random)?;
        let expires_at = unit.now().plus_milliseconds(LINK_MILLISECONDS);
        unit.create_link(&stored_hash(&secret), user, LinkPurpose::SetPassword, expires_at)
            .await
            .map_err(stored)?;
        Ok(secret)
    }
}

#[async_trait]
impl AccountService for Accounts {
    async fn sign_in(
        &self,
        user_name: &str,
        password: &str,
        visit: &Visit,
    ) -> Result<NewSession, ServiceError> {
        let refused = || refused_sign_in(user_name, &visit.via);
        let user = self.prove(user_name, password, &visit.via, refused).await?;
        let user = user.ok_or_else(|| invalid(Field::Password, Rule::SignInRefused))?;
        let mut unit = self.storage.begin().await.map_err(stored)?;
        let session = self.open_session(&mut unit, user.id, None, visit).await?;
        let actor = signing_in(user.id, &user.name, visit);
        let entry = AuditEntry::done(&actor, "session.create", "user", user.id.to_string(), &actor.name);
        unit.audit(&entry).await.map_err(stored)?;
        unit.commit().await.map_err(stored)?;
        Ok(session)
    }

    async fn sign_out(&self, actor: &Actor, secret: &str) -> Result<Option<String>, ServiceError> {
        let mut unit = self.storage.begin().await.map_err(stored)?;
        let provider = unit.delete_session(&stored_hash(secret)).await.map_err(stored)?;
        let entry = AuditEntry::done(actor, "session.end", "user", actor.user.to_string(), &actor.name);
        unit.audit(&entry).await.map_err(stored)?;
        unit.commit().await.map_err(stored)?;
        Ok(provider)
    }

    async fn sessions(&self, actor: &Actor, secret: &str) -> Result<SessionList, ServiceError> {
        only_oneself(actor)?;
        let sessions = self.storage.sessions(actor.user, &stored_hash(secret)).await.map_err(stored)?;
        Ok(SessionList {
            sessions: sessions.into_iter().map(session_row).collect(),
            now: moment(self.clock.now()),
        })
    }

    async fn end_session(&self, actor: &Actor, id: SessionId) -> Result<(), ServiceError> {
        only_oneself(actor)?;
        let mut unit = self.storage.begin().await.map_err(stored)?;
        if !unit.end_session(actor.user, id).await.map_err(stored)? {
            return Err(ServiceError::NotFound);
        }
        let entry = AuditEntry::done(actor, "session.end", "session", id.to_string(), &actor.name);
        unit.audit(&entry).await.map_err(stored)?;
        unit.commit().await.map_err(stored)
    }

    async fn actor(&self, secret: &str) -> Result<Option<Actor>, ServiceError> {
        let user = self.storage.use_session(&stored_hash(secret), IDLE_MILLISECONDS).await.map_err(stored)?;
        match user {
            None => Ok(None),
            Some(used) => self.storage.actor(used.user).await.map_err(stored),
        }
    }

    async fn enter(&self, secret: &str) -> Result<Option<Entered>, ServiceError> {
        let hash = stored_hash(secret);
        let used = self.storage.use_session(&hash, IDLE_MILLISECONDS).await.map_err(stored)?;
        let Some(used) = used else { return Ok(None) };
        let Some(actor) = self.storage.actor(used.user).await.map_err(stored)? else { return Ok(None) };
        // Whoever comes with the secret before has it from a page that was loaded before.
        let renewed = if used.renewed { None } else { self.renew(&hash, &used.rights, &actor).await? };
        Ok(Some(Entered { actor, renewed }))
    }

    async fn link_user(&self, link: &str) -> Result<Option<String>, ServiceError> {
        let user =
            self.storage.link_user(&stored_hash(link), LinkPurpose::SetPassword).await.map_err(stored)?;
        match user {
            None => Ok(None),
            Some(user) => Ok(self.storage.user(user).await.map_err(stored)?.map(|user| user.name)),
        }
    }

    async fn set_password(
        &self,
        link: &str,
        password: &str,
        password_again: &str,
        visit: &Visit,
    ) -> Result<NewSession, ServiceError> {
        let used = || ServiceError::Conflict { conflict: Conflict::LinkUsed };
        let Some(name) = self.link_user(link).await? else {
            self.note_stranger("a one-time link", &visit.via).await?;
            return Err(used());
        };
        validate_password(&name, password, password_again).map_err(violated)?;
        let hash = self.passwords.hash(password).await.map_err(hashed)?;
        let mut unit = self.storage.begin().await.map_err(stored)?;
        let user = unit.use_link(&stored_hash(link), LinkPurpose::SetPassword).await.map_err(stored)?;
        let user = user.ok_or_else(used)?;
        unit.set_password(user, &hash).await.map_err(stored)?;
        let session = self.open_session(&mut unit, user, None, visit).await?;
        let actor = signing_in(user, &name, visit);
        let entry = AuditEntry::done(&actor, "user.set-password", "user", user.to_string(), &name);
        unit.audit(&entry).await.map_err(stored)?;
        unit.commit().await.map_err(stored)?;
        Ok(session)
    }

    async fn account(&self, actor: &Actor) -> Result<OwnAccount, ServiceError> {
        only_oneself(actor)?;
        self.own_account(actor).await
    }

    async fn change_password(
        &self,
        actor: &Actor,
        change: &PasswordChange,
        visit: &Visit,
    ) -> Result<NewSession, ServiceError> {
        only_oneself(actor)?;
        self.replace_password(actor, change, visit).await
    }
}

/// What a user may be called; `field` is where the name was typed.
pub(crate) fn check_user_name(field: Field, name: &str) -> Result<(), ServiceError> {
    crate::text::single_line(name.trim(), USER_NAME_MAX).map_err(|rule| invalid(field, rule))
}

/// Who signs in, for the audit: no rights are decided by this.
pub(crate) fn signing_in(user: UserId, name: &str, visit: &Visit) -> Actor {
    Actor {
        user,
        name: name.to_owned(),
        administrator: false,
        grants: Vec::new(),
        limit: None,
        via: visit.via.clone(),
    }
}
