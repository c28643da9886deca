//! The end of a run whose configuration cannot be read.

use domain::clock::Timestamp;
use domain::health::Health;
use domain::reason::Reason;
use domain::status::{Compliance, MessageLevel, ObjectCounts};

use crate::Storage;
use crate::column::{self, to_json};
use crate::error::StorageError;
use crate::lease::Lease;

impl Storage {
    /// Says that the configuration failed, without reading it: what was said earlier no longer holds. Spec, inventory,
    /// revision and history stay as they are; of the status, what cannot be read either is made anew.
    #[tracing::instrument(name = "db.sync.unreadable", skip_all, err(level = "debug"))]
    pub async fn record_unreadable(
        &self,
        lease: &Lease,
        reason: &Reason,
        next_due_at: Timestamp,
    ) -> Result<(), StorageError> {
        let id = lease.configuration();
        let mut unit = self.begin().await?;
        unit.check_lease(lease).await?;
        let now = unit.now().0;
        let (counts, health): (String, Option<String>) =
            sqlx::query_as("SELECT counts, health FROM configuration_status WHERE configuration_id = $1")
                .bind(id.to_string())
                .fetch_one(unit.connection())
                .await?;
        let version: i64 = sqlx::query_scalar(
            "UPDATE configuration_status SET version = version + 1, compliance = $1, level = $2, reason = $3, \
             detail = NULL, last_sync = $4, syncing = NULL, counts = $5, health = $6, failures = failures + 1, \
             observed_generation = (SELECT generation FROM configurations WHERE id = configuration_id), \
             next_due_at = CASE \
                WHEN sync_requested_at IS NOT NULL THEN next_due_at \
                WHEN hint_at < $7 THEN hint_at \
                ELSE $7 END \
             WHERE configuration_id = $8 RETURNING version",
        )
        .bind(Compliance::Failed.as_str())
        .bind(MessageLevel::Error.as_str())
        .bind(to_json(reason)?)
        .bind(now)
        .bind(readable_counts(counts)?)
        .bind(health.filter(|word| column::word::<Health>("health", word).is_ok()))
        .bind(next_due_at.0)
        .bind(id.to_string())
        .fetch_one(unit.connection())
        .await?;
        unit.tell_configuration(id, version).await?;
        unit.wake();
        unit.commit().await
    }
}

/// As stored, or those of a configuration that was never synced.
fn readable_counts(stored: String) -> Result<String, StorageError> {
    match column::json::<ObjectCounts>("counts", &stored) {
        Ok(_) => Ok(stored),
        Err(_) => to_json(&ObjectCounts::default()),
    }
}
