//! Applied objects by what they are in a cluster: how the watches find whose they are.

use domain::cluster::ClusterUid;
use domain::id::ConfigurationId;
use domain::object::ObjectKey;
use sqlx::QueryBuilder;

use crate::Storage;
use crate::column;
use crate::configuration::readable;
use crate::database::Driver;
use crate::error::StorageError;
use crate::inventory::InventoryState;

/// Objects asked for by one query: each binds four values, and a statement takes 32,766 of them.
const OBJECTS_PER_QUERY: usize = 500;

/// An applied object and what its last apply left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManagedObject {
    /// Which object.
    pub object: ObjectKey,
    /// Whose.
    pub configuration: ConfigurationId,
    /// UID as applied; `None` before.
    pub uid: Option<String>,
    /// Hash of our own managed-fields entry as the last apply left it.
    pub own_fields_hash: Option<String>,
    /// No longer in Git: as it is, it may stay.
    pub is_leftover: bool,
    /// A run of the configuration is on, so that the two above may be older than the cluster.
    pub syncing: bool,
}

impl Storage {
    /// The applied ones of these objects of a cluster, and those that a run is about to apply; of all of them when none are
    /// named.
    #[tracing::instrument(name = "db.inventory.managed", skip_all, err(level = "debug"))]
    pub async fn managed_objects(
        &self,
        cluster: &ClusterUid,
        objects: Option<&[ObjectKey]>,
    ) -> Result<Vec<ManagedObject>, StorageError> {
        let Some(objects) = objects else { return self.managed_of(cluster, None).await };
        let mut managed = Vec::with_capacity(objects.len());
        for objects in objects.chunks(OBJECTS_PER_QUERY) {
            managed.extend(self.managed_of(cluster, Some(objects)).await?);
        }
        Ok(managed)
    }

    async fn managed_of(
        &self,
        cluster: &ClusterUid,
        objects: Option<&[ObjectKey]>,
    ) -> Result<Vec<ManagedObject>, StorageError> {
        let mut query = QueryBuilder::<Driver>::new(
            "SELECT i.configuration_id, i.object_group, i.kind, i.namespace, i.name, i.uid, i.own_fields_hash, \
             i.place = '' AS is_leftover, \
             l.configuration_id IS NOT NULL AS syncing \
             FROM inventory i LEFT JOIN leases l ON l.configuration_id = i.configuration_id AND l.held_until > ",
        );
        query.push_bind(self.now().0);
        query.push(" WHERE i.cluster_uid = ").push_bind(cluster.0.clone());
        query.push(" AND (l.configuration_id IS NOT NULL OR i.state = ");
        query.push_bind(InventoryState::Applied.as_str()).push(")");
        if let Some(objects) = objects {
            query.push(" AND (i.object_group, i.kind, i.namespace, i.name) IN (VALUES ");
            let mut list = query.separated(", ");
            for object in objects {
                list.push("(").push_bind_unseparated(object.group.clone()).push_unseparated(", ");
                list.push_bind_unseparated(object.kind.clone()).push_unseparated(", ");
                list.push_bind_unseparated(object.namespace.clone().unwrap_or_default())
                    .push_unseparated(", ");
                list.push_bind_unseparated(object.name.clone()).push_unseparated(")");
            }
            query.push(")");
        }
        let rows: Vec<ManagedRow> = query.build_query_as().fetch_all(self.database().read()).await?;
        Ok(readable(rows))
    }
}

#[derive(sqlx::FromRow)]
struct ManagedRow {
    configuration_id: String,
    object_group: String,
    kind: String,
    namespace: String,
    name: String,
    uid: Option<String>,
    own_fields_hash: Option<String>,
    is_leftover: bool,
    syncing: bool,
}

impl TryFrom<ManagedRow> for ManagedObject {
    type Error = StorageError;

    fn try_from(row: ManagedRow) -> Result<Self, StorageError> {
        let configuration = column::id("configuration_id", &row.configuration_id)
            .map_err(|error| error.of("inventory of", &row.configuration_id))?;
        let object = ObjectKey {
            group: row.object_group,
            kind: row.kind,
            namespace: Some(row.namespace).filter(|namespace| !namespace.is_empty()),
            name: row.name,
        };
        Ok(Self {
            object,
            configuration,
            uid: row.uid,
            own_fields_hash: row.own_fields_hash,
            is_leftover: row.is_leftover,
            syncing: row.syncing,
        })
    }
}
