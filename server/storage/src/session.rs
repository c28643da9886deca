//! Sessions. Callers hash what they were given; the secrets are never stored.

use domain::clock::Timestamp;
use domain::id::{SessionId, UserId};

use crate::Storage;
use crate::column;
use crate::configuration::readable;
use crate::error::StorageError;
use crate::unit::UnitOfWork;

/// A last use is written when it is older than this, in milliseconds: a page is many requests.
pub(crate) const TOUCH_AFTER: i64 = 60_000;

/// How long the secret before is still good once somebody has come with the present one, in milliseconds: what was sent
/// before that is on its way.
const FORMER_MILLISECONDS: i64 = 5_000;

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
    /// From where, as far as it is known.
    pub address: Option<String>,
    /// The identity provider that opened it; none for a password.
    pub provider: Option<String>,
    /// What its owner may do, as the caller spells it: when that changes the session gets a new secret.
    pub rights: String,
}

/// A live session that was found by its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionUse {
    /// Whose.
    pub user: UserId,
    /// [`NewSession::rights`].
    pub rights: String,
    /// It was found by the secret before the present one.
    pub renewed: bool,
}

/// A session as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRecord {
    /// To end it.
    pub id: SessionId,
    /// It is the one whose hash was given.
    pub present: bool,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it was used last, to the minute.
    pub last_used_at: Timestamp,
    /// When it ends in any case.
    pub expires_at: Timestamp,
    /// What the browser called itself.
    pub user_agent: Option<String>,
    /// From where it was opened.
    pub address: Option<String>,
    /// The origin in whose frames it lives, if it does.
    pub parent: Option<String>,
}

impl Storage {
    /// Whose live session this is, found by its secret or for a moment by the one before. `idle_milliseconds` from
    /// now it ends for want of use.
    #[tracing::instrument(name = "db.session.use", skip_all, err(level = "debug"))]
    pub async fn use_session(
        &self,
        hash: &str,
        idle_milliseconds: i64,
    ) -> Result<Option<SessionUse>, StorageError> {
        let now = self.now();
        let row: Option<(String, i64, String, bool, Option<i64>)> = sqlx::query_as(
            "SELECT user_id, last_used_at, rights, hash <> $1, previous_until FROM sessions \
             WHERE (hash = $1 OR (previous_hash = $1 AND previous_until > $2)) AND parent IS NULL \
             AND expires_at > $2 AND idle_until > $2",
        )
        .bind(hash)
        .bind(now.0)
        .fetch_optional(self.database().read())
        .await?;
        let Some((user, last_used_at, rights, renewed, former_until)) = row else { return Ok(None) };
        if !renewed {
            self.end_former_secret(hash, former_until).await?;
        }
        if now.milliseconds_since(Timestamp(last_used_at)) >= TOUCH_AFTER {
            self.touch_session(hash, now.plus_milliseconds(idle_milliseconds)).await?;
        }
        let user = column::id("user_id", &user).map_err(|error| error.of("session of", &user))?;
        Ok(Some(SessionUse { user, rights, renewed }))
    }

    /// When a live session ends in any case; `None` when it is over.
    #[tracing::instrument(name = "db.session.end_of", skip_all, err(level = "debug"))]
    pub async fn session_until(&self, hash: &str) -> Result<Option<Timestamp>, StorageError> {
        let until: Option<i64> = sqlx::query_scalar(
            "SELECT expires_at FROM sessions WHERE (hash = $1 OR (previous_hash = $1 AND previous_until > $2)) \
             AND parent IS NULL AND expires_at > $2 AND idle_until > $2",
        )
        .bind(hash)
        .bind(self.now().0)
        .fetch_optional(self.database().read())
        .await?;
        Ok(until.map(Timestamp))
    }

    /// Whoever comes with the present secret has no need of the one before, which may be somebody else's by now.
    #[tracing::instrument(name = "db.session.end_former_secret", skip_all, err(level = "debug"))]
    pub(crate) async fn end_former_secret(
        &self,
        hash: &str,
        former_until: Option<i64>,
    ) -> Result<(), StorageError> {
        let until = self.now().plus_milliseconds(FORMER_MILLISECONDS).0;
        if former_until.is_none_or(|former| former <= until) {
            return Ok(());
        }
        sqlx::query("UPDATE sessions SET previous_until = $1 WHERE hash = $2 AND previous_until > $1")
            .bind(until)
            .bind(hash)
            .execute(self.database().write())
            .await?;
        Ok(())
    }

    #[tracing::instrument(name = "db.session.touch", skip_all, err(level = "debug"))]
    pub(crate) async fn touch_session(&self, hash: &str, idle_until: Timestamp) -> Result<(), StorageError> {
        sqlx::query("UPDATE sessions SET last_used_at = $1, idle_until = $2 WHERE hash = $3")
            .bind(self.now().0)
            .bind(idle_until.0)
            .bind(hash)
            .execute(self.database().write())
            .await?;
        Ok(())
    }

    /// A person's live sessions, the last used first; `hash` tells which is the present one.
    #[tracing::instrument(name = "db.session.list", skip_all, err(level = "debug"))]
    pub async fn sessions(&self, user: UserId, hash: &str) -> Result<Vec<SessionRecord>, StorageError> {
        let rows: Vec<SessionRow> = sqlx::query_as(
            "SELECT id, hash = $1 AS present, created_at, last_used_at, expires_at, user_agent, address, \
             parent FROM sessions WHERE user_id = $2 AND expires_at > $3 AND idle_until > $3 \
             ORDER BY last_used_at DESC, id",
        )
        .bind(hash)
        .bind(user.to_string())
        .bind(self.now().0)
        .fetch_all(self.database().read())
        .await?;
        Ok(readable(rows))
    }

