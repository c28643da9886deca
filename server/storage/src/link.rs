//! One-time links. Callers hash what they were given; the secrets are never stored.

use domain::clock::Timestamp;
use domain::id::UserId;

use crate::Storage;
use crate::column;
use crate::error::StorageError;
use crate::unit::UnitOfWork;

/// What a one-time link is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkPurpose {
    /// Setting the password.
    SetPassword,
}

impl LinkPurpose {
    fn as_str(self) -> &'static str {
        match self {
            Self::SetPassword => "SetPassword",
        }
    }
}

impl Storage {
    /// Whose unused link this is.
    #[tracing::instrument(name = "db.link.get", skip_all, err(level = "debug"))]
    pub async fn link_user(&self, hash: &str, purpose: LinkPurpose) -> Result<Option<UserId>, StorageError> {
        let user: Option<String> = sqlx::query_scalar(
            "SELECT user_id FROM one_time_links \
             WHERE hash = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > $3",
        )
        .bind(hash)
        .bind(purpose.as_str())
        .bind(self.now().0)
        .fetch_optional(self.database().read())
        .await?;
        user.map(|user| column::id("user_id", &user).map_err(|error| error.of("link of", &user))).transpose()
    }
}

impl UnitOfWork {
    /// Makes a one-time link; earlier unused ones of the user for the same purpose end.
    #[tracing::instrument(name = "db.link.create", skip_all, err(level = "debug"))]
    pub async fn create_link(
        &mut self,
        hash: &str,
        user: UserId,
        purpose: LinkPurpose,
        expires_at: Timestamp,
    ) -> Result<(), StorageError> {
        let now = self.now().0;
        sqlx::query("DELETE FROM one_time_links WHERE user_id = $1 AND purpose = $2 AND used_at IS NULL")
            .bind(user.to_string())
            .bind(purpose.as_str())
            .execute(self.connection())
            .await?;
        sqlx::query(
            "INSERT INTO one_time_links (hash, user_id, purpose, created_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(hash)
        .bind(user.to_string())
        .bind(purpose.as_str())
        .bind(now)
        .bind(expires_at.0)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Uses a link up. `None` when it was used already, is too old or for something else.
    #[tracing::instrument(name = "db.link.use", skip_all, err(level = "debug"))]
    pub async fn use_link(
        &mut self,
        hash: &str,
        purpose: LinkPurpose,
    ) -> Result<Option<UserId>, StorageError> {
        let now = self.now().0;
        let user: Option<String> = sqlx::query_scalar(
            "UPDATE one_time_links SET used_at = $1 \
             WHERE hash = $2 AND purpose = $3 AND used_at IS NULL AND expires_at > $1 RETURNING user_id",
        )
        .bind(now)
        .bind(hash)
        .bind(purpose.as_str())
        .fetch_optional(self.connection())
        .await?;
        user.map(|user| column::id("user_id", &user).map_err(|error| error.of("link of", &user))).transpose()
    }
}
