//! Releases that are due, and who works on them.

use std::collections::BTreeSet;

use domain::clock::Timestamp;
use domain::id::{ClusterId, ConfigurationId};
use domain::release::{ReleaseKey, ReleaseState, ReleaseWish, ReleasedObject};

use crate::Storage;
use crate::column::{self, ColumnError};
use crate::error::StorageError;
use crate::unit::UnitOfWork;

/// A configuration with releases that are due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DueReleases {
    /// Which.
    pub configuration: ConfigurationId,
    /// Its cluster.
    pub cluster: ClusterId,
}

/// A release that this process works on. No write about it happens without; it is fenced by its epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseLease {
    /// Whose.
    pub configuration: ConfigurationId,
    /// Which.
    pub key: ReleaseKey,
    pub(crate) holder: String,
    pub(crate) epoch: i64,
}

/// What a release has made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleasedObjects {
    /// Whose.
    pub configuration: ConfigurationId,
    /// Which.
    pub key: ReleaseKey,
    /// As helm left them.
    pub objects: Vec<ReleasedObject>,
    /// It is worked on now: the objects may be newer than this.
    pub is_held: bool,
}

/// Everything that a look at a release begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseWork {
    /// Needed by every write.
    pub lease: ReleaseLease,
    /// Its object is still applied by the configuration.
    pub wanted: bool,
    /// What a person asked for.
    pub wish: Option<ReleaseWish>,
    /// What the last look left.
    pub state: ReleaseState,
    /// Looks that failed one after the other.
    pub failures: u32,
}

/// Namespace, name, wanted, wish, state, failures and epoch.
type ClaimRow = (String, String, bool, Option<String>, String, i64, i64);

impl Storage {
    /// Configurations with releases that are due and free, the longest waiting first.
    #[tracing::instrument(name = "db.release.due", skip_all, err(level = "debug"))]
    pub async fn due_releases(&self, limit: u32) -> Result<Vec<DueReleases>, StorageError> {
        let now = self.now().0;
        let rows: Vec<(String, String)> = sqlx::query_as(
            "SELECT r.configuration_id, c.cluster_id FROM releases r \
             JOIN configurations c ON c.id = r.configuration_id \
             WHERE r.next_due_at <= $1 AND r.held_until <= $1 \
             GROUP BY r.configuration_id, c.cluster_id ORDER BY MIN(r.next_due_at) LIMIT $2",
        )
        .bind(now)
        .bind(i64::from(limit))
        .fetch_all(self.database().read())
        .await?;
        let read = |(configuration, cluster): (String, String)| {
            Ok(DueReleases {
                configuration: column::id("configuration_id", &configuration)?,
                cluster: column::id("cluster_id", &cluster)?,
            })
        };
        let unreadable = |error: ColumnError| error.of("releases", "queue");
        rows.into_iter().map(|row| read(row).map_err(unreadable)).collect()
    }

    /// When the next release becomes due, or free.
    #[tracing::instrument(name = "db.release.next_due", skip_all, err(level = "debug"))]
    pub async fn next_due_release(&self) -> Result<Option<Timestamp>, StorageError> {
        let next: Option<i64> = sqlx::query_scalar(
            "SELECT MIN(CASE WHEN held_until > next_due_at THEN held_until ELSE next_due_at END) FROM releases \
             WHERE next_due_at IS NOT NULL",
        )
        .fetch_one(self.database().read())
        .await?;
        Ok(next.map(Timestamp))
    }

