//! Connected clusters.

mod draft;

pub use draft::ClusterDraft;

use domain::access::{Place, Visible};
use domain::clock::Timestamp;
use domain::cluster::{ClusterFacts, ClusterStatus, ClusterType, ClusterUid, Connectivity, Preflight};
use domain::event::StatusEvent;
use domain::id::{ClusterId, ConfigurationId, ResourceGroupId, SubscriptionId, UserId};
use domain::name::ClusterName;
use domain::page::{PAGE_SIZE, Page, PageQuery};
use domain::reason::ConnectionReason;
use domain::service::ComplianceCounts;
use sqlx::QueryBuilder;

use crate::Storage;
use crate::column::{self, ColumnError, to_json};
use crate::configuration::{count, readable};
use crate::database::Driver;
use crate::error::{StorageError, Taken, taken};
use crate::secret::SecretOwner;
use crate::unit::UnitOfWork;
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

const CLUSTER: &str = "SELECT k.id, k.resource_group_id, g.name AS resource_group_name, g.subscription_id, \
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

    /// The entries that are this very cluster, in whatever place.
    #[tracing::instrument(name = "db.cluster.by_uid", skip_all, err(level = "debug"))]
    pub async fn clusters_by_uid(&self, uid: &ClusterUid) -> Result<Vec<ClusterRecord>, StorageError> {
        let mut query = QueryBuilder::<Driver>::new(CLUSTER);
        query.push(" AND k.uid = ").push_bind(uid.0.clone());
        let rows: Vec<ClusterRow> = query.build_query_as().fetch_all(self.database().read()).await?;
        Ok(readable(rows))
    }

    /// What a look at the cluster told. The version grows, and pages are told, only when something they show
    /// differs; when it went offline or came back, its configurations change too.
    #[tracing::instrument(name = "db.cluster.update_status", skip_all, err(level = "debug"))]
    pub async fn update_cluster_status(
        &self,
        id: ClusterId,
        status: &ClusterStatus,
    ) -> Result<(), StorageError> {
        let mut unit = self.begin().await?;
        let online = status.connectivity == Connectivity::Connected;
        if online {
            unit.touch_cluster(id).await?;
        }
        let Some(was_offline) = unit.offline_since(id).await? else { return Ok(()) };
        let offline_since = match (online, was_offline) {
            (true, _) => None,
            (false, Some(since)) => Some(since),
            (false, None) => Some(unit.now().0),
        };
        unit.set_cluster_status(id, status, offline_since).await?;
        if was_offline.is_some() != offline_since.is_some() {
            unit.refresh_configurations(id).await?;
        }
        unit.commit().await
    }

    /// The preflight that was just run.
    #[tracing::instrument(name = "db.cluster.set_preflight", skip_all, err(level = "debug"))]
    pub async fn set_preflight(&self, id: ClusterId, preflight: &Preflight) -> Result<(), StorageError> {
        let mut unit = self.begin().await?;
        let version: Option<i64> = sqlx::query_scalar(
            "UPDATE clusters SET preflight = $1, version = version + 1 \
             WHERE id = $2 AND COALESCE(preflight, '') <> $1 RETURNING version",
        )
        .bind(to_json(preflight)?)
        .bind(id.to_string())
        .fetch_optional(unit.connection())
        .await?;
        if let Some(version) = version {
            unit.tell(StatusEvent::Cluster { id, version });
        }
        unit.commit().await
    }
}

impl UnitOfWork {
    /// Connects a cluster; its kubeconfig is put with [`UnitOfWork::put_secret`] in the same unit.
    #[tracing::instrument(name = "db.cluster.create", skip_all, err(level = "debug"))]
    pub async fn create_cluster(&mut self, new: &NewCluster) -> Result<ClusterId, StorageError> {
        let (id, now) = (ClusterId(self.new_uuid()?), self.now());
        let NewCluster { resource_group, cluster_type, name, uid, server, status, preflight, created_by } =
            new;
        let online = status.connectivity == Connectivity::Connected;
        sqlx::query(
            "INSERT INTO clusters (id, resource_group_id, cluster_type, name, name_key, uid, server, \
             connectivity, reason, detail, facts, preflight, last_seen, offline_since, version, created_at, \
             created_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 1, $15, $16)",
        )
        .bind(id.to_string())
        .bind(resource_group.to_string())
        .bind(cluster_type.as_str())
        .bind(name.as_str())
        .bind(name.key())
        .bind(&uid.0)
        .bind(server)
        .bind(status.connectivity.as_str())
        .bind(to_json(&status.reason)?)
        .bind(&status.detail)
        .bind(column::to_optional_json(status.facts.as_ref())?)
        .bind(to_json(preflight)?)
        .bind(online.then_some(now.0))
        .bind((!online).then_some(now.0))
        .bind(now.0)
        .bind(created_by.to_string())
        .execute(self.connection())
        .await
        .map_err(taken(Taken::ClusterName))?;
        self.tell(StatusEvent::Cluster { id, version: 1 });
        Ok(id)
    }

