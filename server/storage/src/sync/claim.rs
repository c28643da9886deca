//! The claim: every object a run will touch is in the inventory before the first write to the cluster.

use std::collections::HashMap;

use domain::health::Health;
use domain::id::ConfigurationId;
use domain::object::{ObjectKey, ResourceKind};

use crate::Storage;
use crate::column;
use crate::error::{StorageError, Taken};
use crate::inventory::{INVENTORY, InventoryItem, InventoryRow, InventoryState};
use crate::lease::Lease;
use crate::unit::UnitOfWork;

/// An object of the load that the run wants to apply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntendedObject {
    /// Which object.
    pub object: ObjectKey,
    /// How its kind is served.
    pub kind: ResourceKind,
    /// File and line of its manifest.
    pub place: String,
}

/// An object that another configuration of the installation manages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignClaim {
    /// Which object.
    pub object: ObjectKey,
    /// Who manages it.
    pub configuration: ConfigurationId,
    /// The other's name; to be told only where the actor may see it.
    pub name: String,
}

impl Storage {
    /// Adds the objects to the inventory as intents, in one transaction: after a crash the inventory holds
    /// all that may have been applied. Gives back those that another configuration manages; they must not be
    /// touched. Objects already claimed cost no write.
    #[tracing::instrument(name = "db.sync.intent", skip_all, err(level = "debug"))]
    pub async fn record_intent(
        &self,
        lease: &Lease,
        objects: &[IntendedObject],
    ) -> Result<Vec<ForeignClaim>, StorageError> {
        let id = lease.configuration();
        let mut unit = self.begin().await?;
        unit.check_lease(lease).await?;
        let own = unit.own_objects(id).await?;
        let mut foreign = Vec::new();
        for intended in objects.iter().filter(|intended| !own.contains_key(&intended.object)) {
            if !unit.claim(id, intended).await? {
                foreign.extend(unit.foreign_claim(id, &intended.object).await?);
            }
        }
        unit.commit().await?;
        Ok(foreign)
    }
}

impl UnitOfWork {
    /// The inventory as this transaction sees it.
    pub(super) async fn own_objects(
        &mut self,
        id: ConfigurationId,
    ) -> Result<HashMap<ObjectKey, InventoryItem>, StorageError> {
        let rows: Vec<InventoryRow> =
            sqlx::query_as(INVENTORY).bind(id.to_string()).fetch_all(self.connection()).await?;
        rows.into_iter()
            .map(|row| InventoryItem::try_from(row).map(|item| (item.object.clone(), item)))
            .collect()
    }

    /// Makes the object this configuration's; `false` when it is another's.
    async fn claim(&mut self, id: ConfigurationId, intended: &IntendedObject) -> Result<bool, StorageError> {
        let inserted = sqlx::query(
            "INSERT INTO inventory (configuration_id, cluster_uid, object_group, kind, namespace, name, \
             api_version, plural, namespaced, state, place, health) \
             SELECT id, cluster_uid, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10 FROM configurations WHERE id = $11 \
             ON CONFLICT (cluster_uid, object_group, kind, namespace, name) DO NOTHING",
        )
        .bind(&intended.object.group)
        .bind(&intended.object.kind)
        .bind(intended.object.namespace.as_deref().unwrap_or_default())
        .bind(&intended.object.name)
        .bind(&intended.kind.version)
        .bind(&intended.kind.plural)
        .bind(intended.kind.namespaced)
        .bind(InventoryState::Intent.as_str())
        .bind(&intended.place)
        .bind(Health::Unknown.as_str())
        .bind(id.to_string())
        .execute(self.connection())
        .await?;
        Ok(inserted.rows_affected() > 0)
    }

