//! Helm releases: a row for each `HelmRelease` object that a sync applied, which is its own queue entry and lease.

mod follow;
mod queue;
mod record;

pub use follow::FollowedReleases;
pub use queue::{DueReleases, ReleaseLease, ReleaseWork, ReleasedObjects};
pub use record::ReleaseRecord;

use domain::clock::Timestamp;
use domain::id::ConfigurationId;
use domain::release::{ReleaseKey, ReleaseState, ReleaseWish};
use domain::status::Compliance;

use sqlx::Database;
use sqlx::query::Query;

use crate::Storage;
use crate::column::{self, ColumnError, to_json};
use crate::database::Driver;
use crate::error::StorageError;

/// A release as pages show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredReleaseRow {
    /// Which.
    pub key: ReleaseKey,
    /// Its object is still applied by the configuration.
    pub wanted: bool,
    /// When it is looked at next; `None` while the Helm operator is switched off.
    pub next_due_at: Option<Timestamp>,
    /// The phase of what is being done, or was done last.
    pub phase: String,
    /// Somebody works on it now.
    pub is_held: bool,
    /// What a person asked for and nobody has taken up yet.
    pub wish: Option<ReleaseWish>,
    /// After the last look.
    pub state: ReleaseState,
    /// Grows with every change.
    pub version: i64,
}

/// As selected.
type Row = (String, String, bool, Option<i64>, String, i64, Option<String>, String, i64);

/// All columns but the notes, of a configuration's releases in their order.
const LIST: &str = "SELECT namespace, name, wanted, next_due_at, phase, held_until, wish, state, version FROM releases \
    WHERE configuration_id = $1 ORDER BY namespace, name LIMIT $2";
const ONE: &str = "SELECT namespace, name, wanted, next_due_at, phase, held_until, wish, state, version FROM releases \
    WHERE configuration_id = $1 AND namespace = $2 AND name = $3";
const NOTES: &str = "SELECT notes FROM releases WHERE configuration_id = $1 AND namespace = $2 AND name = $3";

fn read(row: Row, now: Timestamp) -> Result<StoredReleaseRow, ColumnError> {
    let (namespace, name, wanted, next_due_at, phase, held_until, wish, state, version) = row;
    Ok(StoredReleaseRow {
        key: ReleaseKey { namespace, name },
        wanted,
        next_due_at: next_due_at.map(Timestamp),
        phase,
        is_held: held_until > now.0,
        wish: wish.as_deref().map(|wish| column::json("wish", wish)).transpose()?,
        state: column::json("state", &state)?,
        version,
    })
}

impl Storage {
    /// The releases of a configuration, by namespace and name; at most `limit`.
    #[tracing::instrument(name = "db.release.list", skip_all, err(level = "debug"))]
    pub async fn releases(
        &self,
        configuration: ConfigurationId,
        limit: u32,
    ) -> Result<Vec<StoredReleaseRow>, StorageError> {
        let rows: Vec<Row> = sqlx::query_as(LIST)
            .bind(configuration.to_string())
            .bind(i64::from(limit))
            .fetch_all(self.database().read())
            .await?;
        let unreadable =
            |error: ColumnError| error.of("release of configuration", &configuration.to_string());
        rows.into_iter().map(|row| read(row, self.now()).map_err(unreadable)).collect()
    }

    /// One release, and what its chart tells whoever installs it.
    #[tracing::instrument(name = "db.release.get", skip_all, err(level = "debug"))]
    pub async fn release(
        &self,
        configuration: ConfigurationId,
        key: &ReleaseKey,
    ) -> Result<Option<(StoredReleaseRow, String)>, StorageError> {
        let row: Option<Row> = sqlx::query_as(ONE)
            .bind(configuration.to_string())
            .bind(&key.namespace)
            .bind(&key.name)
            .fetch_optional(self.database().read())
            .await?;
        let Some(row) = row else { return Ok(None) };
        let notes: String = sqlx::query_scalar(NOTES)
            .bind(configuration.to_string())
            .bind(&key.namespace)
            .bind(&key.name)
            .fetch_one(self.database().read())
            .await?;
        let unreadable =
            |error: ColumnError| error.of("release of configuration", &configuration.to_string());
        Ok(Some((read(row, self.now()).map_err(unreadable)?, notes)))
    }

