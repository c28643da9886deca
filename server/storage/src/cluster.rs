//! Connected clusters.

mod draft;
mod write;

pub use draft::ClusterDraft;

use domain::access::{Place, Visible};
use domain::clock::Timestamp;
use domain::cluster::{ClusterFacts, ClusterStatus, ClusterType, ClusterUid, Connectivity, Preflight};
use domain::id::{ClusterId, ResourceGroupId, SubscriptionId, UserId};
use domain::name::ClusterName;
use domain::page::{PAGE_SIZE, Page, PageQuery};
use domain::reason::ConnectionReason;
use domain::service::ComplianceCounts;
use sqlx::QueryBuilder;

use crate::Storage;
use crate::column::{self, ColumnError};
use crate::configuration::{count, page, readable};
use crate::database::Driver;
use crate::error::StorageError;
use crate::visibility::{contains_pattern, push_visible};

/// A connected cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterRecord {
    /// Of this entry.
    pub id: ClusterId,
    /// Its subscription, as part of [`Self::place`].
    pub subscription: SubscriptionId,
    /// Display name of that.
    pub subscription_name: String,
    /// Its resource group, as part of [`Self::place`].
    pub resource_group: ResourceGroupId,
    /// Name of that.
    pub resource_group_name: String,
    /// Display name of that.
    pub resource_group_display_name: String,
    /// Where it is, for the decision about rights.
    pub place: Place,
    /// Part of the ARM id.
    pub cluster_type: ClusterType,
    /// As written.
    pub name: String,
    /// The cluster that was connected.
    pub uid: ClusterUid,
    /// Address in its kubeconfig.
    pub server: String,
    /// What is known of the connection.
    pub status: ClusterStatus,
    /// The last preflight.
    pub preflight: Option<Preflight>,
    /// When it answered last.
    pub last_seen: Option<Timestamp>,
    /// Since when it does not answer.
    pub offline_since: Option<Timestamp>,
    /// Grows with every change.
    pub version: i64,
    /// When it was connected.
    pub created_at: Timestamp,
    /// How its configurations stand.
    pub configurations: ComplianceCounts,
}

/// A cluster to be connected.
#[derive(Clone, Debug)]
pub struct NewCluster {
    /// Where to.
    pub resource_group: ResourceGroupId,
    /// Part of the ARM id.
    pub cluster_type: ClusterType,
    /// Its name.
    pub name: ClusterName,
    /// UID of its `kube-system` namespace.
    pub uid: ClusterUid,
    /// Address in its kubeconfig.
    pub server: String,
    /// What the preflight told.
    pub status: ClusterStatus,
    /// The preflight.
    pub preflight: Preflight,
    /// Who connects it.
    pub created_by: UserId,
}

const CLUSTER: &str = "SELECT k.id, k.resource_group_id, g.name AS resource_group_name, \
    g.display_name AS resource_group_display_name, g.subscription_id, \
    u.display_name AS subscription_name, k.cluster_type, k.name, k.uid, k.server, k.connectivity, k.reason, \
    k.detail, k.facts, k.preflight, k.last_seen, k.offline_since, k.version, k.created_at, \
    COALESCE(n.n_all, 0) AS n_all, COALESCE(n.n_installed, 0) AS n_installed, \
    COALESCE(n.n_pending, 0) AS n_pending \
    FROM clusters k \
    JOIN resource_groups g ON g.id = k.resource_group_id \
    JOIN subscriptions u ON u.id = g.subscription_id \
    LEFT JOIN (SELECT c.cluster_id, COUNT(*) AS n_all, \
        SUM(CASE s.compliance WHEN 'Installed' THEN 1 ELSE 0 END) AS n_installed, \
        SUM(CASE s.compliance WHEN 'Pending' THEN 1 ELSE 0 END) AS n_pending \
        FROM configurations c JOIN configuration_status s ON s.configuration_id = c.id GROUP BY c.cluster_id \
    ) n ON n.cluster_id = k.id WHERE 1 = 1";

impl Storage {
    /// A page of the clusters the actor may see, by name.
    #[tracing::instrument(name = "db.cluster.list", skip_all, err(level = "debug"))]
    pub async fn clusters(
        &self,
        visible: &Visible,
        page: &PageQuery,
    ) -> Result<Page<ClusterRecord>, StorageError> {
        let total = self.count_clusters(visible, &page.filter).await?;
        let mut query = QueryBuilder::new(CLUSTER);
        push_visible(&mut query, visible);
        push_name(&mut query, &page.filter);
        query.push(" ORDER BY k.name_key, k.id LIMIT ").push_bind(i64::from(PAGE_SIZE));
        query.push(" OFFSET ").push_bind(i64::from(page.offset()));
        let rows: Vec<ClusterRow> = query.build_query_as().fetch_all(self.database().read()).await?;
        Ok(Page { items: readable(rows), total, page: page.page.max(1) })
    }

