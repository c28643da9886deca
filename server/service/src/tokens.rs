//! Bearer tokens: one's own, those of service accounts, and who a token belongs to.

use std::sync::Arc;

use async_trait::async_trait;
use domain::access::{Actor, Grant, Permit, Via, authorize};
use domain::clock::Clock;
use domain::id::{TokenId, UserId};
use domain::service::{
    Conflict, NewToken, ServiceAccountTokens, ServiceError, TOKENS_MAX, TokenDraft, TokenList, TokenRow,
    TokenService,
};
use domain::violation::{Field, Rule};
use storage::{AuditEntry, ServiceAccountRecord, Storage, TokenRecord, TokenUse};

use self::draft::{CheckedDraft, check};
use crate::access::{list::steps, role};
use crate::bearer::{is_token, stored_hash};
use crate::error::{invalid, only_oneself, refused, stored};
use crate::moment::moment;

mod below;
mod draft;

pub(crate) use self::draft::{end, new_token};

/// Use cases on tokens.
#[derive(Clone)]
pub struct Tokens {
    storage: Arc<Storage>,
    clock: Arc<dyn Clock>,
}

impl Tokens {
    /// Over this database.
    pub fn new(storage: Arc<Storage>, clock: Arc<dyn Clock>) -> Self {
        Self { storage, clock }
    }

    async fn list_for(&self, user: UserId) -> Result<TokenList, ServiceError> {
        let mut tokens = Vec::new();
        for record in self.storage.tokens(user).await.map_err(stored)? {
            tokens.push(self.row(record).await?);
        }
        Ok(TokenList { tokens, now: moment(self.clock.now()) })
    }

    /// With the names of the place that it is narrowed to; few tokens are.
    async fn row(&self, record: TokenRecord) -> Result<TokenRow, ServiceError> {
        let TokenRecord { id, name, prefix, created_at, expires_at, last_used_at, limit } = record;
        let place = match limit {
            None => None,
            Some(limit) => self.storage.place(limit.place.id()).await.map_err(stored)?,
        };
        Ok(TokenRow {
            id,
            name,
            prefix,
            created_at: moment(created_at),
            expires_at: moment(expires_at),
            last_used_at: last_used_at.map(moment),
            role: limit.map(|limit| limit.role),
            place: place.map(|place| steps(&place)).unwrap_or_default(),
        })
    }

    /// What a draft narrows the token to. Only a place that the actor sees can be named.
    async fn limit(&self, actor: &Actor, draft: &TokenDraft) -> Result<Option<Grant>, ServiceError> {
        let place = match (draft.role.trim(), draft.place.trim()) {
            ("", "") => return Ok(None),
            ("", _) => return Err(invalid(Field::TokenRole, Rule::Required)),
            (_, "") => return Err(invalid(Field::TokenPlace, Rule::Required)),
            (_, place) => place,
        };
        let role = role(Field::TokenRole, &draft.role)?;
        let place = place.parse().map_err(|_| invalid(Field::TokenPlace, Rule::Uuid))?;
        let record = self.storage.place(place).await.map_err(stored)?.ok_or(ServiceError::NotFound)?;
        authorize(actor, Permit::Read, &record.place).map_err(refused)?;
        Ok(Some(Grant { role, place: record.place }))
    }

    async fn make(
        &self,
        actor: &Actor,
        owner: &Owner<'_>,
        draft: &TokenDraft,
    ) -> Result<NewToken, ServiceError> {
        let CheckedDraft { name, days } =
            check(draft).map_err(|violations| ServiceError::Invalid { violations })?;
        let limit = self.limit(actor, draft).await?;
        let mut unit = self.storage.begin().await.map_err(stored)?;
        if unit.count_tokens(owner.user).await.map_err(stored)? >= TOKENS_MAX {
            return Err(ServiceError::Conflict { conflict: Conflict::TooManyTokens { max: TOKENS_MAX } });
        }
        let created_at = unit.now();
        let (token, new) = new_token(owner.user, &name, end(created_at, days), limit)?;
        let id = unit.create_token(&new).await.map_err(stored)?;
        unit.audit(&owner.entry(actor, "token.create", id, &name)).await.map_err(stored)?;
        unit.commit().await.map_err(stored)?;
        let storage::NewToken { hash: _, user: _, name, prefix, expires_at, limit } = new;
        let record = TokenRecord { id, name, prefix, created_at, expires_at, last_used_at: None, limit };
        Ok(NewToken { token, row: self.row(record).await? })
    }

