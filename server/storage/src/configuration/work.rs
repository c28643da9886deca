//! A configuration as a run needs it.

use domain::access::Place;
use domain::clock::Timestamp;
use domain::cluster::ClusterUid;
use domain::configuration::ConfigurationSpec;
use domain::id::{ClusterId, ConfigurationId, ResourceGroupId};
use domain::object::{ObjectKey, ResourceKind};
use domain::outbound::Narrowing;
use domain::quota::Quota;
use domain::status::ConfigurationStatus;
use serde::{Deserialize, Serialize};
use sqlx::QueryBuilder;

use super::readable;
use crate::Storage;
use crate::access::identity;
use crate::column::{self, ColumnError};
use crate::database::Driver;
use crate::error::StorageError;
use crate::quota::{QuotaRecord, QuotaRow};
use crate::secret::SecretOwner;

/// Everything a run begins with; the inventory is read beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Work {
    /// Which configuration.
    pub id: ConfigurationId,
    /// Its cluster's entry.
    pub cluster: ClusterId,
    /// The cluster that was connected: another one must not be written to.
    pub cluster_uid: ClusterUid,
    /// The cluster's place: subscription and resource group scope the Git mirror.
    pub place: Place,
    /// What is wanted.
    pub spec: ConfigurationSpec,
    /// Generation of that spec.
    pub generation: i64,
    /// What the last run left.
    pub status: ConfigurationStatus,
    /// Git object id of what the last applied load was read from.
    pub tree_id: Option<String>,
    /// What decided about that load: repository, branch, paths, operator.
    pub basis: Option<String>,
    /// The commit of which it was last decided what left Git.
    pub proven_revision: Option<String>,
    /// What the sync tag marks at the host: repository, tag and commit.
    pub tagged: Option<String>,
    /// The newest generation whose operator objects were made.
    pub operator_generation: i64,
    /// Runs that failed one after the other, for the backoff.
    pub failures: u32,
    /// The operator objects as last made or found.
    pub operator_objects: Vec<OperatorObject>,
    /// How much the resource group may hold and do.
    pub quota: Quota,
    /// Which hosts the subscription lets it lead to.
    pub outbound: Narrowing,
    /// The run waits for this moment, and then everything is to be looked at.
    pub put_off_until: Option<Timestamp>,
}

/// An operator object in the cluster: namespace, service account, binding or lease.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperatorObject {
    /// Which object.
    pub object: ObjectKey,
    /// How its kind is served.
    pub kind: ResourceKind,
    /// Its UID: only this very object may be deleted later.
    pub uid: String,
    /// Whether it carries our creation label: what was there before us stays.
    pub created: bool,
}

impl Storage {
    /// Where every configuration reads from, each with the resource group its mirror belongs to and the identity of
    /// its credential. One whose spec cannot be read makes it an error: whoever forgets the rest must know all.
    #[tracing::instrument(name = "db.configuration.specs", skip_all, err(level = "debug"))]
    pub async fn specs(&self) -> Result<Vec<(ResourceGroupId, ConfigurationSpec, String)>, StorageError> {
        let fingerprints: Vec<(String, String, Vec<u8>)> = sqlx::query_as(
            "SELECT owner_id, field, fingerprint FROM secrets WHERE owner_kind = $1 ORDER BY owner_id, field",
        )
        .bind(SecretOwner::CONFIGURATION)
        .fetch_all(self.database().read())
        .await?;
        let credential = |id: &str| {
            let own = fingerprints.iter().filter(|(owner, ..)| owner == id);
            identity(own.map(|(_, field, bytes)| (field.as_str(), bytes.as_slice())))
        };
        let rows: Vec<(String, String, String)> = sqlx::query_as(
            "SELECT c.id, k.resource_group_id, c.spec FROM configurations c JOIN clusters k ON k.id = c.cluster_id",
        )
        .fetch_all(self.database().read())
        .await?;
        let read = |(id, group, spec): (String, String, String)| {
            let unreadable = |error: ColumnError| error.of("configuration", &id);
            let group = column::id("resource_group_id", &group).map_err(unreadable)?;
            Ok((group, column::json("spec", &spec).map_err(unreadable)?, credential(&id)))
        };
        rows.into_iter().map(read).collect()
    }

    /// The configurations with an operator in these namespaces of a cluster, or in any: which, what is wanted, whether a run
    /// is on.
    #[tracing::instrument(name = "db.configuration.operators_in", skip_all, err(level = "debug"))]
    pub async fn operators_in(
        &self,
        cluster: ClusterId,
        namespaces: Option<&[String]>,
    ) -> Result<Vec<OperatorOf>, StorageError> {
        let mut query = QueryBuilder::<Driver>::new(
            "SELECT c.id, c.spec, k.uid AS cluster_uid, l.configuration_id IS NOT NULL AS syncing \
             FROM configurations c JOIN clusters k ON k.id = c.cluster_id LEFT JOIN leases l ON l.configuration_id = c.id AND l.held_until > ",
        );
        query.push_bind(self.now().0);
        query.push(" WHERE c.cluster_id = ").push_bind(cluster.to_string());
        if let Some(namespaces) = namespaces {
            query.push(" AND c.operator_namespace IN (");
            let mut list = query.separated(", ");
            for namespace in namespaces {
                list.push_bind(namespace.clone());
            }
            query.push(")");
        }
        let rows: Vec<OperatorRow> = query.build_query_as().fetch_all(self.database().read()).await?;
        Ok(readable(rows))
    }

