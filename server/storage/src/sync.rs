//! What a run writes, step by step. Every function takes the [`Lease`] and is refused when it is lost.

mod claim;
mod outcome;
mod turn;
mod unreadable;

pub use claim::{ForeignClaim, IntendedObject};
pub use outcome::{Applied, AppliedObject};
pub use turn::StoredPutOff;

use domain::clock::Timestamp;
use domain::health::Health;
use domain::status::{ConfigurationStatus, ObjectCounts, SyncStep};

use crate::Storage;
use crate::column::{self, to_json};
use crate::configuration::{LeftOut, OperatorObject};
use crate::error::StorageError;
use crate::history::NewChangeSet;
use crate::inventory::InventoryItem;
use crate::lease::Lease;
use crate::prune::NewPruneList;
use crate::release::FollowedReleases;
use crate::unit::UnitOfWork;

/// What a run ends with.
#[derive(Clone, Debug)]
pub struct RunRecord {
    /// Generation of the spec that was run: a newer one is due at once.
    pub generation: i64,
    /// The new status; `syncing` in it is ignored, for the run is over.
    pub status: ConfigurationStatus,
    /// Git object id of what the applied load was read from.
    pub tree_id: Option<String>,
    /// Objects of the load left out; `None` keeps what the last load left out.
    pub left_out: Option<Vec<LeftOut>>,
    /// The whole inventory after the run, health apart; what is missing in it is given up. `None` keeps it.
    pub inventory: Option<Vec<InventoryItem>>,
    /// What decided about the applied load (repository, branch, paths, operator); `None` keeps it.
    pub basis: Option<String>,
    /// The commit of which it was decided what left Git; `None` keeps the one before.
    pub proven_revision: Option<String>,
    /// What the sync tag marks at the host now (repository, tag and commit); `None` keeps it.
    pub tagged: Option<String>,
    /// Objects that left Git and wait for a person; `None` keeps the lists there are.
    pub prune_lists: Option<Vec<NewPruneList>>,
    /// What the sync says of its `HelmRelease` objects; `None` says nothing.
    pub releases: Option<FollowedReleases>,
    /// What the history shall remember; `None` for a run that found everything as wanted.
    pub change_set: Option<NewChangeSet>,
    /// When to run again, unless somebody wished for a sync meanwhile.
    pub next_due_at: Timestamp,
    /// Runs that failed one after the other, this one included.
    pub failures: u32,
}

impl Storage {
    /// The run is at this step, with so many objects done; shown at once. Costs nothing when nothing changes.
    #[tracing::instrument(name = "db.sync.step", skip_all, err(level = "debug"))]
    pub async fn record_step(
        &self,
        lease: &Lease,
        step: SyncStep,
        counts: Option<ObjectCounts>,
    ) -> Result<(), StorageError> {
        let counts = counts.as_ref().map(to_json).transpose()?;
        let mut unit = self.begin().await?;
        unit.check_lease(lease).await?;
        let version: Option<i64> = sqlx::query_scalar(
            "UPDATE configuration_status SET syncing = $1, counts = COALESCE($2, counts), \
             version = version + 1 WHERE configuration_id = $3 \
             AND (syncing IS NULL OR syncing <> $1 OR counts <> COALESCE($2, counts)) RETURNING version",
        )
        .bind(step.as_str())
        .bind(counts)
        .bind(lease.configuration().to_string())
        .fetch_optional(unit.connection())
        .await?;
        if let Some(version) = version {
            unit.tell_configuration(lease.configuration(), version).await?;
        }
        unit.commit().await
    }

    /// The run found that nothing has to be done before this moment, unless somebody wished for a sync meanwhile.
    /// Nothing that a page shows changes: of a run that was interrupted before, nothing was left to do.
    #[tracing::instrument(name = "db.sync.postpone", skip_all, err(level = "debug"))]
    pub async fn postpone(&self, lease: &Lease, next_due_at: Timestamp) -> Result<(), StorageError> {
        let mut unit = self.begin().await?;
        unit.check_lease(lease).await?;
        sqlx::query(
            "UPDATE configuration_status SET interrupted = FALSE, ended_epoch = $3, next_due_at = CASE \
                WHEN sync_requested_at IS NOT NULL THEN next_due_at \
                WHEN hint_at < $1 THEN hint_at \
                ELSE $1 END \
             WHERE configuration_id = $2",
        )
        .bind(next_due_at.0)
        .bind(lease.configuration().to_string())
        .bind(lease.epoch())
        .execute(unit.connection())
        .await?;
        unit.commit().await
    }

