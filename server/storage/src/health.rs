//! Health as the watches see it. No lease is needed: an observation changes nothing in the cluster.

use std::collections::BTreeSet;

use domain::cluster::ClusterUid;
use domain::health::Health;
use domain::id::ConfigurationId;
use domain::object::ObjectKey;

use crate::Storage;
use crate::column;
use crate::error::StorageError;
use crate::inventory::InventoryState;
use crate::unit::UnitOfWork;

/// What a watch saw of one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HealthUpdate {
    /// Which object.
    pub object: ObjectKey,
    /// How it is.
    pub health: Health,
    /// Why it is not healthy, in the object's own words.
    pub message: Option<String>,
}

impl Storage {
    /// Stores what changed, and the worst health of each configuration concerned. Objects that nobody manages
    /// are ignored. One transaction for the batch; nothing is written or told when nothing changed.
    #[tracing::instrument(name = "db.health.update", skip_all, err(level = "debug"))]
    pub async fn update_health(
        &self,
        cluster: &ClusterUid,
        updates: &[HealthUpdate],
    ) -> Result<(), StorageError> {
        let mut unit = self.begin().await?;
        let mut changed = BTreeSet::new();
        for update in updates {
            changed.extend(unit.set_health(cluster, update).await?);
        }
        for id in changed {
            let id: ConfigurationId =
                column::id("configuration_id", &id).map_err(|error| error.of("inventory of", &id))?;
            let version = unit.refresh_health(id).await?;
            unit.tell_configuration(id, version).await?;
        }
        unit.commit().await
    }
}

impl UnitOfWork {
    /// The configuration whose object it is, when something changed.
    async fn set_health(
        &mut self,
        cluster: &ClusterUid,
        update: &HealthUpdate,
    ) -> Result<Option<String>, StorageError> {
        Ok(sqlx::query_scalar(
            "UPDATE inventory SET health = $1, message = $2 \
             WHERE cluster_uid = $3 AND object_group = $4 AND kind = $5 AND namespace = $6 AND name = $7 \
             AND (health <> $1 OR COALESCE(message, '') <> COALESCE($2, '')) RETURNING configuration_id",
        )
        .bind(update.health.as_str())
        .bind(&update.message)
        .bind(&cluster.0)
        .bind(&update.object.group)
        .bind(&update.object.kind)
        .bind(update.object.namespace.as_deref().unwrap_or_default())
        .bind(&update.object.name)
        .fetch_optional(self.connection())
        .await?)
    }

    async fn refresh_health(&mut self, id: ConfigurationId) -> Result<i64, StorageError> {
        let health = self.worst_health(id).await?;
        Ok(sqlx::query_scalar(
            "UPDATE configuration_status SET health = $1, version = version + 1 \
             WHERE configuration_id = $2 RETURNING version",
        )
        .bind(health.map(Health::as_str))
        .bind(id.to_string())
        .fetch_one(self.connection())
        .await?)
    }

    /// Of the objects that were applied; `None` without any.
    pub(crate) async fn worst_health(&mut self, id: ConfigurationId) -> Result<Option<Health>, StorageError> {
        let words: Vec<String> = sqlx::query_scalar(
            "SELECT DISTINCT health FROM inventory WHERE configuration_id = $1 AND state = $2",
        )
        .bind(id.to_string())
        .bind(InventoryState::Applied.as_str())
        .fetch_all(self.connection())
        .await?;
        let all: Vec<Health> = words
            .iter()
            .map(|word| column::word("health", word))
            .collect::<Result<_, _>>()
            .map_err(|error| error.of("inventory of", &id.to_string()))?;
        Ok(Health::worst(all))
    }
}
