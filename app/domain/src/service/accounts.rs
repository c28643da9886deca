//! Use cases on people and their sessions.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::ServiceError;
use crate::access::Actor;

/// A new session: the secret goes into the cookie and is stored as a hash only.
#[derive(Clone, PartialEq, Eq)]
pub struct NewSession {
    /// 256 random bits, as text.
    pub secret: String,
    /// Seconds until its absolute end.
    pub max_age_seconds: i64,
}

/// Use cases on people and their sessions.
#[async_trait]
pub trait AccountService: Send + Sync {
    /// Opens a session; wrong name and wrong password answer alike and take equally long.
    async fn sign_in(&self, user_name: &str, password: &str) -> Result<NewSession, ServiceError>;
    /// Ends the session.
    async fn sign_out(&self, secret: &str) -> Result<(), ServiceError>;
    /// Who a session's secret belongs to.
    async fn actor(&self, secret: &str) -> Result<Option<Actor>, ServiceError>;
    /// The user name a one-time link is for; `None` when it was used or is too old.
    async fn link_user(&self, link: &str) -> Result<Option<String>, ServiceError>;
    /// Sets the password by a one-time link and opens a session.
    async fn set_password(
        &self,
        link: &str,
        password: &str,
        password_again: &str,
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
