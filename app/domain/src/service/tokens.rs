//! Bearer tokens of people and service accounts: what a program signs in with.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{PlaceStep, ServiceError};
use crate::access::{Actor, Role};
use crate::clock::Moment;
use crate::id::{TokenId, UserId};

/// What every token begins with, so that people, scanners and logs recognise one.
pub const TOKEN_PREFIX: &str = "flp_";
/// Longest life of a token in days.
pub const TOKEN_DAYS_MAX: u32 = 366;
/// Life of a token in days unless another one is asked for.
pub const TOKEN_DAYS: u32 = 90;
/// Longest name of a token.
pub const TOKEN_NAME_MAX: usize = 64;
/// Tokens a person may have at once: more than anybody uses, and a bound for the list.
pub const TOKENS_MAX: u32 = 100;

/// A token as its owner sees it; the token itself is shown once, when it is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenRow {
    pub id: TokenId,
    /// What it is for.
    pub name: String,
    /// Its first characters, to recognise it.
    pub prefix: String,
    pub created_at: Moment,
    pub expires_at: Moment,
    /// To the minute.
    pub last_used_at: Option<Moment>,
    /// What it is narrowed to: at most this role.
    pub role: Option<Role>,
    /// And there only: the names on the way to the place.
    pub place: Vec<PlaceStep>,
}

/// A person's tokens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenList {
    /// Newest first, without those that are over.
    pub tokens: Vec<TokenRow>,
    pub now: Moment,
}

/// A service account's tokens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceAccountTokens {
    pub name: String,
    /// From the subscription to the place that it belongs to.
    pub place: Vec<PlaceStep>,
    /// What a token of it can be narrowed to: that place and those below, each with the way to it.
    pub places: Vec<Vec<PlaceStep>>,
    pub list: TokenList,
}

/// A token that is wished for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TokenDraft {
    /// What it is for, to recognise it later.
    pub name: String,
    /// Days until it ends; empty is [`TOKEN_DAYS`].
    pub days: String,
    /// A word of [`Role`] that it is narrowed to; empty for all that its owner may do.
    pub role: String,
    /// Id of the place that it is narrowed to; empty for all places. Both are given or none.
    pub place: String,
}

/// A token that was made just now.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewToken {
    /// The token itself: nobody can show it again.
    pub token: String,
    pub row: TokenRow,
}

/// Use cases on tokens: one's own, and those of service accounts whose place one owns.
#[async_trait]
pub trait TokenService: Send + Sync {
    /// Who a token belongs to; notes its use.
    async fn bearer(&self, token: &str) -> Result<Option<Actor>, ServiceError>;
    /// The actor's own.
    async fn list(&self, actor: &Actor) -> Result<TokenList, ServiceError>;
    /// Makes one.
    async fn create(&self, actor: &Actor, draft: &TokenDraft) -> Result<NewToken, ServiceError>;
    /// Ends one of the actor's own: from now on it opens nothing.
    async fn end(&self, actor: &Actor, id: TokenId) -> Result<(), ServiceError>;
    /// Those of a service account.
    async fn list_of(&self, actor: &Actor, account: UserId) -> Result<ServiceAccountTokens, ServiceError>;
    /// Makes one for a service account.
    async fn create_for(
        &self,
        actor: &Actor,
        account: UserId,
        draft: &TokenDraft,
    ) -> Result<NewToken, ServiceError>;
    /// Ends one of a service account.
    async fn end_of(&self, actor: &Actor, account: UserId, id: TokenId) -> Result<(), ServiceError>;
}