    /// Who has it, when it is not this configuration itself (a load may name an object twice by two versions).
    async fn foreign_claim(
        &mut self,
        id: ConfigurationId,
        object: &ObjectKey,
    ) -> Result<Option<ForeignClaim>, StorageError> {
        let other: Option<(String, String)> = sqlx::query_as(
            "SELECT o.id, o.name FROM inventory i JOIN configurations o ON o.id = i.configuration_id \
             JOIN configurations c ON c.cluster_uid = i.cluster_uid AND c.id = $1 \
             WHERE i.object_group = $2 AND i.kind = $3 AND i.namespace = $4 AND i.name = $5 AND o.id <> $1",
        )
        .bind(id.to_string())
        .bind(&object.group)
        .bind(&object.kind)
        .bind(object.namespace.as_deref().unwrap_or_default())
        .bind(&object.name)
        .fetch_optional(self.connection())
        .await?;
        let Some((other, name)) = other else { return Ok(None) };
        let configuration = column::id("id", &other).map_err(|error| error.of("configuration", &other))?;
        Ok(Some(ForeignClaim { object: object.clone(), configuration, name }))
    }

    /// Makes the stored inventory this one, health apart: writes what differs, gives up what is missing.
    pub(super) async fn replace_inventory(
        &mut self,
        id: ConfigurationId,
        inventory: &[InventoryItem],
    ) -> Result<(), StorageError> {
        let mut own = self.own_objects(id).await?;
        for item in inventory {
            match own.remove(&item.object) {
                Some(stored) if same_but_health(&stored, item) => {}
                Some(_) => self.update_item(id, item).await?,
                None => self.insert_item(id, item).await?,
            }
        }
        for object in own.into_keys() {
            self.give_up(id, &object).await?;
        }
        Ok(())
    }

    async fn insert_item(&mut self, id: ConfigurationId, item: &InventoryItem) -> Result<(), StorageError> {
        let intended = IntendedObject {
            object: item.object.clone(),
            kind: item.kind.clone(),
            place: item.place.clone(),
        };
        if !self.claim(id, &intended).await? {
            return Err(StorageError::Taken(Taken::Object));
        }
        self.update_item(id, item).await
    }

    async fn update_item(&mut self, id: ConfigurationId, item: &InventoryItem) -> Result<(), StorageError> {
        // no `..`: a new part of an item must be stored; health belongs to the watch
        let InventoryItem {
            object,
            kind,
            state,
            place,
            uid,
            manifest_hash,
            own_fields_hash,
            checksum,
            mark,
            left_behind,
            health: _,
            message: _,
            reason,
            detail,
        } = item;
        sqlx::query(
            "UPDATE inventory SET api_version = $1, plural = $2, namespaced = $3, state = $4, place = $5, \
             uid = $6, manifest_hash = $7, own_fields_hash = $8, checksum = $9, mark = $10, left_behind = $11, \
             reason = $12, detail = $13 \
             WHERE configuration_id = $14 AND object_group = $15 AND kind = $16 AND namespace = $17 \
             AND name = $18",
        )
        .bind(&kind.version)
        .bind(&kind.plural)
        .bind(kind.namespaced)
        .bind(state.as_str())
        .bind(place)
        .bind(uid)
        .bind(manifest_hash)
        .bind(own_fields_hash)
        .bind(checksum)
        .bind(mark)
        .bind(left_behind)
        .bind(column::to_optional_json(reason.as_ref())?)
        .bind(detail)
        .bind(id.to_string())
        .bind(&object.group)
        .bind(&object.kind)
        .bind(object.namespace.as_deref().unwrap_or_default())
        .bind(&object.name)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    async fn give_up(&mut self, id: ConfigurationId, object: &ObjectKey) -> Result<(), StorageError> {
        sqlx::query(
            "DELETE FROM inventory WHERE configuration_id = $1 AND object_group = $2 AND kind = $3 \
             AND namespace = $4 AND name = $5",
        )
        .bind(id.to_string())
        .bind(&object.group)
        .bind(&object.kind)
        .bind(object.namespace.as_deref().unwrap_or_default())
        .bind(&object.name)
        .execute(self.connection())
        .await?;
        Ok(())
    }
}

fn same_but_health(stored: &InventoryItem, item: &InventoryItem) -> bool {
    let seen = InventoryItem { health: stored.health, message: stored.message.clone(), ..item.clone() };
    *stored == seen
}
