//! Sessions, API tokens and one-time links. Callers hash what they were given; the secrets are never stored.

use domain::clock::Timestamp;
use domain::id::{TokenId, UserId};

use crate::Storage;
use crate::column;
use crate::error::StorageError;
use crate::unit::UnitOfWork;

/// A session's last use is written when it is older than this, in milliseconds: a page is many requests.
const TOUCH_AFTER: i64 = 60_000;

/// A session to be opened.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// Hash of its secret.
    pub hash: String,
    /// Whose.
    pub user: UserId,
    /// When it ends for want of use.
    pub idle_until: Timestamp,
    /// When it ends in any case.
    pub expires_at: Timestamp,
    /// What the browser called itself, bounded by the caller.
    pub user_agent: Option<String>,
}

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
}

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
    /// Whose live session this is. `idle_milliseconds` from now it ends for want of use.
    #[tracing::instrument(name = "db.session.use", skip_all, err(level = "debug"))]
    pub async fn use_session(
        &self,
        hash: &str,
        idle_milliseconds: i64,
    ) -> Result<Option<UserId>, StorageError> {
        let now = self.now();
        let row: Option<(String, i64)> = sqlx::query_as(
            "SELECT user_id, last_used_at FROM sessions \
             WHERE hash = $1 AND expires_at > $2 AND idle_until > $2",
        )
        .bind(hash)
        .bind(now.0)
        .fetch_optional(self.database().read())
        .await?;
        let Some((user, last_used_at)) = row else { return Ok(None) };
        if now.milliseconds_since(Timestamp(last_used_at)) >= TOUCH_AFTER {
            self.touch_session(hash, now.plus_milliseconds(idle_milliseconds)).await?;
        }
        Ok(Some(column::id("user_id", &user).map_err(|error| error.of("session of", &user))?))
    }

    #[tracing::instrument(name = "db.session.touch", skip_all, err(level = "debug"))]
    async fn touch_session(&self, hash: &str, idle_until: Timestamp) -> Result<(), StorageError> {
        sqlx::query("UPDATE sessions SET last_used_at = $1, idle_until = $2 WHERE hash = $3")
            .bind(self.now().0)
            .bind(idle_until.0)
            .bind(hash)
            .execute(self.database().write())
            .await?;
        Ok(())
    }

    /// Ends a session.
    #[tracing::instrument(name = "db.session.delete", skip_all, err(level = "debug"))]
    pub async fn delete_session(&self, hash: &str) -> Result<(), StorageError> {
        sqlx::query("DELETE FROM sessions WHERE hash = $1")
            .bind(hash)
            .execute(self.database().write())
            .await?;
        Ok(())
    }

    /// Whose live token this is; notes its use.
    #[tracing::instrument(name = "db.token.use", skip_all, err(level = "debug"))]
    pub async fn use_token(&self, hash: &str) -> Result<Option<UserId>, StorageError> {
        let now = self.now();
        let row: Option<(String, Option<i64>)> = sqlx::query_as(
            "SELECT user_id, last_used_at FROM api_tokens WHERE hash = $1 AND expires_at > $2",
        )
        .bind(hash)
        .bind(now.0)
        .fetch_optional(self.database().read())
        .await?;
        let Some((user, last_used_at)) = row else { return Ok(None) };
        if last_used_at.is_none_or(|moment| now.milliseconds_since(Timestamp(moment)) >= TOUCH_AFTER) {
            self.touch_token(hash).await?;
        }
        Ok(Some(column::id("user_id", &user).map_err(|error| error.of("token of", &user))?))
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

    /// Forgets sessions, tokens, links and throttles whose time is over. Called by timer.
    #[tracing::instrument(name = "db.session.purge", skip_all, err(level = "debug"))]
    pub async fn purge_sign_in(&self) -> Result<(), StorageError> {
        let mut unit = self.begin().await?;
        let now = unit.now().0;
        for statement in [
            "DELETE FROM sessions WHERE expires_at <= $1 OR idle_until <= $1",
            "DELETE FROM api_tokens WHERE expires_at <= $1",
            "DELETE FROM one_time_links WHERE expires_at <= $1",
            "DELETE FROM sign_in_throttle WHERE updated_at <= $1 - 86400000",
        ] {
            sqlx::query(statement).bind(now).execute(unit.connection()).await?;
        }
        unit.commit().await
    }
}

impl UnitOfWork {
    /// Opens a session.
    #[tracing::instrument(name = "db.session.create", skip_all, err(level = "debug"))]
    pub async fn create_session(&mut self, session: &NewSession) -> Result<(), StorageError> {
        let now = self.now().0;
        let NewSession { hash, user, idle_until, expires_at, user_agent } = session;
        sqlx::query(
            "INSERT INTO sessions (hash, user_id, created_at, last_used_at, idle_until, expires_at, user_agent) \
             VALUES ($1, $2, $3, $3, $4, $5, $6)",
        )
        .bind(hash)
        .bind(user.to_string())
        .bind(now)
        .bind(idle_until.0)
        .bind(expires_at.0)
        .bind(user_agent)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Makes a token.
    #[tracing::instrument(name = "db.token.create", skip_all, err(level = "debug"))]
    pub async fn create_token(&mut self, token: &NewToken) -> Result<TokenId, StorageError> {
        let (id, now) = (TokenId(self.new_uuid()?), self.now().0);
        let NewToken { hash, user, name, prefix, expires_at } = token;
        sqlx::query(
            "INSERT INTO api_tokens (hash, id, user_id, name, prefix, created_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(hash)
        .bind(id.to_string())
        .bind(user.to_string())
        .bind(name)
        .bind(prefix)
        .bind(now)
        .bind(expires_at.0)
        .execute(self.connection())
        .await?;
        Ok(id)
    }

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