    /// Takes the due releases of a configuration for `ttl_milliseconds`, at most `limit`. Taking one takes up the wish.
    #[tracing::instrument(name = "db.release.claim", skip_all, err(level = "debug"))]
    pub async fn claim_releases(
        &self,
        configuration: ConfigurationId,
        holder: &str,
        ttl_milliseconds: i64,
        limit: u32,
    ) -> Result<Vec<ReleaseWork>, StorageError> {
        let mut unit = self.begin().await?;
        let now = unit.now();
        let rows: Vec<ClaimRow> = sqlx::query_as(
            "SELECT namespace, name, wanted, wish, state, failures, epoch FROM releases \
             WHERE configuration_id = $1 AND next_due_at <= $2 AND held_until <= $2 \
             ORDER BY next_due_at, namespace, name LIMIT $3",
        )
        .bind(configuration.to_string())
        .bind(now.0)
        .bind(i64::from(limit))
        .fetch_all(unit.connection())
        .await?;
        let mut claimed = Vec::new();
        for (namespace, name, wanted, wish, state, failures, epoch) in rows {
            let lease = ReleaseLease {
                configuration,
                key: ReleaseKey { namespace, name },
                holder: holder.to_owned(),
                epoch: epoch + 1,
            };
            unit.hold_release(&lease, now.plus_milliseconds(ttl_milliseconds)).await?;
            let unreadable = |error: ColumnError| error.of("release", &lease.key.to_string());
            let wish = wish.as_deref().map(|wish| column::json("wish", wish)).transpose();
            let work = ReleaseWork {
                wanted,
                wish: wish.map_err(unreadable)?,
                // A state that cannot be read is one of before the first look: everything is looked at anew.
                state: column::json("state", &state).unwrap_or_default(),
                failures: u32::try_from(failures).unwrap_or(u32::MAX),
                lease,
            };
            claimed.push(work);
        }
        unit.commit().await?;
        Ok(claimed)
    }

    /// Holds a release for `ttl_milliseconds` from now.
    #[tracing::instrument(name = "db.release.renew", skip_all, err(level = "debug"))]
    pub async fn renew_release(
        &self,
        lease: &ReleaseLease,
        ttl_milliseconds: i64,
    ) -> Result<(), StorageError> {
        let mut unit = self.begin().await?;
        unit.check_release(lease).await?;
        let until = unit.now().plus_milliseconds(ttl_milliseconds);
        unit.set_held_until(lease, until).await?;
        unit.commit().await
    }

    /// Refuses when somebody else works on it, or it is gone: for what is about to be done in the cluster.
    #[tracing::instrument(name = "db.release.check", skip_all, err(level = "debug"))]
    pub async fn check_release(&self, lease: &ReleaseLease) -> Result<(), StorageError> {
        let mut unit = self.begin().await?;
        unit.check_release(lease).await
    }

    /// As [`Storage::check_release`]; says whether it still is to be removed, for Git may want it again by now.
    #[tracing::instrument(name = "db.release.check_unwanted", skip_all, err(level = "debug"))]
    pub async fn check_unwanted(&self, lease: &ReleaseLease) -> Result<bool, StorageError> {
        let mut unit = self.begin().await?;
        unit.check_release(lease).await?;
        let wanted: bool = sqlx::query_scalar(
            "SELECT wanted OR next_due_at IS NULL FROM releases WHERE configuration_id = $1 AND namespace = $2 AND name = $3",
        )
        .bind(lease.configuration.to_string())
        .bind(&lease.key.namespace)
        .bind(&lease.key.name)
        .fetch_one(unit.connection())
        .await?;
        Ok(!wanted)
    }

    /// What the releases of a cluster have made, as helm left it; of those that are kept now.
    #[tracing::instrument(name = "db.release.objects", skip_all, err(level = "debug"))]
    pub async fn released_objects(&self, cluster: ClusterId) -> Result<Vec<ReleasedObjects>, StorageError> {
        let rows: Vec<(String, String, String, i64, String)> = sqlx::query_as(
            "SELECT r.configuration_id, r.namespace, r.name, r.held_until, r.state FROM releases r \
             JOIN configurations c ON c.id = r.configuration_id \
             WHERE c.cluster_id = $1 AND r.wanted AND r.next_due_at IS NOT NULL",
        )
        .bind(cluster.to_string())
        .fetch_all(self.database().read())
        .await?;
        let now = self.now().0;
        let read =
            |(configuration, namespace, name, held_until, state): (String, String, String, i64, String)| {
                let state: ReleaseState = column::json("state", &state)?;
                Ok(ReleasedObjects {
                    configuration: column::id("configuration_id", &configuration)?,
                    key: ReleaseKey { namespace, name },
                    objects: state.objects,
                    is_held: held_until > now,
                })
            };
        let unreadable = |error: ColumnError| error.of("releases of cluster", &cluster.to_string());
        rows.into_iter().map(|row| read(row).map_err(unreadable)).collect()
    }