    async fn end_for(&self, actor: &Actor, owner: &Owner<'_>, id: TokenId) -> Result<(), ServiceError> {
        let mut unit = self.storage.begin().await.map_err(stored)?;
        let name = unit.delete_token(owner.user, id).await.map_err(stored)?;
        let name = name.ok_or(ServiceError::NotFound)?;
        unit.audit(&owner.entry(actor, "token.end", id, &name)).await.map_err(stored)?;
        unit.commit().await.map_err(stored)
    }

    /// The service account, if the actor owns the place it belongs to.
    async fn account(&self, actor: &Actor, id: UserId) -> Result<ServiceAccountRecord, ServiceError> {
        let account = self.storage.service_account(id).await.map_err(stored)?;
        let account = account.ok_or(ServiceError::NotFound)?;
        authorize(actor, Permit::WriteAccess, &account.place).map_err(refused)?;
        Ok(account)
    }
}

/// Whose tokens they are.
struct Owner<'account> {
    user: UserId,
    account: Option<&'account ServiceAccountRecord>,
}

impl<'account> Owner<'account> {
    fn oneself(actor: &Actor) -> Self {
        Self { user: actor.user, account: None }
    }

    fn of(account: &'account ServiceAccountRecord) -> Self {
        Self { user: account.id, account: Some(account) }
    }

    fn entry(&self, actor: &Actor, action: &str, id: TokenId, name: &str) -> AuditEntry {
        let shown = match self.account {
            None => name.to_owned(),
            Some(account) => format!("{} / {name}", account.name),
        };
        let place = self.account.map(|account| account.place);
        AuditEntry { place, ..AuditEntry::done(actor, action, "token", id.to_string(), &shown) }
    }
}

#[async_trait]
impl TokenService for Tokens {
    async fn bearer(&self, token: &str) -> Result<Option<Actor>, ServiceError> {
        if !is_token(token) {
            return Ok(None);
        }
        let used = self.storage.use_token(&stored_hash(token)).await.map_err(stored)?;
        let Some(TokenUse { user, name, prefix, limit }) = used else { return Ok(None) };
        let actor = self.storage.actor(user).await.map_err(stored)?;
        let via = Via { token: Some(format!("{name} ({prefix}…)")), ..Via::default() };
        Ok(actor.map(|actor| Actor { limit, via, ..actor }))
    }

    async fn list(&self, actor: &Actor) -> Result<TokenList, ServiceError> {
        only_oneself(actor)?;
        self.list_for(actor.user).await
    }

    async fn create(&self, actor: &Actor, draft: &TokenDraft) -> Result<NewToken, ServiceError> {
        only_oneself(actor)?;
        self.make(actor, &Owner::oneself(actor), draft).await
    }

    async fn end(&self, actor: &Actor, id: TokenId) -> Result<(), ServiceError> {
        only_oneself(actor)?;
        self.end_for(actor, &Owner::oneself(actor), id).await
    }

    async fn list_of(&self, actor: &Actor, account: UserId) -> Result<ServiceAccountTokens, ServiceError> {
        let account = self.account(actor, account).await?;
        let place = self.storage.place(account.place.id()).await.map_err(stored)?;
        let place = place.ok_or(ServiceError::NotFound)?;
        let list = self.list_for(account.id).await?;
        let places = self.places_below(&place).await?;
        Ok(ServiceAccountTokens { name: account.name, place: steps(&place), places, list })
    }

    async fn create_for(
        &self,
        actor: &Actor,
        account: UserId,
        draft: &TokenDraft,
    ) -> Result<NewToken, ServiceError> {
        let account = self.account(actor, account).await?;
        self.make(actor, &Owner::of(&account), draft).await
    }

    async fn end_of(&self, actor: &Actor, account: UserId, id: TokenId) -> Result<(), ServiceError> {
        let account = self.account(actor, account).await?;
        self.end_for(actor, &Owner::of(&account), id).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_of_a_service_account_is_told_apart_in_the_audit() {
        let id = TokenId(uuid::Uuid::nil());
        let user = UserId(uuid::Uuid::nil());
        let actor = Actor {
            user,
            name: "ada".to_owned(),
            administrator: true,
            grants: Vec::new(),
            limit: None,
            via: Via::default(),
        };
        let subscription = domain::id::SubscriptionId(uuid::Uuid::nil());
        let account = ServiceAccountRecord {
            id: user,
            name: "wall".to_owned(),
            place: domain::access::Place::Subscription(subscription),
            created_at: domain::clock::Timestamp(0),
        };
        let entry = Owner::of(&account).entry(&actor, "token.create", id, "ci");
        assert_eq!((entry.target_name.as_str(), entry.place), ("wall / ci", Some(account.place)));
        assert_eq!(Owner::oneself(&actor).entry(&actor, "token.end", id, "ci").target_name, "ci");
    }
}
