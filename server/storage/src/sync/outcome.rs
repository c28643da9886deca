//! What came of single objects while the run is still on.

use domain::health::Health;
use domain::object::ObjectKey;
use domain::reason::ObjectReason;

use crate::Storage;
use crate::column::to_json;
use crate::error::StorageError;
use crate::inventory::InventoryState;
use crate::lease::Lease;
use crate::unit::UnitOfWork;

/// One object's outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppliedObject {
    /// Which object; it must have been claimed.
    pub object: ObjectKey,
    /// What came of it.
    pub outcome: Applied,
}

/// What came of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Applied {
    /// The API server took it.
    Accepted {
        /// UID in the cluster.
        uid: String,
        /// Hash of the manifest applied.
        manifest_hash: String,
        /// Hash of our own managed-fields entry in the answer.
        own_fields_hash: String,
        /// `sync-checksum` applied.
        checksum: String,
        /// Mark applied.
        mark: Option<String>,
        /// Health of the answer, for kinds that no watch reports.
        health: Option<Health>,
    },
    /// It did not.
    Refused {
        /// Why.
        reason: ObjectReason,
        /// What the API server said.
        detail: Option<String>,
    },
}

impl Storage {
    /// Notes what came of these objects, so that a run that is interrupted does not do them again.
    #[tracing::instrument(name = "db.sync.applied", skip_all, err(level = "debug"))]
    pub async fn record_applied(&self, lease: &Lease, objects: &[AppliedObject]) -> Result<(), StorageError> {
        let mut unit = self.begin().await?;
        unit.check_lease(lease).await?;
        for object in objects {
            unit.note_outcome(lease, object).await?;
        }
        unit.commit().await
    }
}

impl UnitOfWork {
    async fn note_outcome(&mut self, lease: &Lease, applied: &AppliedObject) -> Result<(), StorageError> {
        let object = &applied.object;
        let query = match &applied.outcome {
            Applied::Accepted { uid, manifest_hash, own_fields_hash, checksum, mark, health } => sqlx::query(
                "UPDATE inventory SET state = $1, uid = $2, manifest_hash = $3, own_fields_hash = $4, \
                 checksum = $5, mark = $6, left_behind = FALSE, health = COALESCE($7, health), reason = NULL, \
                 detail = NULL WHERE configuration_id = $8 AND object_group = $9 AND kind = $10 \
                 AND namespace = $11 AND name = $12",
            )
            .bind(InventoryState::Applied.as_str())
            .bind(uid)
            .bind(manifest_hash)
            .bind(own_fields_hash)
            .bind(checksum)
            .bind(mark)
            .bind(health.map(Health::as_str)),
            Applied::Refused { reason, detail } => sqlx::query(
                "UPDATE inventory SET reason = $1, detail = $2 \
                 WHERE configuration_id = $3 AND object_group = $4 AND kind = $5 AND namespace = $6 \
                 AND name = $7",
            )
            .bind(to_json(reason)?)
            .bind(detail),
        };
        query
            .bind(lease.configuration().to_string())
            .bind(&object.group)
            .bind(&object.kind)
            .bind(object.namespace.as_deref().unwrap_or_default())
            .bind(&object.name)
            .execute(self.connection())
            .await?;
        Ok(())
    }
}
