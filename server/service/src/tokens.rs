//! A person's own bearer tokens, and who a token belongs to.

use std::sync::Arc;

use async_trait::async_trait;
use domain::access::Actor;
use domain::clock::{Clock, Timestamp};
use domain::id::TokenId;
use domain::service::{
    Conflict, NewToken, ServiceError, TOKEN_DAYS, TOKEN_DAYS_MAX, TOKEN_NAME_MAX, TOKEN_PREFIX, TOKENS_MAX,
    TokenDraft, TokenList, TokenRow, TokenService,
};
use domain::violation::{Field, Rule, Violations};
use storage::{AuditEntry, Storage, TokenRecord};

use crate::bearer::{new_secret, stored_hash};
use crate::error::{random, stored};
use crate::moment::moment;

/// Characters of a token that stay to be seen: enough to tell one's own tokens apart, and useless to guess the rest.
const SHOWN: usize = 6;
/// Milliseconds of a day.
const DAY: i64 = 24 * 60 * 60 * 1000;

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
}

/// A token's secret and what is stored of it.
pub(crate) fn new_token(
    user: domain::id::UserId,
    name: &str,
    expires_at: Timestamp,
) -> Result<(String, storage::NewToken), ServiceError> {
    let token = format!("{TOKEN_PREFIX}{}", new_secret().map_err(random)?);
    let new = storage::NewToken {
        hash: stored_hash(&token),
        user,
        name: name.to_owned(),
        prefix: token.chars().take(TOKEN_PREFIX.len() + SHOWN).collect(),
        expires_at,
    };
    Ok((token, new))
}

/// When a token of so many days ends.
pub(crate) fn end(now: Timestamp, days: u32) -> Timestamp {
    now.plus_milliseconds(i64::from(days) * DAY)
}

#[async_trait]
impl TokenService for Tokens {
    async fn bearer(&self, token: &str) -> Result<Option<Actor>, ServiceError> {
        if !token.starts_with(TOKEN_PREFIX) {
            return Ok(None);
        }
        match self.storage.use_token(&stored_hash(token)).await.map_err(stored)? {
            None => Ok(None),
            Some(user) => self.storage.actor(user).await.map_err(stored),
        }
    }

    async fn list(&self, actor: &Actor) -> Result<TokenList, ServiceError> {
        let tokens = self.storage.tokens(actor.user).await.map_err(stored)?;
        Ok(TokenList { tokens: tokens.into_iter().map(row).collect(), now: moment(self.clock.now()) })
    }

    async fn create(&self, actor: &Actor, draft: &TokenDraft) -> Result<NewToken, ServiceError> {
        let (name, days) = check(draft).map_err(|violations| ServiceError::Invalid { violations })?;
        let mut unit = self.storage.begin().await.map_err(stored)?;
        if unit.count_tokens(actor.user).await.map_err(stored)? >= TOKENS_MAX {
            return Err(ServiceError::Conflict { conflict: Conflict::TooManyTokens { max: TOKENS_MAX } });
        }
        let created_at = unit.now();
        let (token, new) = new_token(actor.user, &name, end(created_at, days))?;
        let id = unit.create_token(&new).await.map_err(stored)?;
        let entry = AuditEntry::done(actor, "token.create", "token", id.to_string(), &name);
        unit.audit(&entry).await.map_err(stored)?;
        unit.commit().await.map_err(stored)?;
        let storage::NewToken { hash: _, user: _, name, prefix, expires_at } = new;
        let record = TokenRecord { id, name, prefix, created_at, expires_at, last_used_at: None };
        Ok(NewToken { token, row: row(record) })
    }

    async fn end(&self, actor: &Actor, id: TokenId) -> Result<(), ServiceError> {
        let mut unit = self.storage.begin().await.map_err(stored)?;
        let name = unit.delete_token(actor.user, id).await.map_err(stored)?;
        let name = name.ok_or(ServiceError::NotFound)?;
        let entry = AuditEntry::done(actor, "token.end", "token", id.to_string(), &name);
        unit.audit(&entry).await.map_err(stored)?;
        unit.commit().await.map_err(stored)
    }
}

fn check(draft: &TokenDraft) -> Result<(String, u32), Violations> {
    let mut violations = Violations::default();
    let name = violations.keep(Field::TokenName, check_name(draft.name.trim()));
    let days = violations.keep(Field::TokenDays, check_days(draft.days.trim()));
    match (name, days) {
        (Some(name), Some(days)) => Ok((name, days)),
        _ => Err(violations),
    }
}

fn check_name(name: &str) -> Result<String, Rule> {
    match name.chars().count() {
        0 => Err(Rule::Required),
        length if length > TOKEN_NAME_MAX => Err(Rule::TooLong { max: TOKEN_NAME_MAX }),
        _ if name.chars().any(char::is_control) => Err(Rule::ControlCharacter),
        _ => Ok(name.to_owned()),
    }
}

fn check_days(days: &str) -> Result<u32, Rule> {
    if days.is_empty() {
        return Ok(TOKEN_DAYS);
    }
    let days = days.parse().ok().filter(|days| (1..=TOKEN_DAYS_MAX).contains(days));
    days.ok_or(Rule::NumberRange { min: 1, max: TOKEN_DAYS_MAX })
}

fn row(record: TokenRecord) -> TokenRow {
    let TokenRecord { id, name, prefix, created_at, expires_at, last_used_at } = record;
    TokenRow {
        id,
        name,
        prefix,
        created_at: moment(created_at),
        expires_at: moment(expires_at),
        last_used_at: last_used_at.map(moment),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_lives_90_days_unless_another_number_up_to_a_year_is_asked_for() {
        let days = |days: &str| check(&TokenDraft { name: "ci".to_owned(), days: days.to_owned() });
        assert_eq!(days("").map(|(_, days)| days), Ok(90));
        assert_eq!(days(" 7 ").map(|(_, days)| days), Ok(7));
        for wrong in ["0", "367", "-1", "1.5", "a week"] {
            let violations = days(wrong).expect_err(wrong);
            let range = Rule::NumberRange { min: 1, max: 366 };
            assert_eq!(violations.of(Field::TokenDays).collect::<Vec<_>>(), [&range], "{wrong}");
        }
    }

    #[test]
    fn a_token_has_a_name_of_one_line() {
        for (name, rule) in [("", Rule::Required), ("a\nb", Rule::ControlCharacter)] {
            let violations = check(&TokenDraft { name: name.to_owned(), days: String::new() });
            let violations = violations.expect_err(name);
            assert_eq!(violations.of(Field::TokenName).collect::<Vec<_>>(), [&rule], "{name}");
        }
    }
}
