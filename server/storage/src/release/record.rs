//! What comes of a release.

use domain::clock::Timestamp;
use domain::reason::Reason;
use domain::release::ReleaseState;
use domain::status::{Compliance, MessageLevel};

use super::ReleaseLease;
use crate::Storage;
use crate::column::to_json;
use crate::error::{StorageError, Taken, taken};

/// What a look at a release ends with.
#[derive(Clone, Debug)]
pub struct ReleaseRecord {
    /// What is known now.
    pub state: ReleaseState,
    /// What the chart tells whoever installs it; `None` keeps it.
    pub notes: Option<String>,
    /// When to look again, unless somebody asked for something meanwhile.
    pub next_due_at: Timestamp,
    /// Looks that failed one after the other, this one included.
    pub failures: u32,
}

impl Storage {
    /// The release is in this phase now; shown at once.
    #[tracing::instrument(name = "db.release.phase", skip_all, err(level = "debug"))]
    pub async fn record_release_phase(&self, lease: &ReleaseLease, phase: &str) -> Result<(), StorageError> {
        let mut unit = self.begin().await?;
        unit.check_release(lease).await?;
        let query = sqlx::query(
            "UPDATE releases SET phase = $1, version = version + 1 \
             WHERE configuration_id = $2 AND namespace = $3 AND name = $4",
        )
        .bind(phase);
        unit.write_release(query, lease.configuration, &lease.key).await?;
        unit.tell_release(lease).await?;
        unit.commit().await
    }

    /// Claims the name of a release in its cluster. Another release of the installation that has it is
    /// [`Taken::ReleaseName`].
    #[tracing::instrument(name = "db.release.name", skip_all, err(level = "debug"))]
    pub async fn claim_release_name(
        &self,
        lease: &ReleaseLease,
        target_namespace: &str,
        release_name: &str,
    ) -> Result<(), StorageError> {
        let mut unit = self.begin().await?;
        unit.check_release(lease).await?;
        let query = sqlx::query(
            "UPDATE releases SET target_namespace = $1, release_name = $2, cluster_uid = \
             (SELECT cluster_uid FROM configurations WHERE id = configuration_id) \
             WHERE configuration_id = $3 AND namespace = $4 AND name = $5",
        )
        .bind(target_namespace)
        .bind(release_name);
        unit.write_release(query, lease.configuration, &lease.key)
            .await
            .map_err(taken(Taken::ReleaseName))?;
        unit.commit().await
    }

    /// The end of a look, in one transaction with what the configuration says of it.
    #[tracing::instrument(name = "db.release.record", skip_all, err(level = "debug"))]
    pub async fn record_release(
        &self,
        lease: &ReleaseLease,
        record: &ReleaseRecord,
    ) -> Result<(), StorageError> {
        let mut unit = self.begin().await?;
        unit.check_release(lease).await?;
        let query = sqlx::query(
            "UPDATE releases SET state = $1, phase = $2, failed = $3, notes = COALESCE($4, notes), \
             failures = $5, held_until = 0, version = version + 1, \
             next_due_at = CASE WHEN next_due_at IS NULL THEN NULL WHEN wish IS NOT NULL THEN $6 ELSE $7 END \
             WHERE configuration_id = $8 AND namespace = $9 AND name = $10",
        )
        .bind(to_json(&record.state)?)
        .bind(record.state.phase())
        .bind(record.state.failed)
        .bind(&record.notes)
        .bind(i64::from(record.failures))
        .bind(unit.now().0)
        .bind(record.next_due_at.0);
        unit.write_release(query, lease.configuration, &lease.key).await?;
        unit.tell_failed_releases(lease.configuration).await?;
        unit.tell_release(lease).await?;
        unit.wake();
        unit.commit().await
    }