    #[tracing::instrument(name = "db.cluster.count", skip_all, err(level = "debug"))]
    async fn count_clusters(&self, visible: &Visible, filter: &str) -> Result<u32, StorageError> {
        let mut query = QueryBuilder::new(
            "SELECT COUNT(*) FROM clusters k JOIN resource_groups g ON g.id = k.resource_group_id WHERE 1 = 1",
        );
        push_visible(&mut query, visible);
        push_name(&mut query, filter);
        let total: i64 = query.build_query_scalar().fetch_one(self.database().read()).await?;
        Ok(count(total))
    }

    /// These clusters, as far as the actor may see them; for the live stream.
    #[tracing::instrument(name = "db.cluster.rows", skip_all, err(level = "debug"))]
    pub async fn cluster_rows(
        &self,
        visible: &Visible,
        ids: &[ClusterId],
    ) -> Result<Vec<ClusterRecord>, StorageError> {
        let mut query = QueryBuilder::new(CLUSTER);
        push_visible(&mut query, visible);
        query.push(" AND k.id IN (");
        let mut list = query.separated(", ");
        for id in ids {
            list.push_bind(id.to_string());
        }
        query.push(")");
        let rows: Vec<ClusterRow> = query.build_query_as().fetch_all(self.database().read()).await?;
        Ok(readable(rows))
    }

    /// Every cluster, for the timer that asks them and for the watches.
    #[tracing::instrument(name = "db.cluster.all", skip_all, err(level = "debug"))]
    pub async fn all_clusters(&self) -> Result<Vec<ClusterRecord>, StorageError> {
        let mut query = QueryBuilder::<Driver>::new(CLUSTER);
        query.push(" ORDER BY k.id");
        let rows: Vec<ClusterRow> = query.build_query_as().fetch_all(self.database().read()).await?;
        Ok(readable(rows))
    }

    /// One cluster.
    #[tracing::instrument(name = "db.cluster.get", skip_all, err(level = "debug"))]
    pub async fn cluster(&self, id: ClusterId) -> Result<Option<ClusterRecord>, StorageError> {
        let mut query = QueryBuilder::<Driver>::new(CLUSTER);
        query.push(" AND k.id = ").push_bind(id.to_string());
        let row: Option<ClusterRow> = query.build_query_as().fetch_optional(self.database().read()).await?;
        row.map(ClusterRecord::try_from).transpose()
    }

    /// The clusters of this name in a resource group, any case: one of each type at most.
    #[tracing::instrument(name = "db.cluster.named", skip_all, err(level = "debug"))]
    pub async fn clusters_named(
        &self,
        resource_group: ResourceGroupId,
        name: &str,
    ) -> Result<Vec<ClusterRecord>, StorageError> {
        let mut query = QueryBuilder::<Driver>::new(CLUSTER);
        query.push(" AND k.resource_group_id = ").push_bind(resource_group.to_string());
        query.push(" AND k.name_key = ").push_bind(name.to_lowercase());
        query.push(" ORDER BY k.cluster_type");
        let rows: Vec<ClusterRow> = query.build_query_as().fetch_all(self.database().read()).await?;
        Ok(readable(rows))
    }

    /// A page of the clusters of one type in a subscription, or in one group of it, that the actor may see, by group
    /// and name, and where the next page begins; `after` is that of the page before.
    #[tracing::instrument(name = "db.cluster.after", skip_all, err(level = "debug"))]
    pub async fn clusters_after(
        &self,
        visible: &Visible,
        cluster_type: ClusterType,
        (subscription, resource_group): (SubscriptionId, Option<ResourceGroupId>),
        after: Option<&str>,
        top: u32,
    ) -> Result<(Vec<ClusterRecord>, Option<String>), StorageError> {
        let mut query = QueryBuilder::<Driver>::new(CLUSTER);
        push_visible(&mut query, visible);
        query.push(" AND g.subscription_id = ").push_bind(subscription.to_string());
        query.push(" AND k.cluster_type = ").push_bind(cluster_type.as_str());
        if let Some(group) = resource_group {
            query.push(" AND g.id = ").push_bind(group.to_string());
        }
        let after = after.map(str::to_lowercase).unwrap_or_default();
        query.push(" AND g.name_key || '/' || k.name_key > ").push_bind(after);
        query.push(" ORDER BY g.name_key || '/' || k.name_key LIMIT ").push_bind(i64::from(top) + 1);
        let rows: Vec<ClusterRow> = query.build_query_as().fetch_all(self.database().read()).await?;
        let (rows, next) = page(rows, top, ClusterRow::list_key);
        Ok((readable(rows), next))
    }

