//! The bearer tokens of people and service accounts. Callers hash what they were given; the tokens are never stored.

use domain::access::Grant;
use domain::clock::Timestamp;
use domain::id::{TokenId, UserId};

use crate::Storage;
use crate::column::{self, ColumnError};
use crate::configuration::{count, readable};
use crate::error::StorageError;
use crate::session::TOUCH_AFTER;
use crate::unit::UnitOfWork;

/// A token to be made.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// Hash of it.
    pub hash: String,
    /// Whose.
    pub user: UserId,
    /// To tell it from others.
    pub name: String,
    /// Its first characters, to recognise it.
    pub prefix: String,
    /// When it ends.
    pub expires_at: Timestamp,
    /// What it narrows its owner's rights to.
    pub limit: Option<Grant>,
}

/// Whose a token is, and what it is narrowed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenUse {
    /// Whose.
    pub user: UserId,
    /// Its name.
    pub name: String,
    /// Its first characters.
    pub prefix: String,
    /// At most that.
    pub limit: Option<Grant>,
}

/// A token without what opens anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRecord {
    /// To end it.
    pub id: TokenId,
    /// What it is for.
    pub name: String,
    /// Its first characters.
    pub prefix: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it was used last, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// What it narrows its owner's rights to.
    pub limit: Option<Grant>,
}

impl Storage {
    /// Whose live token this is, and what it is narrowed to; notes its use. A limit that cannot be read is an error:
    /// nobody gets more than was meant.
    #[tracing::instrument(name = "db.token.use", skip_all, err(level = "debug"))]
    pub async fn use_token(&self, hash: &str) -> Result<Option<TokenUse>, StorageError> {
        let now = self.now();
        let row: Option<UseRow> = sqlx::query_as(
            "SELECT user_id, name, prefix, last_used_at, role, subscription_id, resource_group_id, cluster_id \
             FROM api_tokens WHERE hash = $1 AND expires_at > $2",
        )
        .bind(hash)
        .bind(now.0)
        .fetch_optional(self.database().read())
        .await?;
        let Some(row) = row else { return Ok(None) };
        if row.last_used_at.is_none_or(|moment| now.milliseconds_since(Timestamp(moment)) >= TOUCH_AFTER) {
            self.touch_token(hash).await?;
        }
        row.read().map(Some).map_err(|error| error.of("token of", &row.user_id))
    }

    #[tracing::instrument(name = "db.token.touch", skip_all, err(level = "debug"))]
    async fn touch_token(&self, hash: &str) -> Result<(), StorageError> {
        sqlx::query("UPDATE api_tokens SET last_used_at = $1 WHERE hash = $2")
            .bind(self.now().0)
            .bind(hash)
            .execute(self.database().write())
            .await?;
        Ok(())
    }

    /// A person's live tokens, newest first.
    #[tracing::instrument(name = "db.token.list", skip_all, err(level = "debug"))]
    pub async fn tokens(&self, user: UserId) -> Result<Vec<TokenRecord>, StorageError> {
        let rows: Vec<TokenRow> = sqlx::query_as(
            "SELECT id, name, prefix, created_at, expires_at, last_used_at, role, subscription_id, resource_group_id, \
             cluster_id FROM api_tokens \
             WHERE user_id = $1 AND expires_at > $2 ORDER BY created_at DESC, id DESC",
        )
        .bind(user.to_string())
        .bind(self.now().0)
        .fetch_all(self.database().read())
        .await?;
        Ok(readable(rows))
    }
}

impl UnitOfWork {
    /// Makes a token.
    #[tracing::instrument(name = "db.token.create", skip_all, err(level = "debug"))]
    pub async fn create_token(&mut self, token: &NewToken) -> Result<TokenId, StorageError> {
        let (id, now) = (TokenId(self.new_uuid()?), self.now().0);
        let NewToken { hash, user, name, prefix, expires_at, limit } = token;
        let (subscription, group, cluster) =
            column::optional_place_columns(limit.as_ref().map(|limit| &limit.place));
        sqlx::query(
            "INSERT INTO api_tokens (hash, id, user_id, name, prefix, created_at, expires_at, role, \
             subscription_id, resource_group_id, cluster_id) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(hash)
        .bind(id.to_string())
        .bind(user.to_string())
        .bind(name)
        .bind(prefix)
        .bind(now)
        .bind(expires_at.0)
        .bind(limit.as_ref().map(|limit| limit.role.as_str()))
        .bind(subscription)
        .bind(group)
        .bind(cluster)
        .execute(self.connection())
        .await?;
        Ok(id)
    }

    /// How many live tokens a person has.
    #[tracing::instrument(name = "db.token.count", skip_all, err(level = "debug"))]
    pub async fn count_tokens(&mut self, user: UserId) -> Result<u32, StorageError> {
        let now = self.now().0;
        let number: i64 =
            sqlx::query_scalar("SELECT COUNT(*) FROM api_tokens WHERE user_id = $1 AND expires_at > $2")
                .bind(user.to_string())
                .bind(now)
                .fetch_one(self.connection())
                .await?;
        Ok(count(number))
    }

    /// Ends a token of this person and gives its name; `None` when there is none of the person's.
    #[tracing::instrument(name = "db.token.delete", skip_all, err(level = "debug"))]
    pub async fn delete_token(&mut self, user: UserId, id: TokenId) -> Result<Option<String>, StorageError> {
        Ok(sqlx::query_scalar("DELETE FROM api_tokens WHERE id = $1 AND user_id = $2 RETURNING name")
            .bind(id.to_string())
            .bind(user.to_string())
            .fetch_optional(self.connection())
            .await?)
    }
}

#[derive(sqlx::FromRow)]
struct UseRow {
    user_id: String,
    name: String,
    prefix: String,
    last_used_at: Option<i64>,
    #[sqlx(flatten)]
    limit: LimitRow,
}

impl UseRow {
    fn read(&self) -> Result<TokenUse, ColumnError> {
        Ok(TokenUse {
            user: column::id("user_id", &self.user_id)?,
            name: self.name.clone(),
            prefix: self.prefix.clone(),
            limit: self.limit.read()?,
        })
    }
}

#[derive(sqlx::FromRow)]
struct LimitRow {
    role: Option<String>,
    subscription_id: Option<String>,
    resource_group_id: Option<String>,
    cluster_id: Option<String>,
}

impl LimitRow {
    fn read(&self) -> Result<Option<Grant>, ColumnError> {
        let Some(role) = column::optional_word("role", self.role.as_deref())? else { return Ok(None) };
        let subscription = self.subscription_id.as_deref().unwrap_or_default();
        let place =
            column::place(subscription, self.resource_group_id.as_deref(), self.cluster_id.as_deref())?;
        Ok(Some(Grant { role, place }))
    }
}

#[derive(sqlx::FromRow)]
struct TokenRow {
    id: String,
    name: String,
    prefix: String,
    created_at: i64,
    expires_at: i64,
    last_used_at: Option<i64>,
    #[sqlx(flatten)]
    limit: LimitRow,
}

impl TryFrom<TokenRow> for TokenRecord {
    type Error = StorageError;

    fn try_from(row: TokenRow) -> Result<Self, StorageError> {
        let unreadable = |error: ColumnError| error.of("token", &row.id);
        Ok(Self {
            id: column::id("id", &row.id).map_err(unreadable)?,
            limit: row.limit.read().map_err(unreadable)?,
            name: row.name,
            prefix: row.prefix,
            created_at: Timestamp(row.created_at),
            expires_at: Timestamp(row.expires_at),
            last_used_at: row.last_used_at.map(Timestamp),
        })
    }
}
