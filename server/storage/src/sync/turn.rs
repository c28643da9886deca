//! Turns: how many syncs a resource group has per hour, and when the next one may begin.

use domain::clock::Timestamp;
use domain::id::{ConfigurationId, ResourceGroupId};

use crate::Storage;
use crate::column;
use crate::configuration::count;
use crate::error::StorageError;
use crate::lease::Lease;
use crate::quota::HOUR;
use crate::unit::UnitOfWork;

/// A sync that waits for its turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredPutOff {
    /// When it begins.
    pub until: Timestamp,
    /// Syncs that the resource group may have per hour.
    pub limit: u32,
}

impl Storage {
    /// Counts the run as a sync of its resource group, for a revision that is fetched or for what is applied; once for a
    /// run, and once for a revision of its configuration. When the group's syncs of this
    /// hour are used up the run is put off instead, and must end: it is due again at the moment that is given back.
    #[tracing::instrument(name = "db.sync.take_turn", skip_all, err(level = "debug"))]
    pub async fn take_turn(
        &self,
        lease: &Lease,
        revision: Option<&str>,
    ) -> Result<Option<StoredPutOff>, StorageError> {
        let id = lease.configuration();
        let mut unit = self.begin().await?;
        unit.check_lease(lease).await?;
        let Some(group) = unit.group_of_configuration(id).await? else { return Ok(None) };
        if unit.is_counted(lease, revision).await? {
            return Ok(None);
        }
        let put_off = unit.put_off_now(group, id).await?;
        match put_off {
            None => unit.count_sync(group, lease, revision).await?,
            Some(put_off) => unit.put_off(id, put_off).await?,
        }
        unit.commit().await?;
        Ok(put_off)
    }

    /// The run came before its turn, and ends: it is due again at that moment.
    #[tracing::instrument(name = "db.sync.wait_for_turn", skip_all, err(level = "debug"))]
    pub async fn wait_for_turn(&self, lease: &Lease) -> Result<(), StorageError> {
        let mut unit = self.begin().await?;
        unit.check_lease(lease).await?;
        sqlx::query(
            "UPDATE configuration_status SET next_due_at = put_off_until \
             WHERE configuration_id = $1 AND put_off_until IS NOT NULL",
        )
        .bind(lease.configuration().to_string())
        .execute(unit.connection())
        .await?;
        unit.commit().await
    }
}

impl UnitOfWork {
    /// Until when a sync of this configuration that brings something would wait; `None` when it may begin.
    #[tracing::instrument(name = "db.sync.turn", skip_all, err(level = "debug"))]
    pub async fn turn_of(&mut self, id: ConfigurationId) -> Result<Option<StoredPutOff>, StorageError> {
        let now = self.now().0;
        let waits: Option<(i64, i64)> = sqlx::query_as(
            "SELECT put_off_until, put_off_limit FROM configuration_status \
             WHERE configuration_id = $1 AND put_off_until > $2",
        )
        .bind(id.to_string())
        .bind(now)
        .fetch_optional(self.connection())
        .await?;
        if let Some((until, limit)) = waits {
            return Ok(Some(StoredPutOff { until: Timestamp(until), limit: count(limit) }));
        }
        let Some(group) = self.group_of_configuration(id).await? else { return Ok(None) };
        self.put_off_now(group, id).await
    }

    async fn put_off_now(
        &mut self,
        group: ResourceGroupId,
        id: ConfigurationId,
    ) -> Result<Option<StoredPutOff>, StorageError> {
        let record = self.lock_quota(group).await?;
        let Some(limit) = record.and_then(|record| record.quota.syncs_per_hour) else { return Ok(None) };
        let counted = self.counted_syncs(group).await?;
        let Some(beyond) = counted.len().checked_sub(usize::try_from(limit).unwrap_or(usize::MAX)) else {
            return Ok(None);
        };
        let before = self.waiting_before(group, id).await?;
        let Some(leaves) = counted.get(beyond + before).or(counted.last()) else { return Ok(None) };
        Ok(Some(StoredPutOff { until: leaves.plus_milliseconds(HOUR), limit }))
    }

    /// How many others of the group wait already: each takes a turn of its own.
    async fn waiting_before(
        &mut self,
        group: ResourceGroupId,
        id: ConfigurationId,
    ) -> Result<usize, StorageError> {
        let now = self.now().0;
        let waiting: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM configuration_status s JOIN configurations c ON c.id = s.configuration_id \
             JOIN clusters k ON k.id = c.cluster_id WHERE k.resource_group_id = $1 AND s.put_off_until > $2 \
             AND c.suspended_at IS NULL AND c.id <> $3",
        )
        .bind(group.to_string())
        .bind(now)
        .bind(id.to_string())
        .fetch_one(self.connection())
        .await?;
        Ok(usize::try_from(waiting).unwrap_or_default())
    }

    async fn is_counted(&mut self, lease: &Lease, revision: Option<&str>) -> Result<bool, StorageError> {
        let counted: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM counted_syncs WHERE configuration_id = $1 AND (epoch = $2 OR revision = $3)",
        )
        .bind(lease.configuration().to_string())
        .bind(lease.epoch())
        .bind(revision)
        .fetch_one(self.connection())
        .await?;
        Ok(counted > 0)
    }

    /// Counted also where nothing limits it: a quota that is set later begins with what the last hour had.
    async fn count_sync(
        &mut self,
        group: ResourceGroupId,
        lease: &Lease,
        revision: Option<&str>,
    ) -> Result<(), StorageError> {
        let now = self.now().0;
        sqlx::query("DELETE FROM counted_syncs WHERE resource_group_id = $1 AND counted_at <= $2")
            .bind(group.to_string())
            .bind(now - HOUR)
            .execute(self.connection())
            .await?;
        sqlx::query(
            "INSERT INTO counted_syncs (resource_group_id, configuration_id, epoch, counted_at, revision) \
             VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(group.to_string())
        .bind(lease.configuration().to_string())
        .bind(lease.epoch())
        .bind(now)
        .bind(revision)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// What was said about the configuration stands; beside it the pages show until when it waits.
    async fn put_off(&mut self, id: ConfigurationId, put_off: StoredPutOff) -> Result<(), StorageError> {
        let version: i64 = sqlx::query_scalar(
            "UPDATE configuration_status SET version = version + 1, syncing = NULL, put_off_until = $1, \
             put_off_limit = $2, next_due_at = $1 WHERE configuration_id = $3 RETURNING version",
        )
        .bind(put_off.until.0)
        .bind(i64::from(put_off.limit))
        .bind(id.to_string())
        .fetch_one(self.connection())
        .await?;
        self.tell_configuration(id, version).await
    }

    async fn group_of_configuration(
        &mut self,
        id: ConfigurationId,
    ) -> Result<Option<ResourceGroupId>, StorageError> {
        let group: Option<String> = sqlx::query_scalar(
            "SELECT k.resource_group_id FROM configurations c JOIN clusters k ON k.id = c.cluster_id WHERE c.id = $1",
        )
        .bind(id.to_string())
        .fetch_optional(self.connection())
        .await?;
        let read = |group: String| {
            let read = column::id("resource_group_id", &group);
            read.map_err(|error| error.of("configuration", &id.to_string()))
        };
        group.map(read).transpose()
    }
}
