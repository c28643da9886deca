//! Use cases on people and their sessions.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::ServiceError;
use crate::access::{Actor, Via};
use crate::clock::Moment;
use crate::id::SessionId;

/// A new session: the secret goes into the cookie and is stored as a hash only.
#[derive(Clone, PartialEq, Eq)]
pub struct NewSession {
    /// 256 random bits, as text.
    pub secret: String,
    /// Seconds until its absolute end.
    pub max_age_seconds: i64,
}

/// Whoever a request is from.
#[derive(Clone, PartialEq, Eq)]
pub struct Entered {
    pub actor: Actor,
    /// The session goes on under this secret.
    pub renewed: Option<NewSession>,
}

/// Who comes to sign in, as far as the request tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Visit {
    /// How the request came.
    pub via: Via,
    /// What the browser calls itself.
    pub user_agent: Option<String>,
    /// The session that this browser has already; it ends when another one is opened.
    pub former: Option<FormerSession>,
}

/// The secret of a session, which is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct FormerSession(pub String);

impl std::fmt::Debug for FormerSession {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("FormerSession")
    }
}

/// What one's own settings say of oneself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnAccount {
    pub name: String,
    /// There is a password of ours; nobody else vouches for such a person.
    pub has_password: bool,
}

/// A password in place of the present one.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordChange {
    pub present: String,
    pub password: String,
    pub password_again: String,
}

/// A person's open sessions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionList {
    /// The last used first.
    pub sessions: Vec<SessionRow>,
    pub now: Moment,
}

/// An open session as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRow {
    pub id: SessionId,
    /// It is the one that asks.
    pub present: bool,
    pub created_at: Moment,
    /// To the minute.
    pub last_used_at: Moment,
    pub expires_at: Moment,
    /// What the browser called itself.
    pub user_agent: Option<String>,
    /// From where it was opened.
    pub address: Option<String>,
    /// The origin in whose frames it lives, if it does.
    pub parent: Option<String>,
}

/// Use cases on people and their sessions.
#[async_trait]
pub trait AccountService: Send + Sync {
    /// Opens a session, and ends the former one of this browser; wrong name and wrong password answer alike and take
    /// equally long.
    async fn sign_in(
        &self,
        user_name: &str,
        password: &str,
        visit: &Visit,
    ) -> Result<NewSession, ServiceError>;
    /// Ends the session, and gives the identity provider that had opened it.
    async fn sign_out(&self, actor: &Actor, secret: &str) -> Result<Option<String>, ServiceError>;
    /// The actor's own open sessions; `secret` tells which is the present one.
    async fn sessions(&self, actor: &Actor, secret: &str) -> Result<SessionList, ServiceError>;
    /// Ends one of the actor's own.
    async fn end_session(&self, actor: &Actor, id: SessionId) -> Result<(), ServiceError>;
    /// Who a session's secret belongs to.
    async fn actor(&self, secret: &str) -> Result<Option<Actor>, ServiceError>;
    /// The same for a request that can be answered with a new secret: when the rights of the session's owner have
    /// changed it gets one, and the old secret is good for a moment only.
    async fn enter(&self, secret: &str) -> Result<Option<Entered>, ServiceError>;
    /// The user name a one-time link is for; `None` when it was used or is too old.
    async fn link_user(&self, link: &str) -> Result<Option<String>, ServiceError>;
    /// Sets the password by a one-time link and opens a session.
    async fn set_password(
        &self,
        link: &str,
        password: &str,
        password_again: &str,
        visit: &Visit,
    ) -> Result<NewSession, ServiceError>;
    /// The actor's own account.
    async fn account(&self, actor: &Actor) -> Result<OwnAccount, ServiceError>;
    /// Changes the actor's own password. All sessions end, and the one that asks goes on as the one given back. A wrong
    /// present password counts as one at the sign-in does.
    async fn change_password(
        &self,
        actor: &Actor,
        change: &PasswordChange,
        visit: &Visit,
    ) -> Result<NewSession, ServiceError>;
}

/// Facts that help a page's frame.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Shown in the frame.
    pub name: String,
    /// The administrator.
    pub administrator: bool,
}