    /// Nothing had to be done: only when to look again is noted, and nothing that a page shows changes.
    #[tracing::instrument(name = "db.release.postpone", skip_all, err(level = "debug"))]
    pub async fn postpone_release(
        &self,
        lease: &ReleaseLease,
        next_due_at: Timestamp,
    ) -> Result<(), StorageError> {
        let mut unit = self.begin().await?;
        unit.check_release(lease).await?;
        let query = sqlx::query(
            "UPDATE releases SET held_until = 0, \
             next_due_at = CASE WHEN next_due_at IS NULL THEN NULL WHEN wish IS NOT NULL THEN $1 ELSE $2 END \
             WHERE configuration_id = $3 AND namespace = $4 AND name = $5",
        )
        .bind(unit.now().0)
        .bind(next_due_at.0);
        unit.write_release(query, lease.configuration, &lease.key).await?;
        unit.commit().await
    }

    /// The release is gone from the cluster, or was never there: its row goes.
    #[tracing::instrument(name = "db.release.forget", skip_all, err(level = "debug"))]
    pub async fn forget_release(&self, lease: &ReleaseLease) -> Result<(), StorageError> {
        let mut unit = self.begin().await?;
        unit.check_release(lease).await?;
        // One that is wanted again meanwhile stays, and begins anew.
        let query = sqlx::query(
            "UPDATE releases SET state = '{}', phase = '', held_until = 0, target_namespace = NULL, \
             release_name = NULL, cluster_uid = NULL, failed = FALSE, failures = 0 \
             WHERE configuration_id = $1 AND namespace = $2 AND name = $3",
        );
        unit.write_release(query, lease.configuration, &lease.key).await?;
        let query = sqlx::query(
            "DELETE FROM releases WHERE configuration_id = $1 AND namespace = $2 AND name = $3 AND NOT wanted",
        );
        unit.write_release(query, lease.configuration, &lease.key).await?;
        unit.tell_failed_releases(lease.configuration).await?;
        unit.tell_release(lease).await?;
        unit.commit().await
    }
}

impl crate::UnitOfWork {
    /// Pages read a release with its configuration.
    async fn tell_release(&mut self, lease: &ReleaseLease) -> Result<(), StorageError> {
        let version: i64 = sqlx::query_scalar(
            "UPDATE configuration_status SET version = version + 1 WHERE configuration_id = $1 RETURNING version",
        )
        .bind(lease.configuration.to_string())
        .fetch_one(self.connection())
        .await?;
        self.tell_configuration(lease.configuration, version).await
    }
}

/// What the configuration says when so many of its releases have failed; `None` when it says so already, or has
/// something louder to say.
pub(super) fn sentence(
    compliance: Compliance,
    before: &Reason,
    failed: i64,
    total: i64,
) -> Option<(MessageLevel, Reason)> {
    if compliance != Compliance::Installed
        || !matches!(before, Reason::Installed | Reason::ReleasesFailed { .. })
    {
        return None;
    }
    let count = |number: i64| u32::try_from(number).unwrap_or(u32::MAX);
    let (level, reason) = if failed == 0 {
        (MessageLevel::Information, Reason::Installed)
    } else {
        let reason = Reason::ReleasesFailed { failed: count(failed), total: count(total) };
        (MessageLevel::Warning, reason)
    };
    (reason != *before).then_some((level, reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failed_releases_are_told_unless_the_sync_has_something_louder_to_say() {
        let failed = |failed, total| Reason::ReleasesFailed { failed, total };
        let table = [
            (Compliance::Installed, Reason::Installed, 0, None),
            (Compliance::Installed, Reason::Installed, 1, Some((MessageLevel::Warning, failed(1, 3)))),
            (Compliance::Installed, failed(1, 3), 1, None),
            (Compliance::Installed, failed(1, 3), 0, Some((MessageLevel::Information, Reason::Installed))),
            (Compliance::Installed, Reason::ObjectsLeftOut { count: 1 }, 1, None),
            (Compliance::Failed, Reason::RepositoryUnreachable, 1, None),
        ];
        for (compliance, before, count, expected) in table {
            assert_eq!(sentence(compliance, &before, count, 3), expected, "{before:?} with {count}");
        }
    }
}