    /// A person's wish for a release: it is due at once. `false` when there is no such release, or the Helm operator is
    /// switched off.
    #[tracing::instrument(name = "db.release.wish", skip_all, err(level = "debug"))]
    pub async fn wish_release(
        &self,
        configuration: ConfigurationId,
        key: &ReleaseKey,
        wish: &ReleaseWish,
    ) -> Result<bool, StorageError> {
        let mut unit = self.begin().await?;
        let taken = unit.wish_release(configuration, key, wish).await?;
        unit.commit().await?;
        Ok(taken)
    }
}

impl crate::UnitOfWork {
    /// As [`Storage::wish_release`], with what else the transaction writes.
    pub async fn wish_release(
        &mut self,
        configuration: ConfigurationId,
        key: &ReleaseKey,
        wish: &ReleaseWish,
    ) -> Result<bool, StorageError> {
        let now = self.now().0;
        let query = sqlx::query(
            "UPDATE releases SET wish = $1, next_due_at = $2, version = version + 1 \
             WHERE configuration_id = $3 AND namespace = $4 AND name = $5 AND next_due_at IS NOT NULL",
        )
        .bind(to_json(wish)?)
        .bind(now);
        let updated = self.write_release(query, configuration, key).await?;
        if updated == 0 {
            return Ok(false);
        }
        self.wake();
        Ok(true)
    }

    /// Writes one release: the last three places of the query name it. Gives back how many rows were written.
    async fn write_release(
        &mut self,
        query: Query<'_, Driver, <Driver as Database>::Arguments>,
        configuration: ConfigurationId,
        key: &ReleaseKey,
    ) -> Result<u64, sqlx::Error> {
        let query = query.bind(configuration.to_string()).bind(key.namespace.clone()).bind(key.name.clone());
        query.execute(self.connection()).await.map(|written| written.rows_affected())
    }

    /// The configuration's sentence follows its releases: Installed becomes a warning while one has failed. What a sync
    /// says louder stays. Gives back the new version when something changed.
    pub(crate) async fn tell_failed_releases(
        &mut self,
        id: ConfigurationId,
    ) -> Result<Option<i64>, StorageError> {
        let (failed, total): (i64, i64) = sqlx::query_as(
            "SELECT COUNT(CASE WHEN failed THEN 1 END), COUNT(*) FROM releases \
             WHERE configuration_id = $1 AND next_due_at IS NOT NULL",
        )
        .bind(id.to_string())
        .fetch_one(self.connection())
        .await?;
        let stored: (String, String) =
            sqlx::query_as("SELECT compliance, reason FROM configuration_status WHERE configuration_id = $1")
                .bind(id.to_string())
                .fetch_one(self.connection())
                .await?;
        let unreadable = |error: ColumnError| error.of("configuration", &id.to_string());
        let compliance: Compliance = column::word("compliance", &stored.0).map_err(unreadable)?;
        let before = column::json("reason", &stored.1).map_err(unreadable)?;
        let Some((level, reason)) = record::sentence(compliance, &before, failed, total) else {
            return Ok(None);
        };
        let version = sqlx::query_scalar(
            "UPDATE configuration_status SET level = $1, reason = $2, version = version + 1 \
             WHERE configuration_id = $3 RETURNING version",
        )
        .bind(level.as_str())
        .bind(to_json(&reason)?)
        .bind(id.to_string())
        .fetch_one(self.connection())
        .await?;
        Ok(Some(version))
    }
}
