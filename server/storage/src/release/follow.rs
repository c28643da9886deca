//! The releases of a configuration are what its inventory says: written with each sync.

use domain::id::ConfigurationId;
use domain::release::ReleaseKey;

use crate::error::StorageError;
use crate::inventory::InventoryState;
use crate::unit::UnitOfWork;

/// What a sync says of its `HelmRelease` objects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FollowedReleases {
    /// The Helm operator is switched on.
    pub switched_on: bool,
    /// Objects that this sync wrote: due at once.
    pub written: Vec<ReleaseKey>,
}

impl UnitOfWork {
    /// New objects get a row, those that left the inventory are no longer wanted; all rest while the Helm operator is
    /// switched off.
    pub(crate) async fn follow_releases(
        &mut self,
        id: ConfigurationId,
        followed: &FollowedReleases,
    ) -> Result<(), StorageError> {
        if !followed.switched_on {
            sqlx::query("UPDATE releases SET next_due_at = NULL, failed = FALSE WHERE configuration_id = $1")
                .bind(id.to_string())
                .execute(self.connection())
                .await?;
            return Ok(());
        }
        let now = self.now().0;
        sqlx::query(
            "INSERT INTO releases (configuration_id, namespace, name, wanted, next_due_at) \
             SELECT configuration_id, namespace, name, TRUE, $1 FROM inventory \
             WHERE configuration_id = $2 AND object_group = 'helm.fluxcd.io' AND kind = 'HelmRelease' \
             AND state = $3 \
             ON CONFLICT (configuration_id, namespace, name) DO UPDATE SET wanted = TRUE, \
             next_due_at = CASE WHEN releases.wanted AND releases.next_due_at IS NOT NULL \
                THEN releases.next_due_at ELSE excluded.next_due_at END",
        )
        .bind(now)
        .bind(id.to_string())
        .bind(InventoryState::Applied.as_str())
        .execute(self.connection())
        .await?;
        sqlx::query(
            "UPDATE releases SET wanted = FALSE, next_due_at = $1 WHERE configuration_id = $2 \
             AND (wanted OR next_due_at IS NULL) AND NOT EXISTS (SELECT 1 FROM inventory i \
                WHERE i.configuration_id = releases.configuration_id AND i.object_group = 'helm.fluxcd.io' \
                AND i.kind = 'HelmRelease' AND i.namespace = releases.namespace AND i.name = releases.name)",
        )
        .bind(now)
        .bind(id.to_string())
        .execute(self.connection())
        .await?;
        for written in &followed.written {
            let query = sqlx::query(
                "UPDATE releases SET next_due_at = $1 \
                 WHERE configuration_id = $2 AND namespace = $3 AND name = $4 AND wanted",
            )
            .bind(now);
            self.write_release(query, id, written).await?;
        }
        Ok(())
    }
}
