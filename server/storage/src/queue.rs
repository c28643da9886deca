//! Which configurations are due.

use domain::access::Place;
use domain::clock::Timestamp;
use domain::event::StatusEvent;
use domain::id::{ClusterId, ConfigurationId};

use crate::Storage;
use crate::column::{self, ColumnError};
use crate::configuration::readable;
use crate::error::StorageError;

/// A configuration whose sync is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueConfiguration {
    /// Which.
    pub id: ConfigurationId,
    /// Its cluster, for fairness between clusters.
    pub cluster: ClusterId,
    /// The cluster's place, for fairness between teams.
    pub place: Place,
    /// Since when.
    pub due_at: Timestamp,
    /// A person asked for it.
    pub requested: bool,
}

impl Storage {
    /// What is due, not running and not suspended: each cluster's first, then each cluster's second and so on, so that a
    /// crowd on one cluster leaves room for the others.
    #[tracing::instrument(name = "db.queue.due", skip_all, err(level = "debug"))]
    pub async fn due(&self, limit: u32) -> Result<Vec<DueConfiguration>, StorageError> {
        let rows: Vec<DueRow> = sqlx::query_as(
            "SELECT c.id, c.cluster_id, k.resource_group_id, g.subscription_id, s.next_due_at, \
             s.sync_requested_at, \
             ROW_NUMBER() OVER (PARTITION BY c.cluster_id ORDER BY s.next_due_at, c.id) AS turn \
             FROM configuration_status s \
             JOIN configurations c ON c.id = s.configuration_id \
             JOIN clusters k ON k.id = c.cluster_id \
             JOIN resource_groups g ON g.id = k.resource_group_id \
             LEFT JOIN leases l ON l.configuration_id = s.configuration_id AND l.held_until > $1 \
             WHERE s.next_due_at <= $1 AND l.configuration_id IS NULL AND c.suspended_at IS NULL \
             ORDER BY turn, s.next_due_at LIMIT $2",
        )
        .bind(self.now().0)
        .bind(i64::from(limit))
        .fetch_all(self.database().read())
        .await?;
        Ok(readable(rows))
    }

    /// The earliest moment at which something that does not run now becomes due, or a run's lease ends.
    #[tracing::instrument(name = "db.queue.next_due", skip_all, err(level = "debug"))]
    pub async fn next_due(&self) -> Result<Option<Timestamp>, StorageError> {
        let moment: Option<i64> = sqlx::query_scalar(
            "SELECT MIN(CASE WHEN l.held_until > s.next_due_at THEN l.held_until ELSE s.next_due_at END) \
             FROM configuration_status s \
             JOIN configurations c ON c.id = s.configuration_id AND c.suspended_at IS NULL \
             LEFT JOIN leases l ON l.configuration_id = s.configuration_id AND l.held_until > $1",
        )
        .bind(self.now().0)
        .fetch_one(self.database().read())
        .await?;
        Ok(moment.map(Timestamp))
    }

    /// Makes these due no later than `at`: drift was seen, a hint came, the cluster is back.
    #[tracing::instrument(name = "db.queue.hasten", skip_all, err(level = "debug"))]
    pub async fn hasten(&self, ids: &[ConfigurationId], at: Timestamp) -> Result<(), StorageError> {
        let mut unit = self.begin().await?;
        for id in ids {
            sqlx::query(
                "UPDATE configuration_status SET \
                 hint_at = CASE WHEN hint_at < $1 THEN hint_at ELSE $1 END, \
                 next_due_at = CASE WHEN next_due_at < $1 THEN next_due_at ELSE $1 END \
                 WHERE configuration_id = $2",
            )
            .bind(at.0)
            .bind(id.to_string())
            .execute(unit.connection())
            .await?;
        }
        unit.wake();
        unit.commit().await
    }

    /// Makes all of a cluster due no later than `at`, for instance when it answers again.
    #[tracing::instrument(name = "db.queue.hasten_cluster", skip_all, err(level = "debug"))]
    pub async fn hasten_cluster(&self, cluster: ClusterId, at: Timestamp) -> Result<(), StorageError> {
        sqlx::query(
            "UPDATE configuration_status SET \
             hint_at = CASE WHEN hint_at < $1 THEN hint_at ELSE $1 END, \
             next_due_at = CASE WHEN next_due_at < $1 THEN next_due_at ELSE $1 END \
             WHERE configuration_id IN (SELECT id FROM configurations WHERE cluster_id = $2)",
        )
        .bind(at.0)
        .bind(cluster.to_string())
        .execute(self.database().write())
        .await?;
        self.signals().wake();
        Ok(())
    }

    /// Frees every lease and makes interrupted runs due: nobody else can be running, because this process
    /// alone holds the database's lock.
    #[tracing::instrument(name = "db.queue.resume", skip_all, err(level = "debug"))]
    pub(crate) async fn resume_interrupted(&self) -> Result<(), StorageError> {
        let now = self.now().0;
        let mut unit = self.begin().await?;
        // Whether or not its step was shown by then.
        sqlx::query(
            "UPDATE configuration_status SET interrupted = TRUE \
             WHERE EXISTS (SELECT 1 FROM leases l WHERE l.configuration_id = configuration_status.configuration_id \
             AND l.held_until > 0 AND l.epoch > configuration_status.ended_epoch)",
        )
        .execute(unit.connection())
        .await?;
        sqlx::query("UPDATE leases SET held_until = 0").execute(unit.connection()).await?;
        // Their time to be looked at stays while somebody looks.
        sqlx::query("UPDATE releases SET held_until = 0").execute(unit.connection()).await?;
        let interrupted: Vec<(String, String, i64)> = sqlx::query_as(
            "UPDATE configuration_status SET syncing = NULL, version = version + 1, \
             next_due_at = CASE WHEN next_due_at < $1 THEN next_due_at ELSE $1 END \
             WHERE syncing IS NOT NULL RETURNING configuration_id, \
             (SELECT cluster_id FROM configurations WHERE id = configuration_id), version",
        )
        .bind(now)
        .fetch_all(unit.connection())
        .await?;
        for (id, cluster, version) in interrupted {
            tracing::warn!(
                configuration.id = %id,
                "a sync of configuration {id} was interrupted and begins again"
            );
            if let (Ok(id), Ok(cluster)) = (id.parse(), cluster.parse()) {
                unit.tell(StatusEvent::Configuration { id, cluster, version });
            }
        }
        unit.wake();
        unit.commit().await
    }
}

#[derive(sqlx::FromRow)]
struct DueRow {
    id: String,
    cluster_id: String,
    resource_group_id: String,
    subscription_id: String,
    next_due_at: i64,
    sync_requested_at: Option<i64>,
}

impl DueRow {
    fn read(&self) -> Result<DueConfiguration, ColumnError> {
        Ok(DueConfiguration {
            id: column::id("id", &self.id)?,
            cluster: column::id("cluster_id", &self.cluster_id)?,
            place: column::place(
                &self.subscription_id,
                Some(&self.resource_group_id),
                Some(&self.cluster_id),
            )?,
            due_at: Timestamp(self.next_due_at),
            requested: self.sync_requested_at.is_some(),
        })
    }
}

impl TryFrom<DueRow> for DueConfiguration {
    type Error = StorageError;

    fn try_from(row: DueRow) -> Result<Self, StorageError> {
        row.read().map_err(|error| error.of("configuration", &row.id))
    }
}