    /// The `HelmRelease` objects of a cluster that configurations keep or have kept.
    #[tracing::instrument(name = "db.release.keys", skip_all, err(level = "debug"))]
    pub async fn release_keys(&self, cluster: ClusterId) -> Result<BTreeSet<ReleaseKey>, StorageError> {
        let rows: Vec<(String, String)> = sqlx::query_as(
            "SELECT r.namespace, r.name FROM releases r JOIN configurations c ON c.id = r.configuration_id \
             WHERE c.cluster_id = $1",
        )
        .bind(cluster.to_string())
        .fetch_all(self.database().read())
        .await?;
        Ok(rows.into_iter().map(|(namespace, name)| ReleaseKey { namespace, name }).collect())
    }

    /// Drift of what these releases have made: they are due at once. Nothing that is at rest is woken.
    #[tracing::instrument(name = "db.release.drifted", skip_all, err(level = "debug"))]
    pub async fn hasten_releases(
        &self,
        configuration: ConfigurationId,
        keys: &[ReleaseKey],
    ) -> Result<(), StorageError> {
        let mut unit = self.begin().await?;
        let now = unit.now().0;
        for key in keys {
            let query = sqlx::query(
                "UPDATE releases SET next_due_at = $1 WHERE configuration_id = $2 AND namespace = $3 \
                 AND name = $4 AND next_due_at > $1",
            )
            .bind(now);
            unit.write_release(query, configuration, key).await?;
        }
        unit.wake();
        unit.commit().await
    }
}

impl UnitOfWork {
    async fn hold_release(&mut self, lease: &ReleaseLease, until: Timestamp) -> Result<(), StorageError> {
        let query = sqlx::query(
            "UPDATE releases SET holder = $1, epoch = $2, held_until = $3, wish = NULL \
             WHERE configuration_id = $4 AND namespace = $5 AND name = $6",
        )
        .bind(&lease.holder)
        .bind(lease.epoch)
        .bind(until.0);
        self.write_release(query, lease.configuration, &lease.key).await?;
        Ok(())
    }

    pub(super) async fn set_held_until(
        &mut self,
        lease: &ReleaseLease,
        until: Timestamp,
    ) -> Result<(), StorageError> {
        let query = sqlx::query(
            "UPDATE releases SET held_until = $1 WHERE configuration_id = $2 AND namespace = $3 AND name = $4",
        )
        .bind(until.0);
        self.write_release(query, lease.configuration, &lease.key).await?;
        Ok(())
    }

    /// The fence of a release.
    pub(super) async fn check_release(&mut self, lease: &ReleaseLease) -> Result<(), StorageError> {
        let held: Option<i64> = sqlx::query_scalar(
            "SELECT epoch FROM releases WHERE configuration_id = $1 AND namespace = $2 AND name = $3 \
             AND holder = $4 AND epoch = $5 AND held_until > 0",
        )
        .bind(lease.configuration.to_string())
        .bind(&lease.key.namespace)
        .bind(&lease.key.name)
        .bind(&lease.holder)
        .bind(lease.epoch)
        .fetch_optional(self.connection())
        .await?;
        match held {
            Some(_) => Ok(()),
            None => Err(StorageError::LeaseLost { configuration: lease.configuration }),
        }
    }
}
