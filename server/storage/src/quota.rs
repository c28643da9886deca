//! How much a resource group may hold and do, and how much of that is used.

use domain::clock::Timestamp;
use domain::id::{ClusterId, ResourceGroupId};
use domain::quota::{Quota, QuotaKind, QuotaReached, QuotaUse};

use crate::Storage;
use crate::configuration::count;
use crate::error::StorageError;
use crate::unit::UnitOfWork;

/// Milliseconds within which syncs are counted.
pub(crate) const HOUR: i64 = 60 * 60 * 1000;

/// A quota as stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QuotaRecord {
    /// The limits.
    pub quota: Quota,
    /// Grows with every change.
    pub version: i64,
}

const QUOTA: &str = "SELECT quota_configurations, quota_clusters, quota_objects_per_sync, quota_syncs_per_hour, \
    quota_repository_mebibytes, quota_version FROM resource_groups WHERE id = $1";

/// Clusters, configurations, the objects of the largest configuration, and counted syncs.
const USE: &str = "SELECT \
    (SELECT COUNT(*) FROM clusters k WHERE k.resource_group_id = $1) AS clusters, \
    (SELECT COUNT(*) FROM configurations c JOIN clusters k ON k.id = c.cluster_id WHERE k.resource_group_id = $1) \
     AS configurations, \
    (SELECT COALESCE(MAX(n), 0) FROM (SELECT COUNT(*) AS n FROM inventory i \
     JOIN configurations c ON c.id = i.configuration_id JOIN clusters k ON k.id = c.cluster_id \
     WHERE k.resource_group_id = $1 GROUP BY i.configuration_id) AS sizes) AS objects_per_sync, \
    (SELECT COUNT(*) FROM counted_syncs s WHERE s.resource_group_id = $1 AND s.counted_at > $2) \
    AS syncs_per_hour";

impl Storage {
    /// The quota of a resource group; `None` when there is no such group.
    #[tracing::instrument(name = "db.quota.get", skip_all, err(level = "debug"))]
    pub async fn quota(&self, group: ResourceGroupId) -> Result<Option<QuotaRecord>, StorageError> {
        let row: Option<QuotaRow> =
            sqlx::query_as(QUOTA).bind(group.to_string()).fetch_optional(self.database().read()).await?;
        Ok(row.map(QuotaRecord::from))
    }

    /// How much of a quota is used now.
    #[tracing::instrument(name = "db.quota.use", skip_all, err(level = "debug"))]
    pub async fn quota_use(&self, group: ResourceGroupId) -> Result<QuotaUse, StorageError> {
        let row: UseRow = sqlx::query_as(USE)
            .bind(group.to_string())
            .bind(self.now().0 - HOUR)
            .fetch_one(self.database().read())
            .await?;
        Ok(row.into())
    }
}

impl UnitOfWork {
    /// The quota as this transaction sees it; nobody else changes it, or adds to what it limits, until the end.
    #[tracing::instrument(name = "db.quota.lock", skip_all, err(level = "debug"))]
    pub async fn lock_quota(&mut self, group: ResourceGroupId) -> Result<Option<QuotaRecord>, StorageError> {
        // Writing takes the row's lock in every database; reading it does not.
        sqlx::query("UPDATE resource_groups SET quota_version = quota_version WHERE id = $1")
            .bind(group.to_string())
            .execute(self.connection())
            .await?;
        let row: Option<QuotaRow> =
            sqlx::query_as(QUOTA).bind(group.to_string()).fetch_optional(self.connection()).await?;
        Ok(row.map(QuotaRecord::from))
    }

    /// Replaces a quota that was read with [`UnitOfWork::lock_quota`]. Syncs that wait for their turn look at once
    /// whether they have one now. Returns the new version.
    #[tracing::instrument(name = "db.quota.set", skip_all, err(level = "debug"))]
    pub async fn set_quota(&mut self, group: ResourceGroupId, quota: &Quota) -> Result<i64, StorageError> {
        // no `..`: a new limit must be stored
        let Quota { configurations, clusters, objects_per_sync, syncs_per_hour, repository_mebibytes } =
            quota;
        let version: i64 = sqlx::query_scalar(
            "UPDATE resource_groups SET quota_configurations = $1, quota_clusters = $2, quota_objects_per_sync = $3, \
             quota_syncs_per_hour = $4, quota_repository_mebibytes = $5, quota_version = quota_version + 1 \
             WHERE id = $6 RETURNING quota_version",
        )
        .bind(configurations.map(i64::from))
        .bind(clusters.map(i64::from))
        .bind(objects_per_sync.map(i64::from))
        .bind(syncs_per_hour.map(i64::from))
        .bind(repository_mebibytes.map(i64::from))
        .bind(group.to_string())
        .fetch_one(self.connection())
        .await?;
        self.release_put_off(group).await?;
        Ok(version)
    }