    /// One configuration for a run. A spec or status that cannot be read is an error: the run records it.
    #[tracing::instrument(name = "db.configuration.work", skip_all, err(level = "debug"))]
    pub async fn work(&self, id: ConfigurationId) -> Result<Option<Work>, StorageError> {
        let row: Option<WorkRow> = sqlx::query_as(
            "SELECT c.id, c.cluster_id, k.uid AS cluster_uid, k.resource_group_id, g.subscription_id, c.spec, \
             c.generation, s.observed_generation, s.compliance, s.level, s.reason, s.detail, s.revision, \
             s.revision_subject, s.tree_id, s.last_config_applied, s.last_sync, s.syncing, s.counts, \
             s.operator_objects, s.failures, s.basis, \
             s.proven_revision, s.tagged, s.operator_generation, s.put_off_until, g.quota_configurations, \
             g.quota_clusters, g.quota_objects_per_sync, g.quota_syncs_per_hour, g.quota_repository_mebibytes, \
             g.quota_version, u.outbound_hosts \
             FROM configurations c \
             JOIN configuration_status s ON s.configuration_id = c.id \
             JOIN clusters k ON k.id = c.cluster_id \
             JOIN resource_groups g ON g.id = k.resource_group_id \
             JOIN subscriptions u ON u.id = g.subscription_id WHERE c.id = $1",
        )
        .bind(id.to_string())
        .fetch_optional(self.database().read())
        .await?;
        row.map(|row| Work::try_from(row).map_err(|error| error.of("configuration", &id.to_string())))
            .transpose()
    }
}

/// A configuration by its operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatorOf {
    /// Which configuration.
    pub id: ConfigurationId,
    /// What is wanted.
    pub spec: ConfigurationSpec,
    /// The cluster it is in.
    pub cluster_uid: ClusterUid,
    /// A run of it is on.
    pub syncing: bool,
}

#[derive(sqlx::FromRow)]
struct OperatorRow {
    id: String,
    spec: String,
    cluster_uid: String,
    syncing: bool,
}

impl TryFrom<OperatorRow> for OperatorOf {
    type Error = StorageError;

    fn try_from(OperatorRow { id, spec, cluster_uid, syncing }: OperatorRow) -> Result<Self, StorageError> {
        let unreadable = |error: ColumnError| error.of("configuration", &id);
        Ok(Self {
            id: column::id("id", &id).map_err(unreadable)?,
            spec: column::json("spec", &spec).map_err(unreadable)?,
            cluster_uid: ClusterUid(cluster_uid),
            syncing,
        })
    }
}

#[derive(sqlx::FromRow)]
struct WorkRow {
    id: String,
    cluster_id: String,
    cluster_uid: String,
    resource_group_id: String,
    subscription_id: String,
    spec: String,
    generation: i64,
    observed_generation: i64,
    compliance: String,
    level: String,
    reason: String,
    detail: Option<String>,
    revision: Option<String>,
    revision_subject: Option<String>,
    tree_id: Option<String>,
    last_config_applied: Option<i64>,
    last_sync: Option<i64>,
    syncing: Option<String>,
    counts: String,
    operator_objects: String,
    failures: i64,
    basis: Option<String>,
    proven_revision: Option<String>,
    tagged: Option<String>,
    operator_generation: i64,
    put_off_until: Option<i64>,
    outbound_hosts: String,
    #[sqlx(flatten)]
    quota: QuotaRow,
}

impl TryFrom<WorkRow> for Work {
    type Error = ColumnError;

    fn try_from(row: WorkRow) -> Result<Self, ColumnError> {
        Ok(Self {
            id: column::id("id", &row.id)?,
            cluster: column::id("cluster_id", &row.cluster_id)?,
            place: column::place(&row.subscription_id, Some(&row.resource_group_id), Some(&row.cluster_id))?,
            cluster_uid: ClusterUid(row.cluster_uid),
            spec: column::json("spec", &row.spec)?,
            generation: row.generation,
            status: ConfigurationStatus {
                observed_generation: row.observed_generation,
                compliance: column::word("compliance", &row.compliance)?,
                level: column::word("level", &row.level)?,
                reason: column::json("reason", &row.reason)?,
                detail: row.detail,
                revision: row.revision,
                revision_subject: row.revision_subject,
                last_config_applied: row.last_config_applied.map(Timestamp),
                last_sync: row.last_sync.map(Timestamp),
                syncing: column::optional_word("syncing", row.syncing.as_deref())?,
                counts: column::json("counts", &row.counts)?,
            },
            tree_id: row.tree_id,
            basis: row.basis,
            proven_revision: row.proven_revision,
            tagged: row.tagged,
            operator_generation: row.operator_generation,
            failures: super::list::count(row.failures),
            operator_objects: column::json("operator_objects", &row.operator_objects)?,
            quota: QuotaRecord::from(row.quota).quota,
            outbound: column::json("outbound_hosts", &row.outbound_hosts)?,
            put_off_until: row.put_off_until.map(Timestamp),
        })
    }
}