    /// Forgets sessions, sign-ins on their way, tokens, links and throttles whose time is over. Called by timer.
    #[tracing::instrument(name = "db.session.purge", skip_all, err(level = "debug"))]
    pub async fn purge_sign_in(&self) -> Result<(), StorageError> {
        let mut unit = self.begin().await?;
        let now = unit.now().0;
        for statement in [
            "DELETE FROM sessions WHERE expires_at <= $1 OR idle_until <= $1",
            "DELETE FROM api_tokens WHERE expires_at <= $1",
            "DELETE FROM embed_codes WHERE expires_at <= $1",
            "DELETE FROM one_time_links WHERE expires_at <= $1",
            "DELETE FROM pending_sign_ins WHERE expires_at <= $1",
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
        let (id, now) = (SessionId(self.new_uuid()?), self.now().0);
        let NewSession { hash, user, idle_until, expires_at, user_agent, address, provider, rights } =
            session;
        sqlx::query(
            "INSERT INTO sessions (hash, id, user_id, created_at, last_used_at, idle_until, expires_at, user_agent, \
             address, provider, rights) VALUES ($1, $2, $3, $4, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(hash)
        .bind(id.to_string())
        .bind(user.to_string())
        .bind(now)
        .bind(idle_until.0)
        .bind(expires_at.0)
        .bind(user_agent)
        .bind(address)
        .bind(provider)
        .bind(rights)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Gives a session another secret because rights changed; the one before is good until `previous_until` at most, and no
    /// longer than a moment after somebody has come with the new one. Returns when
    /// the session ends in any case; `None` when another request did so already, or it is gone.
    #[tracing::instrument(name = "db.session.renew", skip_all, err(level = "debug"))]
    pub async fn renew_session(
        &mut self,
        hash: &str,
        new_hash: &str,
        rights: &str,
        previous_until: Timestamp,
    ) -> Result<Option<Timestamp>, StorageError> {
        let expires_at: Option<i64> = sqlx::query_scalar(
            "UPDATE sessions SET hash = $1, rights = $2, previous_hash = $3, previous_until = $4 WHERE hash = $3 \
             RETURNING expires_at",
        )
        .bind(new_hash)
        .bind(rights)
        .bind(hash)
        .bind(previous_until.0)
        .fetch_optional(self.connection())
        .await?;
        Ok(expires_at.map(Timestamp))
    }

    /// Ends a session, and gives the identity provider that had opened it.
    #[tracing::instrument(name = "db.session.delete", skip_all, err(level = "debug"))]
    pub async fn delete_session(&mut self, hash: &str) -> Result<Option<String>, StorageError> {
        let provider: Option<Option<String>> = sqlx::query_scalar(
            "DELETE FROM sessions WHERE hash = $1 OR previous_hash = $1 RETURNING provider",
        )
        .bind(hash)
        .fetch_optional(self.connection())
        .await?;
        Ok(provider.flatten())
    }

    /// Ends the session that a browser has in its own pages, and gives whose it was; `None` when it is over already.
    #[tracing::instrument(name = "db.session.end_former", skip_all, err(level = "debug"))]
    pub async fn end_former_session(&mut self, hash: &str) -> Result<Option<UserId>, StorageError> {
        let user: Option<String> = sqlx::query_scalar(
            "DELETE FROM sessions WHERE (hash = $1 OR previous_hash = $1) AND parent IS NULL RETURNING user_id",
        )
        .bind(hash)
        .fetch_optional(self.connection())
        .await?;
        let id = |user: String| column::id("user_id", &user).map_err(|error| error.of("session of", &user));
        user.map(id).transpose()
    }

    /// Ends one of a user's sessions. `false` when it is gone, or somebody else's.
    #[tracing::instrument(name = "db.session.end", skip_all, err(level = "debug"))]
    pub async fn end_session(&mut self, user: UserId, id: SessionId) -> Result<bool, StorageError> {
        let deleted = sqlx::query("DELETE FROM sessions WHERE id = $1 AND user_id = $2")
            .bind(id.to_string())
            .bind(user.to_string())
            .execute(self.connection())
            .await?;
        Ok(deleted.rows_affected() > 0)
    }
}

#[derive(sqlx::FromRow)]
struct SessionRow {
    id: String,
    present: bool,
    created_at: i64,
    last_used_at: i64,
    expires_at: i64,
    user_agent: Option<String>,
    address: Option<String>,
    parent: Option<String>,
}

impl TryFrom<SessionRow> for SessionRecord {
    type Error = StorageError;

    fn try_from(row: SessionRow) -> Result<Self, StorageError> {
        let SessionRow { id, present, created_at, last_used_at, expires_at, user_agent, address, parent } =
            row;
        Ok(Self {
            id: column::id("id", &id).map_err(|error| error.of("session", &id))?,
            present,
            created_at: Timestamp(created_at),
            last_used_at: Timestamp(last_used_at),
            expires_at: Timestamp(expires_at),
            user_agent,
            address,
            parent,
        })
    }
}
