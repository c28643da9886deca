//! Origins that may show the portal in a frame, one-time codes for such frames, and the sessions inside them. Callers hash
//! what they were given; the secrets are never stored.

use domain::clock::Timestamp;
use domain::embed::{EmbedLimit, ParentOrigin};
use domain::id::{SubscriptionId, UserId};

use crate::Storage;
use crate::column::{self, ColumnError};
use crate::configuration::count;
use crate::error::StorageError;
use crate::session::TOUCH_AFTER;
use crate::unit::UnitOfWork;

/// An origin that a subscription's owners allow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmbedParentRecord {
    /// As browsers write it.
    pub origin: ParentOrigin,
    /// Since when.
    pub created_at: Timestamp,
    /// Name of who allowed it.
    pub created_by: String,
}

/// A code to be made, or one that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmbedCodeRecord {
    /// In whose name.
    pub user: UserId,
    /// In whose frames.
    pub parent: ParentOrigin,
    /// Hash of what the frame keeps for itself; none for a code of a dashboard's server.
    pub challenge: Option<String>,
    /// At most that.
    pub limit: EmbedLimit,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When the session ends in which a person granted it; none for a code of a dashboard's server.
    pub session_until: Option<Timestamp>,
}

/// A live session in a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmbedSessionUse {
    /// Whose.
    pub user: UserId,
    /// In whose frames.
    pub parent: ParentOrigin,
    /// At most that.
    pub limit: EmbedLimit,
    /// [`crate::NewSession::rights`].
    pub rights: String,
    /// It was found by the secret before the present one.
    pub renewed: bool,
}

impl Storage {
    /// The origins that a subscription's owners allow, by name.
    #[tracing::instrument(name = "db.embed.parents", skip_all, err(level = "debug"))]
    pub async fn embed_parents(&self, id: SubscriptionId) -> Result<Vec<EmbedParentRecord>, StorageError> {
        let rows: Vec<(String, i64, String)> = sqlx::query_as(
            "SELECT origin, created_at, created_by FROM embed_parents WHERE subscription_id = $1 ORDER BY origin",
        )
        .bind(id.to_string())
        .fetch_all(self.database().read())
        .await?;
        let record = |(origin, created_at, created_by): (String, i64, String)| {
            let origin = parent(&origin).map_err(|error| error.of("parent of", &id.to_string()))?;
            Ok(EmbedParentRecord { origin, created_at: Timestamp(created_at), created_by })
        };
        rows.into_iter().map(record).collect()
    }

    /// The subscriptions whose owners allow an origin.
    #[tracing::instrument(name = "db.embed.allowed", skip_all, err(level = "debug"))]
    pub async fn embed_allowed(&self, origin: &ParentOrigin) -> Result<Vec<SubscriptionId>, StorageError> {
        let ids: Vec<String> = sqlx::query_scalar(
            "SELECT subscription_id FROM embed_parents WHERE origin = $1 ORDER BY subscription_id",
        )
        .bind(origin.as_str())
        .fetch_all(self.database().read())
        .await?;
        let id = |id: &String| {
            column::id("subscription_id", id).map_err(|error| error.of("parent", origin.as_str()))
        };
        ids.iter().map(id).collect()
    }