    /// The entries that are this very cluster, as this transaction sees them.
    #[tracing::instrument(name = "db.cluster.with_uid", skip_all, err(level = "debug"))]
    pub async fn clusters_with_uid(&mut self, uid: &ClusterUid) -> Result<Vec<ClusterId>, StorageError> {
        let ids: Vec<String> = sqlx::query_scalar("SELECT id FROM clusters WHERE uid = $1 ORDER BY id")
            .bind(&uid.0)
            .fetch_all(self.connection())
            .await?;
        ids.iter().map(|id| column::id("id", id).map_err(|error| error.of("cluster", id))).collect()
    }

    /// Configurations that a cluster still has.
    #[tracing::instrument(name = "db.cluster.count_configurations", skip_all, err(level = "debug"))]
    pub async fn configurations_of(&mut self, id: ClusterId) -> Result<u32, StorageError> {
        let number: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM configurations WHERE cluster_id = $1")
            .bind(id.to_string())
            .fetch_one(self.connection())
            .await?;
        Ok(count(number))
    }

    /// Forgets a cluster with its kubeconfig, its unfinished retirements and the roles on it. The database
    /// refuses it while the cluster has configurations. `false` when it is gone already.
    #[tracing::instrument(name = "db.cluster.delete", skip_all, err(level = "debug"))]
    pub async fn delete_cluster(&mut self, id: ClusterId) -> Result<bool, StorageError> {
        self.delete_secrets(SecretOwner::Cluster(id)).await?;
        sqlx::query("DELETE FROM memberships WHERE cluster_id = $1")
            .bind(id.to_string())
            .execute(self.connection())
            .await?;
        let version: Option<i64> = sqlx::query_scalar("DELETE FROM clusters WHERE id = $1 RETURNING version")
            .bind(id.to_string())
            .fetch_optional(self.connection())
            .await?;
        let Some(version) = version else { return Ok(false) };
        self.tell(StatusEvent::Cluster { id, version: version + 1 });
        Ok(true)
    }

    async fn touch_cluster(&mut self, id: ClusterId) -> Result<(), StorageError> {
        let now = self.now().0;
        sqlx::query("UPDATE clusters SET last_seen = $1 WHERE id = $2")
            .bind(now)
            .bind(id.to_string())
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// The outer `None`: no such cluster.
    async fn offline_since(&mut self, id: ClusterId) -> Result<Option<Option<i64>>, StorageError> {
        Ok(sqlx::query_scalar("SELECT offline_since FROM clusters WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(self.connection())
            .await?)
    }

    async fn set_cluster_status(
        &mut self,
        id: ClusterId,
        status: &ClusterStatus,
        offline_since: Option<i64>,
    ) -> Result<(), StorageError> {
        let ClusterStatus { connectivity, reason, detail, facts } = status;
        let version: Option<i64> = sqlx::query_scalar(
            "UPDATE clusters SET connectivity = $1, reason = $2, detail = $3, facts = COALESCE($4, facts), \
             offline_since = $5, version = version + 1 \
             WHERE id = $6 AND (connectivity <> $1 OR reason <> $2 OR COALESCE(detail, '') <> COALESCE($3, '') \
             OR COALESCE($4, facts, '') <> COALESCE(facts, '')) RETURNING version",
        )
        .bind(connectivity.as_str())
        .bind(to_json(reason)?)
        .bind(detail)
        .bind(column::to_optional_json(facts.as_ref())?)
        .bind(offline_since)
        .bind(id.to_string())
        .fetch_optional(self.connection())
        .await?;
        if let Some(version) = version {
            self.tell(StatusEvent::Cluster { id, version });
        }
        Ok(())
    }

    /// The rows of its configurations show whether the cluster answers.
    async fn refresh_configurations(&mut self, cluster: ClusterId) -> Result<(), StorageError> {
        let rows: Vec<(String, i64)> = sqlx::query_as(
            "UPDATE configuration_status SET version = version + 1 WHERE configuration_id IN \
             (SELECT id FROM configurations WHERE cluster_id = $1) RETURNING configuration_id, version",
        )
        .bind(cluster.to_string())
        .fetch_all(self.connection())
        .await?;
        for (id, version) in rows {
            let id: ConfigurationId =
                column::id("configuration_id", &id).map_err(|error| error.of("configuration", &id))?;
            self.tell(StatusEvent::Configuration { id, cluster, version });
        }
        Ok(())
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