    /// The entries that are this very cluster, in whatever place.
    #[tracing::instrument(name = "db.cluster.by_uid", skip_all, err(level = "debug"))]
    pub async fn clusters_by_uid(&self, uid: &ClusterUid) -> Result<Vec<ClusterRecord>, StorageError> {
        let mut query = QueryBuilder::<Driver>::new(CLUSTER);
        query.push(" AND k.uid = ").push_bind(uid.0.clone());
        let rows: Vec<ClusterRow> = query.build_query_as().fetch_all(self.database().read()).await?;
        Ok(readable(rows))
    }
}

fn push_name(query: &mut QueryBuilder<Driver>, filter: &str) {
    if !filter.is_empty() {
        query.push(" AND k.name_key LIKE ").push_bind(contains_pattern(filter)).push(r" ESCAPE '\'");
    }
}

#[derive(sqlx::FromRow)]
struct ClusterRow {
    id: String,
    resource_group_id: String,
    resource_group_name: String,
    resource_group_display_name: String,
    subscription_id: String,
    subscription_name: String,
    cluster_type: String,
    name: String,
    uid: String,
    server: String,
    connectivity: String,
    reason: String,
    detail: Option<String>,
    facts: Option<String>,
    preflight: Option<String>,
    last_seen: Option<i64>,
    offline_since: Option<i64>,
    version: i64,
    created_at: i64,
    n_all: i64,
    n_installed: i64,
    n_pending: i64,
}

impl ClusterRow {
    /// What lists over several groups are ordered by: neither name can hold a slash.
    fn list_key(&self) -> String {
        format!("{}/{}", self.resource_group_name.to_lowercase(), self.name.to_lowercase())
    }

    fn status(&self) -> Result<ClusterStatus, ColumnError> {
        Ok(ClusterStatus {
            connectivity: column::word("connectivity", &self.connectivity)?,
            reason: column::json("reason", &self.reason)?,
            detail: self.detail.clone(),
            facts: column::optional_json::<ClusterFacts>("facts", self.facts.as_deref())?,
        })
    }

    /// One bad row must not hide the others.
    fn status_or_failed(&self) -> ClusterStatus {
        self.status().unwrap_or_else(|error| {
            tracing::error!(
                cluster.id = %self.id,
                "the stored status of cluster {} cannot be read: {error}",
                self.id
            );
            ClusterStatus {
                connectivity: Connectivity::Offline,
                reason: ConnectionReason::Failed,
                detail: Some(error.to_string()),
                facts: None,
            }
        })
    }

    fn read(self) -> Result<ClusterRecord, ColumnError> {
        let status = self.status_or_failed();
        let preflight =
            column::optional_json("preflight", self.preflight.as_deref()).unwrap_or_else(|error| {
                tracing::error!(cluster.id = %self.id, "a stored preflight cannot be read: {error}");
                None
            });
        Ok(ClusterRecord {
            id: column::id("id", &self.id)?,
            subscription: column::id("subscription_id", &self.subscription_id)?,
            subscription_name: self.subscription_name,
            resource_group: column::id("resource_group_id", &self.resource_group_id)?,
            resource_group_name: self.resource_group_name,
            resource_group_display_name: self.resource_group_display_name,
            place: column::place(&self.subscription_id, Some(&self.resource_group_id), Some(&self.id))?,
            cluster_type: ClusterType::parse(&self.cluster_type).unwrap_or_default(),
            name: self.name,
            uid: ClusterUid(self.uid),
            server: self.server,
            status,
            preflight,
            last_seen: self.last_seen.map(Timestamp),
            offline_since: self.offline_since.map(Timestamp),
            version: self.version,
            created_at: Timestamp(self.created_at),
            configurations: ComplianceCounts {
                installed: count(self.n_installed),
                pending: count(self.n_pending),
                failed: count(self.n_all - self.n_installed - self.n_pending),
            },
        })
    }
}

impl TryFrom<ClusterRow> for ClusterRecord {
    type Error = StorageError;

    fn try_from(row: ClusterRow) -> Result<Self, StorageError> {
        let id = row.id.clone();
        row.read().map_err(|error| error.of("cluster", &id))
    }
}