    /// Whose live session in a frame this is, found by its secret or for a moment by the one before. `idle_milliseconds`
    /// from now it ends for want of use. A limit that cannot be read is an error: nobody gets more than was meant.
    #[tracing::instrument(name = "db.embed.use_session", skip_all, err(level = "debug"))]
    pub async fn use_embed_session(
        &self,
        hash: &str,
        idle_milliseconds: i64,
    ) -> Result<Option<EmbedSessionUse>, StorageError> {
        let now = self.now();
        let row: Option<SessionRow> = sqlx::query_as(
            "SELECT user_id, last_used_at, parent, role, subscription_id, resource_group_id, cluster_id, rights, \
             hash <> $1 AS renewed, previous_until FROM sessions WHERE (hash = $1 OR (previous_hash = $1 AND previous_until > $2)) \
             AND parent IS NOT NULL AND expires_at > $2 AND idle_until > $2",
        )
        .bind(hash)
        .bind(now.0)
        .fetch_optional(self.database().read())
        .await?;
        let Some(row) = row else { return Ok(None) };
        if !row.renewed {
            self.end_former_secret(hash, row.previous_until).await?;
        }
        if now.milliseconds_since(Timestamp(row.last_used_at)) >= TOUCH_AFTER {
            self.touch_session(hash, now.plus_milliseconds(idle_milliseconds)).await?;
        }
        row.read().map(Some).map_err(|error| error.of("session of", &row.user_id))
    }
}

impl UnitOfWork {
    /// Allows an origin; `false` when it was allowed already.
    #[tracing::instrument(name = "db.embed.allow", skip_all, err(level = "debug"))]
    pub async fn allow_parent(
        &mut self,
        id: SubscriptionId,
        origin: &ParentOrigin,
        by: &str,
    ) -> Result<bool, StorageError> {
        let now = self.now().0;
        let made = sqlx::query(
            "INSERT INTO embed_parents (subscription_id, origin, created_at, created_by) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (subscription_id, origin) DO NOTHING",
        )
        .bind(id.to_string())
        .bind(origin.as_str())
        .bind(now)
        .bind(by)
        .execute(self.connection())
        .await?;
        Ok(made.rows_affected() > 0)
    }

    /// How many origins are allowed.
    #[tracing::instrument(name = "db.embed.count_parents", skip_all, err(level = "debug"))]
    pub async fn count_parents(&mut self, id: SubscriptionId) -> Result<u32, StorageError> {
        let number: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM embed_parents WHERE subscription_id = $1")
            .bind(id.to_string())
            .fetch_one(self.connection())
            .await?;
        Ok(count(number))
    }

    /// Takes an origin back; `false` when it was not allowed.
    #[tracing::instrument(name = "db.embed.disallow", skip_all, err(level = "debug"))]
    pub async fn disallow_parent(
        &mut self,
        id: SubscriptionId,
        origin: &ParentOrigin,
    ) -> Result<bool, StorageError> {
        let gone = sqlx::query("DELETE FROM embed_parents WHERE subscription_id = $1 AND origin = $2")
            .bind(id.to_string())
            .bind(origin.as_str())
            .execute(self.connection())
            .await?;
        Ok(gone.rows_affected() > 0)
    }

