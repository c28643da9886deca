//! What a configuration applied or is about to apply: the only objects it may ever touch again.

use domain::cluster::ClusterUid;
use domain::health::Health;
use domain::id::{ClusterId, ConfigurationId};
use domain::object::{ObjectKey, ResourceKind};
use domain::reason::ObjectReason;
use serde::{Deserialize, Serialize};
use sqlx::QueryBuilder;

use crate::Storage;
use crate::column::{self, ColumnError};
use crate::configuration::{LeftOut, readable};
use crate::database::Driver;
use crate::error::StorageError;

/// How far an object of the inventory came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum InventoryState {
    /// Claimed before the first write to the cluster: it may be there or not.
    Intent,
    /// Applied at least once.
    Applied,
}

impl InventoryState {
    /// The word as stored: the variant's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Intent => "Intent",
            Self::Applied => "Applied",
        }
    }
}

/// One object of a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InventoryItem {
    /// Which object.
    pub object: ObjectKey,
    /// How its kind was served when it was applied.
    pub kind: ResourceKind,
    /// How far it came.
    pub state: InventoryState,
    /// File and line of its manifest; empty when it is no longer in Git.
    pub place: String,
    /// UID in the cluster, once applied.
    pub uid: Option<String>,
    /// Hash of the manifest as last applied.
    pub manifest_hash: Option<String>,
    /// Hash of our own managed-fields entry as the last apply left it.
    pub own_fields_hash: Option<String>,
    /// `sync-checksum` as last applied.
    pub checksum: Option<String>,
    /// The mark as last applied.
    pub mark: Option<String>,
    /// No longer in Git, and of an earlier source: a person decides about it.
    pub left_behind: bool,
    /// As last seen.
    pub health: Health,
    /// Why it is not healthy, in the object's own words.
    pub message: Option<String>,
    /// Why it was refused or left alone by the last sync.
    pub reason: Option<ObjectReason>,
    /// What the API server said, verbatim and scrubbed.
    pub detail: Option<String>,
}

/// Columns of an [`InventoryRow`].
pub(crate) const INVENTORY: &str = "SELECT object_group, kind, namespace, name, api_version, plural, \
    namespaced, state, place, uid, manifest_hash, own_fields_hash, checksum, mark, left_behind, \
    health, message, reason, detail \
    FROM inventory WHERE configuration_id = $1 ORDER BY kind, namespace, name, object_group";

impl Storage {
    /// A configuration's objects, by kind, namespace and name.
    #[tracing::instrument(name = "db.inventory.list", skip_all, err(level = "debug"))]
    pub async fn inventory(&self, id: ConfigurationId) -> Result<Vec<InventoryItem>, StorageError> {
        let rows: Vec<InventoryRow> =
            sqlx::query_as(INVENTORY).bind(id.to_string()).fetch_all(self.database().read()).await?;
        Ok(readable(rows))
    }

    /// The objects that are not as wanted of several configurations, by kind, namespace and name; at most `each` of
    /// one configuration.
    #[tracing::instrument(name = "db.inventory.refused", skip_all, err(level = "debug"))]
    pub async fn first_refused(
        &self,
        ids: &[ConfigurationId],
        each: u32,
    ) -> Result<Vec<(ConfigurationId, LeftOut)>, StorageError> {
        let mut query = QueryBuilder::<Driver>::new(
            "SELECT configuration_id, object_group, kind, namespace, name, place, reason, detail FROM \
             (SELECT *, ROW_NUMBER() OVER (PARTITION BY configuration_id \
                ORDER BY kind, namespace, name, object_group) AS turn \
              FROM inventory WHERE reason IS NOT NULL AND configuration_id IN (",
        );
        let mut list = query.separated(", ");
        for id in ids {
            list.push_bind(id.to_string());
        }
        query.push(")) ranked WHERE turn <= ").push_bind(i64::from(each));
        query.push(" ORDER BY configuration_id, turn");
        let rows: Vec<RefusedRow> = query.build_query_as().fetch_all(self.database().read()).await?;
        rows.into_iter()
            .map(|row| {
                let id = row.configuration_id.clone();
                row.read().map_err(|error| error.of("inventory of", &id))
            })
            .collect()
    }