    async fn release_put_off(&mut self, group: ResourceGroupId) -> Result<(), StorageError> {
        let now = self.now().0;
        // The moment stays until the run: it says that everything is to be looked at.
        sqlx::query(
            "UPDATE configuration_status SET put_off_until = $1, next_due_at = $1 \
             WHERE put_off_until > $1 AND configuration_id IN (SELECT c.id FROM configurations c \
             JOIN clusters k ON k.id = c.cluster_id WHERE k.resource_group_id = $2)",
        )
        .bind(now)
        .bind(group.to_string())
        .execute(self.connection())
        .await?;
        self.wake();
        Ok(())
    }

    /// Refuses when the resource group has no room for one more; two that ask at once are told one after the other.
    pub(crate) async fn check_room(
        &mut self,
        group: ResourceGroupId,
        kind: QuotaKind,
    ) -> Result<(), StorageError> {
        let Some(QuotaRecord { quota, .. }) = self.lock_quota(group).await? else { return Ok(()) };
        if quota.limit(kind).is_none() {
            return Ok(());
        }
        let since = self.now().0 - HOUR;
        let row: UseRow =
            sqlx::query_as(USE).bind(group.to_string()).bind(since).fetch_one(self.connection()).await?;
        match QuotaReached::of(&quota, &row.into(), kind) {
            Some(reached) => Err(StorageError::QuotaExceeded(reached)),
            None => Ok(()),
        }
    }

    /// The resource group that a cluster is in.
    pub(crate) async fn group_of_cluster(
        &mut self,
        cluster: ClusterId,
    ) -> Result<Option<ResourceGroupId>, StorageError> {
        let group: Option<String> =
            sqlx::query_scalar("SELECT resource_group_id FROM clusters WHERE id = $1")
                .bind(cluster.to_string())
                .fetch_optional(self.connection())
                .await?;
        let read = |group: String| {
            let id = crate::column::id("resource_group_id", &group);
            id.map_err(|error| error.of("cluster", &cluster.to_string()))
        };
        group.map(read).transpose()
    }

    /// When each sync of the last hour was counted, oldest first.
    pub(crate) async fn counted_syncs(
        &mut self,
        group: ResourceGroupId,
    ) -> Result<Vec<Timestamp>, StorageError> {
        let since = self.now().0 - HOUR;
        let counted: Vec<i64> = sqlx::query_scalar(
            "SELECT counted_at FROM counted_syncs WHERE resource_group_id = $1 AND counted_at > $2 \
             ORDER BY counted_at",
        )
        .bind(group.to_string())
        .bind(since)
        .fetch_all(self.connection())
        .await?;
        Ok(counted.into_iter().map(Timestamp).collect())
    }
}

/// The columns of a quota, as another row may have them too.
#[derive(sqlx::FromRow)]
#[expect(clippy::struct_field_names, reason = "columns of a table that has others beside them")]
pub(crate) struct QuotaRow {
    quota_configurations: Option<i64>,
    quota_clusters: Option<i64>,
    quota_objects_per_sync: Option<i64>,
    quota_syncs_per_hour: Option<i64>,
    quota_repository_mebibytes: Option<i64>,
    quota_version: i64,
}

impl From<QuotaRow> for QuotaRecord {
    fn from(row: QuotaRow) -> Self {
        let quota = Quota {
            configurations: row.quota_configurations.map(count),
            clusters: row.quota_clusters.map(count),
            objects_per_sync: row.quota_objects_per_sync.map(count),
            syncs_per_hour: row.quota_syncs_per_hour.map(count),
            repository_mebibytes: row.quota_repository_mebibytes.map(count),
        };
        Self { quota, version: row.quota_version }
    }
}

#[derive(sqlx::FromRow)]
struct UseRow {
    clusters: i64,
    configurations: i64,
    objects_per_sync: i64,
    syncs_per_hour: i64,
}

impl From<UseRow> for QuotaUse {
    fn from(row: UseRow) -> Self {
        Self {
            configurations: count(row.configurations),
            clusters: count(row.clusters),
            objects_per_sync: count(row.objects_per_sync),
            syncs_per_hour: count(row.syncs_per_hour),
        }
    }
}