    /// Makes a code.
    #[tracing::instrument(name = "db.embed.create_code", skip_all, err(level = "debug"))]
    pub async fn create_embed_code(
        &mut self,
        hash: &str,
        code: &EmbedCodeRecord,
    ) -> Result<(), StorageError> {
        let now = self.now().0;
        let EmbedCodeRecord { user, parent, challenge, limit, expires_at, session_until } = code;
        let (subscription, group, cluster) = column::optional_place_columns(limit.place.as_ref());
        sqlx::query(
            "INSERT INTO embed_codes (hash, user_id, parent, challenge, role, subscription_id, resource_group_id, \
             cluster_id, created_at, expires_at, session_until) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(hash)
        .bind(user.to_string())
        .bind(parent.as_str())
        .bind(challenge)
        .bind(limit.role.as_str())
        .bind(subscription)
        .bind(group)
        .bind(cluster)
        .bind(now)
        .bind(expires_at.0)
        .bind(session_until.map(|until| until.0))
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// How many codes of a user are good for something.
    #[tracing::instrument(name = "db.embed.count_codes", skip_all, err(level = "debug"))]
    pub async fn count_embed_codes(&mut self, user: UserId) -> Result<u32, StorageError> {
        let now = self.now().0;
        let number: i64 =
            sqlx::query_scalar("SELECT COUNT(*) FROM embed_codes WHERE user_id = $1 AND expires_at > $2")
                .bind(user.to_string())
                .bind(now)
                .fetch_one(self.connection())
                .await?;
        Ok(count(number))
    }

    /// Takes a code, whatever becomes of it: it is good once. Its end is for the caller to look at.
    #[tracing::instrument(name = "db.embed.take_code", skip_all, err(level = "debug"))]
    pub async fn take_embed_code(&mut self, hash: &str) -> Result<Option<EmbedCodeRecord>, StorageError> {
        let row: Option<CodeRow> = sqlx::query_as(
            "DELETE FROM embed_codes WHERE hash = $1 RETURNING user_id, parent, challenge, role, subscription_id, \
             resource_group_id, cluster_id, expires_at, session_until",
        )
        .bind(hash)
        .fetch_optional(self.connection())
        .await?;
        row.map(|row| row.read().map_err(|error| error.of("code of", &row.user_id))).transpose()
    }

    /// Binds a session that was just opened to the frames of a parent.
    #[tracing::instrument(name = "db.embed.bind_session", skip_all, err(level = "debug"))]
    pub async fn bind_session(
        &mut self,
        hash: &str,
        parent: &ParentOrigin,
        limit: &EmbedLimit,
    ) -> Result<(), StorageError> {
        let (subscription, group, cluster) = column::optional_place_columns(limit.place.as_ref());
        sqlx::query(
            "UPDATE sessions SET parent = $1, role = $2, subscription_id = $3, resource_group_id = $4, cluster_id = $5 \
             WHERE hash = $6",
        )
        .bind(parent.as_str())
        .bind(limit.role.as_str())
        .bind(subscription)
        .bind(group)
        .bind(cluster)
        .bind(hash)
        .execute(self.connection())
        .await?;
        Ok(())
    }
}

fn parent(text: &str) -> Result<ParentOrigin, ColumnError> {
    ParentOrigin::parse(text).map_err(|_| ColumnError::new("parent", "is no origin"))
}

#[derive(sqlx::FromRow)]
struct LimitRow {
    role: String,
    subscription_id: Option<String>,
    resource_group_id: Option<String>,
    cluster_id: Option<String>,
}

impl LimitRow {
    fn read(&self) -> Result<EmbedLimit, ColumnError> {
        let place = match self.subscription_id.as_deref() {
            Some(subscription) => Some(column::place(
                subscription,
                self.resource_group_id.as_deref(),
                self.cluster_id.as_deref(),
            )?),
            None => None,
        };
        Ok(EmbedLimit { role: column::word("role", &self.role)?, place })
    }
}

#[derive(sqlx::FromRow)]
struct CodeRow {
    user_id: String,
    parent: String,
    challenge: Option<String>,
    expires_at: i64,
    session_until: Option<i64>,
    #[sqlx(flatten)]
    limit: LimitRow,
}

impl CodeRow {
    fn read(&self) -> Result<EmbedCodeRecord, ColumnError> {
        Ok(EmbedCodeRecord {
            user: column::id("user_id", &self.user_id)?,
            parent: parent(&self.parent)?,
            challenge: self.challenge.clone(),
            limit: self.limit.read()?,
            expires_at: Timestamp(self.expires_at),
            session_until: self.session_until.map(Timestamp),
        })
    }
}

#[derive(sqlx::FromRow)]
struct SessionRow {
    user_id: String,
    last_used_at: i64,
    parent: String,
    rights: String,
    renewed: bool,
    previous_until: Option<i64>,
    #[sqlx(flatten)]
    limit: LimitRow,
}

impl SessionRow {
    fn read(&self) -> Result<EmbedSessionUse, ColumnError> {
        Ok(EmbedSessionUse {
            user: column::id("user_id", &self.user_id)?,
            parent: parent(&self.parent)?,
            limit: self.limit.read()?,
            rights: self.rights.clone(),
            renewed: self.renewed,
        })
    }
}