    /// The operator objects as made or found: what a later deletion may remove.
    #[tracing::instrument(name = "db.sync.operator", skip_all, err(level = "debug"))]
    pub async fn record_operator(
        &self,
        lease: &Lease,
        objects: &[OperatorObject],
    ) -> Result<(), StorageError> {
        let mut unit = self.begin().await?;
        unit.check_lease(lease).await?;
        sqlx::query(
            "UPDATE configuration_status SET operator_objects = $1 \
             WHERE configuration_id = $2 AND operator_objects <> $1",
        )
        .bind(to_json(objects)?)
        .bind(lease.configuration().to_string())
        .execute(unit.connection())
        .await?;
        unit.commit().await
    }

    /// The operator objects of this generation are there: those of an earlier one may go.
    #[tracing::instrument(name = "db.sync.operator_made", skip_all, err(level = "debug"))]
    pub async fn record_operator_made(&self, lease: &Lease, generation: i64) -> Result<(), StorageError> {
        let mut unit = self.begin().await?;
        unit.check_lease(lease).await?;
        sqlx::query(
            "UPDATE configuration_status SET operator_generation = $1 \
             WHERE configuration_id = $2 AND operator_generation < $1",
        )
        .bind(generation)
        .bind(lease.configuration().to_string())
        .execute(unit.connection())
        .await?;
        unit.commit().await
    }

    /// The end of a run: status, inventory and history in one transaction.
    #[tracing::instrument(name = "db.sync.record", skip_all, err(level = "debug"))]
    pub async fn record(&self, lease: &Lease, record: &RunRecord) -> Result<(), StorageError> {
        let id = lease.configuration();
        let mut unit = self.begin().await?;
        unit.check_lease(lease).await?;
        if let Some(inventory) = &record.inventory {
            unit.replace_inventory(id, inventory).await?;
        }
        if let Some(lists) = &record.prune_lists {
            unit.replace_prune_lists(id, lists).await?;
        }
        if let Some(change_set) = &record.change_set {
            unit.add_change_set(lease, &record.status, change_set).await?;
        }
        let health = unit.worst_health(id).await?;
        let mut version = unit.update_status(lease, record, health).await?;
        if let Some(followed) = &record.releases {
            unit.follow_releases(id, followed).await?;
            version = unit.tell_failed_releases(id).await?.unwrap_or(version);
        }
        unit.tell_configuration(id, version).await?;
        unit.wake();
        unit.commit().await
    }
}

impl UnitOfWork {
    async fn update_status(
        &mut self,
        lease: &Lease,
        record: &RunRecord,
        health: Option<Health>,
    ) -> Result<i64, StorageError> {
        let now = self.now().0;
        // A failure of which the history says nothing does not end what was interrupted.
        let untold = record.failures > 0 && record.change_set.is_none();
        // no `..`: a new part of the status must be stored
        let ConfigurationStatus {
            observed_generation,
            compliance,
            level,
            reason,
            detail,
            revision,
            revision_subject,
            last_config_applied,
            last_sync,
            syncing: _,
            counts,
        } = &record.status;
        Ok(sqlx::query_scalar(
            "UPDATE configuration_status SET version = version + 1, observed_generation = $1, compliance = $2, \
             level = $3, reason = $4, detail = $5, revision = $6, revision_subject = $7, tree_id = $8, \
             last_config_applied = $9, last_sync = $10, syncing = NULL, counts = $11, health = $12, \
             left_out = COALESCE($13, left_out), failures = $14, basis = COALESCE($15, basis), \
             proven_revision = COALESCE($16, proven_revision), tagged = COALESCE($17, tagged), \
             put_off_until = NULL, put_off_limit = NULL, interrupted = (interrupted AND $22), \
             ended_epoch = $23, \
             next_due_at = CASE \
                WHEN sync_requested_at IS NOT NULL OR $18 < \
                    (SELECT generation FROM configurations WHERE id = configuration_id) THEN $19 \
                WHEN hint_at < $20 THEN hint_at \
                ELSE $20 END \
             WHERE configuration_id = $21 RETURNING version",
        )
        .bind(observed_generation)
        .bind(compliance.as_str())
        .bind(level.as_str())
        .bind(to_json(reason)?)
        .bind(detail)
        .bind(revision)
        .bind(revision_subject)
        .bind(&record.tree_id)
        .bind(last_config_applied.map(|moment| moment.0))
        .bind(last_sync.map(|moment| moment.0))
        .bind(to_json(counts)?)
        .bind(health.map(Health::as_str))
        .bind(column::to_optional_json(record.left_out.as_ref())?)
        .bind(i64::from(record.failures))
        .bind(&record.basis)
        .bind(&record.proven_revision)
        .bind(&record.tagged)
        .bind(record.generation)
        .bind(now)
        .bind(record.next_due_at.0)
        .bind(lease.configuration().to_string())
        .bind(untold)
        .bind(lease.epoch())
        .fetch_one(self.connection())
        .await?)
    }
}