    /// The kinds of all objects applied to a cluster: what its watches follow.
    #[tracing::instrument(name = "db.inventory.kinds", skip_all, err(level = "debug"))]
    pub async fn kinds_in_use(&self, cluster: ClusterId) -> Result<Vec<ResourceKind>, StorageError> {
        let rows: Vec<(String, String, String, String, bool)> = sqlx::query_as(
            "SELECT DISTINCT i.object_group, i.api_version, i.kind, i.plural, i.namespaced \
             FROM inventory i JOIN configurations c ON c.id = i.configuration_id WHERE c.cluster_id = $1 \
             ORDER BY i.object_group, i.kind, i.api_version",
        )
        .bind(cluster.to_string())
        .fetch_all(self.database().read())
        .await?;
        let kind = |(group, version, kind, plural, namespaced)| ResourceKind {
            group,
            version,
            kind,
            plural,
            namespaced,
        };
        Ok(rows.into_iter().map(kind).collect())
    }

    /// Who manages an object, if anybody of this installation does.
    #[tracing::instrument(name = "db.inventory.owner", skip_all, err(level = "debug"))]
    pub async fn manager_of(
        &self,
        cluster: &ClusterUid,
        object: &ObjectKey,
    ) -> Result<Option<ConfigurationId>, StorageError> {
        let id: Option<String> = sqlx::query_scalar(
            "SELECT configuration_id FROM inventory WHERE cluster_uid = $1 AND object_group = $2 \
             AND kind = $3 AND namespace = $4 AND name = $5",
        )
        .bind(&cluster.0)
        .bind(&object.group)
        .bind(&object.kind)
        .bind(object.namespace.as_deref().unwrap_or_default())
        .bind(&object.name)
        .fetch_optional(self.database().read())
        .await?;
        id.map(|id| column::id("configuration_id", &id).map_err(|error| error.of("inventory of", &id)))
            .transpose()
    }
}

#[derive(sqlx::FromRow)]
struct RefusedRow {
    configuration_id: String,
    object_group: String,
    kind: String,
    namespace: String,
    name: String,
    place: String,
    reason: String,
    detail: Option<String>,
}

impl RefusedRow {
    fn read(self) -> Result<(ConfigurationId, LeftOut), ColumnError> {
        let object = ObjectKey {
            group: self.object_group,
            kind: self.kind,
            namespace: Some(self.namespace).filter(|namespace| !namespace.is_empty()),
            name: self.name,
        };
        let reason = column::json("reason", &self.reason)?;
        let left = LeftOut { object, place: self.place, reason, detail: self.detail };
        Ok((column::id("configuration_id", &self.configuration_id)?, left))
    }
}

/// A row of [`INVENTORY`].
#[derive(sqlx::FromRow)]
pub(crate) struct InventoryRow {
    object_group: String,
    kind: String,
    namespace: String,
    name: String,
    api_version: String,
    plural: String,
    namespaced: bool,
    state: String,
    place: String,
    uid: Option<String>,
    manifest_hash: Option<String>,
    own_fields_hash: Option<String>,
    checksum: Option<String>,
    mark: Option<String>,
    left_behind: bool,
    health: String,
    message: Option<String>,
    reason: Option<String>,
    detail: Option<String>,
}

impl InventoryRow {
    fn read(self) -> Result<InventoryItem, ColumnError> {
        Ok(InventoryItem {
            object: ObjectKey {
                group: self.object_group.clone(),
                kind: self.kind.clone(),
                namespace: Some(self.namespace).filter(|namespace| !namespace.is_empty()),
                name: self.name,
            },
            kind: ResourceKind {
                group: self.object_group,
                version: self.api_version,
                kind: self.kind,
                plural: self.plural,
                namespaced: self.namespaced,
            },
            state: column::word("state", &self.state)?,
            place: self.place,
            uid: self.uid,
            manifest_hash: self.manifest_hash,
            own_fields_hash: self.own_fields_hash,
            checksum: self.checksum,
            mark: self.mark,
            left_behind: self.left_behind,
            health: column::word("health", &self.health)?,
            message: self.message,
            reason: column::optional_json("reason", self.reason.as_deref())?,
            detail: self.detail,
        })
    }
}

impl TryFrom<InventoryRow> for InventoryItem {
    type Error = StorageError;

    fn try_from(row: InventoryRow) -> Result<Self, StorageError> {
        let name = format!("{} {}/{}", row.kind, row.namespace, row.name);
        row.read().map_err(|error| error.of("object", &name))
    }
}
