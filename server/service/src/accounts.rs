//! People: signing in and out, one-time links, tokens. `proof` compares passwords, `password` is one's own, `former` ends
//! what a browser was signed in with before.

mod former;
mod password;
mod proof;

use std::sync::Arc;

use async_trait::async_trait;
use domain::access::{Actor, Via};
use domain::clock::Clock;
use domain::id::{SessionId, UserId};
use domain::password::{check_password, validate_password};
use domain::service::{
    AccountService, Conflict, Entered, NewSession, OwnAccount, PasswordChange, ServiceError, SessionList,
    SessionRow, TOKEN_DAYS_MAX, TOKEN_NAME_MAX, Visit,
};
use domain::violation::{Field, Rule};
use storage::{AuditEntry, AuditOutcome, LinkPurpose, Storage, UnitOfWork};

use crate::bearer::{new_secret, stored_hash};
use crate::error::{hashed, invalid, name_taken, random, stored, violated};
use crate::moment::moment;
use crate::pace::Pace;
use crate::password::Passwords;
use crate::tokens::{self, new_token};

pub(crate) use self::proof::pause_milliseconds;
use self::proof::refused_sign_in;

/// A session ends after this long without use (ASVS 7.3.1).
const IDLE_MILLISECONDS: i64 = 8 * 60 * 60 * 1000;
/// A session ends after this long in any case (ASVS 7.3.2).
const ABSOLUTE_SECONDS: i64 = 7 * 24 * 60 * 60;
/// One that a provider vouched for ends sooner: its groups are known as they were at the sign-in, and somebody who was
/// taken out of a group keeps its roles no longer than this.
const PROVIDER_ABSOLUTE_SECONDS: i64 = 12 * 60 * 60;
/// The secret before a session's present one is good for this long: requests that were under way.
const RENEWED_MILLISECONDS: i64 = 30_000;
/// A one-time link for setting a password is good for this long.
const LINK_MILLISECONDS: i64 = 60 * 60 * 1000;
/// Longest user name.
pub(crate) const USER_NAME_MAX: usize = 64;
/// What is kept of what a browser calls itself.
const USER_AGENT_MAX: usize = 256;
/// How long a session lives.
#[derive(Clone, Copy)]
pub(crate) struct Lifetime {
    /// Without use.
    pub(crate) idle_milliseconds: i64,
    /// In any case.
    pub(crate) absolute_seconds: i64,
}

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

    /// Makes a user, for the command line. Without a password the secret of a one-time link is given back,
    /// with one an empty text.
    pub async fn create_user(
        &self,
        name: &str,
        administrator: bool,
        password: Option<&str>,
    ) -> Result<String, ServiceError> {
        check_user_name(Field::UserName, name)?;
        let hash = match password {
            None => None,
            Some(password) => {
                check_password(password, name).map_err(|rule| invalid(Field::Password, rule))?;
                Some(self.passwords.hash(password).await.map_err(hashed)?)
            }
        };
        let mut unit = self.storage.begin().await.map_err(stored)?;
        let user = unit.create_user(name, administrator).await;
        let user = user.map_err(name_taken(Field::UserName, name))?;
        let link = match hash {
            Some(hash) => {
                unit.set_password(user, &hash).await.map_err(stored)?;
                String::new()
            }
            None => self.new_link(&mut unit, user).await?,
        };
        unit.audit(&by_command_line("user.create", user, name)).await.map_err(stored)?;
        unit.commit().await.map_err(stored)?;
        Ok(link)
    }

    /// On a new database: makes the administrator and gives back the secret of the link that sets the password.
    /// When nobody has used the link of an earlier start, a new one is made. `None` once a password is set, or
    /// when an identity provider vouches for the administrator.
    pub async fn first_administrator(&self, name: &str) -> Result<Option<String>, ServiceError> {
        match self.storage.administrator().await.map_err(stored)? {
            Some(administrator) if administrator.password_hash.is_some() => Ok(None),
            Some(administrator) => {
                let mut unit = self.storage.begin().await.map_err(stored)?;
                if unit.has_identity(administrator.id).await.map_err(stored)? {
                    return Ok(None);
                }
                let link = self.new_link(&mut unit, administrator.id).await?;
                unit.commit().await.map_err(stored)?;
                Ok(Some(link))
            }
            None => self.create_user(name, true, None).await.map(Some),
        }
    }

    /// Makes a bearer token for the REST API and gives it back: only its hash is kept.
    pub async fn create_token(&self, user_name: &str, name: &str, days: u32) -> Result<String, ServiceError> {
        let user = self.storage.user_by_name(user_name).await.map_err(stored)?;
        let user = user.ok_or(ServiceError::NotFound)?;
        let days = days.clamp(1, TOKEN_DAYS_MAX);
        let name: String = name.chars().take(TOKEN_NAME_MAX).collect();
        let (token, new) = new_token(user.id, &name, tokens::end(self.clock.now(), days), None)?;
        let mut unit = self.storage.begin().await.map_err(stored)?;
        unit.create_token(&new).await.map_err(stored)?;
        unit.audit(&by_command_line("token.create", user.id, &new.name)).await.map_err(stored)?;
        unit.commit().await.map_err(stored)?;
        Ok(token)
    }

    pub(crate) async fn new_link(&self, unit: &mut UnitOfWork, user: UserId) -> Result<String, ServiceError> {
        let secret = new_secret().map_err(random)?;
        let expires_at = unit.now().plus_milliseconds(LINK_MILLISECONDS);
        unit.create_link(&stored_hash(&secret), user, LinkPurpose::SetPassword, expires_at)
            .await
            .map_err(stored)?;
        Ok(secret)
    }

    /// Opens a session in this unit, in place of the one that the browser has; its secret is known to the browser alone.
    /// `provider` is who vouches for the person, when it is not our own password.
    pub(crate) async fn open_session(
        &self,
        unit: &mut UnitOfWork,
        user: UserId,
        provider: Option<&str>,
        visit: &Visit,
    ) -> Result<NewSession, ServiceError> {
        let absolute_seconds = if provider.is_some() { PROVIDER_ABSOLUTE_SECONDS } else { ABSOLUTE_SECONDS };
        let lifetime = Lifetime { idle_milliseconds: IDLE_MILLISECONDS, absolute_seconds };
        self.end_former(unit, user, visit).await?;
        self.open_session_for(unit, user, provider, lifetime, visit).await
    }

    /// The same, for as long as the caller says.
    pub(crate) async fn open_session_for(
        &self,
        unit: &mut UnitOfWork,
        user: UserId,
        provider: Option<&str>,
        lifetime: Lifetime,
        visit: &Visit,
    ) -> Result<NewSession, ServiceError> {
        let Lifetime { idle_milliseconds, absolute_seconds } = lifetime;
        let secret = new_secret().map_err(random)?;
        let now = unit.now();
        let actor = self.storage.actor(user).await.map_err(stored)?.ok_or(ServiceError::NotFound)?;
        let session = storage::NewSession {
            hash: stored_hash(&secret),
            user,
            idle_until: now.plus_milliseconds(idle_milliseconds),
            expires_at: now.plus_milliseconds(absolute_seconds * 1000),
            user_agent: visit.user_agent.as_ref().map(|agent| agent.chars().take(USER_AGENT_MAX).collect()),
            address: visit.via.address.clone(),
            provider: provider.map(str::to_owned),
            rights: rights(&actor),
        };
        unit.create_session(&session).await.map_err(stored)?;
        Ok(NewSession { secret, max_age_seconds: absolute_seconds })
    }

    /// Gives a session another secret when its owner's rights are no longer those that it was opened or renewed with.
    pub(crate) async fn renew(
        &self,
        hash: &str,
        rights_then: &str,
        owner: &Actor,
    ) -> Result<Option<NewSession>, ServiceError> {
        let rights_now = rights(owner);
        if rights_now == rights_then {
            return Ok(None);
        }
        let secret = new_secret().map_err(random)?;
        let mut unit = self.storage.begin().await.map_err(stored)?;
        let now = unit.now();
        let until = now.plus_milliseconds(RENEWED_MILLISECONDS);
        let ends =
            unit.renew_session(hash, &stored_hash(&secret), &rights_now, until).await.map_err(stored)?;
        unit.commit().await.map_err(stored)?;
        Ok(ends.map(|ends| NewSession { secret, max_age_seconds: ends.milliseconds_since(now) / 1000 }))
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
        let sessions = self.storage.sessions(actor.user, &stored_hash(secret)).await.map_err(stored)?;
        Ok(SessionList {
            sessions: sessions.into_iter().map(session_row).collect(),
            now: moment(self.clock.now()),
        })
    }

    async fn end_session(&self, actor: &Actor, id: SessionId) -> Result<(), ServiceError> {
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
        self.own_account(actor).await
    }

    async fn change_password(
        &self,
        actor: &Actor,
        change: &PasswordChange,
        visit: &Visit,
    ) -> Result<NewSession, ServiceError> {
        self.replace_password(actor, change, visit).await
    }
}

/// All that somebody may do, in a form that is equal when it is the same.
fn rights(actor: &Actor) -> String {
    let mut grants: Vec<String> = actor.grants.iter().map(|grant| format!("{grant:?}")).collect();
    grants.sort_unstable();
    stored_hash(&format!("{} {}", actor.administrator, grants.join(" ")))
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

fn session_row(record: storage::SessionRecord) -> SessionRow {
    let storage::SessionRecord {
        id,
        present,
        created_at,
        last_used_at,
        expires_at,
        user_agent,
        address,
        parent,
    } = record;
    SessionRow {
        id,
        present,
        created_at: moment(created_at),
        last_used_at: moment(last_used_at),
        expires_at: moment(expires_at),
        user_agent,
        address,
        parent,
    }
}

/// Whoever can run the program beside its data may do everything already.
fn by_command_line(action: &str, user: UserId, name: &str) -> AuditEntry {
    AuditEntry {
        actor: None,
        actor_name: "command line".to_owned(),
        action: action.to_owned(),
        target_kind: "user".to_owned(),
        target_id: user.to_string(),
        target_name: name.to_owned(),
        place: None,
        via: Via::default(),
        outcome: AuditOutcome::Done,
        changes: Vec::new(),
    }
}
