//! The bearer tokens of a person, as the person sees them.

use domain::clock::Timestamp;
use domain::id::{TokenId, UserId};

use crate::Storage;
use crate::column;
use crate::configuration::{count, readable};
use crate::error::StorageError;
use crate::unit::UnitOfWork;

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
}

impl Storage {
    /// A person's live tokens, newest first.
    #[tracing::instrument(name = "db.token.list", skip_all, err(level = "debug"))]
    pub async fn tokens(&self, user: UserId) -> Result<Vec<TokenRecord>, StorageError> {
        let rows: Vec<TokenRow> = sqlx::query_as(
            "SELECT id, name, prefix, created_at, expires_at, last_used_at FROM api_tokens \
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
struct TokenRow {
    id: String,
    name: String,
    prefix: String,
    created_at: i64,
    expires_at: i64,
    last_used_at: Option<i64>,
}

impl TryFrom<TokenRow> for TokenRecord {
    type Error = StorageError;

    fn try_from(row: TokenRow) -> Result<Self, StorageError> {
        Ok(Self {
            id: column::id("id", &row.id).map_err(|error| error.of("token", &row.id))?,
            name: row.name,
            prefix: row.prefix,
            created_at: Timestamp(row.created_at),
            expires_at: Timestamp(row.expires_at),
            last_used_at: row.last_used_at.map(Timestamp),
        })
    }
}
