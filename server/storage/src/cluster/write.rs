//! Connecting and forgetting clusters, and what a look at them told.

use domain::cluster::{ClusterStatus, ClusterUid, Connectivity, Preflight};
use domain::event::StatusEvent;
use domain::id::{ClusterId, ConfigurationId};
use domain::quota::QuotaKind;
use domain::status::ConfigurationStatus;
use sqlx::AssertSqlSafe;

use super::NewCluster;
use crate::Storage;
use crate::column::{self, to_json};
use crate::configuration::count;
use crate::error::{StorageError, Taken, taken};
use crate::secret::SecretOwner;
use crate::unit::UnitOfWork;

impl Storage {
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
    /// Connects a cluster, as far as the resource group's quota leaves room; its kubeconfig is put with [`UnitOfWork::put_secret`] in the same unit.
    #[tracing::instrument(name = "db.cluster.create", skip_all, err(level = "debug"))]
    pub async fn create_cluster(&mut self, new: &NewCluster) -> Result<ClusterId, StorageError> {
        let (id, now) = (ClusterId(self.new_uuid()?), self.now());
        let NewCluster { resource_group, cluster_type, name, uid, server, status, preflight, created_by } =
            new;
        self.check_room(*resource_group, QuotaKind::Clusters).await?;
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

    /// The address in the cluster's present kubeconfig.
    #[tracing::instrument(name = "db.cluster.set_server", skip_all, err(level = "debug"))]
    pub async fn set_cluster_server(&mut self, id: ClusterId, server: &str) -> Result<(), StorageError> {
        let version: Option<i64> = sqlx::query_scalar(
            "UPDATE clusters SET server = $1, version = version + 1 WHERE id = $2 RETURNING version",
        )
        .bind(server)
        .bind(id.to_string())
        .fetch_optional(self.connection())
        .await?;
        let version = version.ok_or(StorageError::Stale)?;
        self.tell(StatusEvent::Cluster { id, version });
        Ok(())
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

    /// The entry stands for another cluster from now on: nothing of what was applied to the earlier one is in it, so
    /// everything begins anew. `false` when the entry is gone or is that cluster already; an operator that exists there
    /// twice is [`Taken`].
    #[tracing::instrument(name = "db.cluster.replace_uid", skip_all, err(level = "debug"))]
    pub async fn replace_cluster_uid(
        &mut self,
        id: ClusterId,
        uid: &ClusterUid,
    ) -> Result<bool, StorageError> {
        let version: Option<i64> = sqlx::query_scalar(
            "UPDATE clusters SET uid = $1, version = version + 1 WHERE id = $2 AND uid <> $1 RETURNING version",
        )
        .bind(&uid.0)
        .bind(id.to_string())
        .fetch_optional(self.connection())
        .await?;
        let Some(version) = version else { return Ok(false) };
        let own = "(SELECT id FROM configurations WHERE cluster_id = $1)";
        for table in ["inventory", "prune_lists", "releases"] {
            let forget = format!("DELETE FROM {table} WHERE configuration_id IN {own}");
            sqlx::query(AssertSqlSafe(forget)).bind(id.to_string()).execute(self.connection()).await?;
        }
        // What runs still works on the one before.
        let lost = format!("UPDATE leases SET held_until = 0 WHERE configuration_id IN {own}");
        sqlx::query(AssertSqlSafe(lost)).bind(id.to_string()).execute(self.connection()).await?;
        sqlx::query("UPDATE configurations SET cluster_uid = $1 WHERE cluster_id = $2")
            .bind(&uid.0)
            .bind(id.to_string())
            .execute(self.connection())
            .await
            .map_err(taken(Taken::ConfigurationName))?;
        let fresh = ConfigurationStatus::fresh();
        sqlx::query(AssertSqlSafe(format!(
            "UPDATE configuration_status SET compliance = $2, level = $3, reason = $4, detail = NULL, \
             observed_generation = 0, operator_generation = 0, basis = NULL, proven_revision = NULL, \
             tree_id = NULL, health = NULL, failures = 0, next_due_at = $5, hint_at = $5 \
             WHERE configuration_id IN {own}"
        )))
        .bind(id.to_string())
        .bind(fresh.compliance.as_str())
        .bind(fresh.level.as_str())
        .bind(to_json(&fresh.reason)?)
        .bind(self.now().0)
        .execute(self.connection())
        .await?;
        self.refresh_configurations(id).await?;
        self.tell(StatusEvent::Cluster { id, version });
        self.wake();
        Ok(true)
    }

    /// Forgets a cluster with its kubeconfig and the roles on it; what has to go from it is remembered. The database
    /// refuses it while the cluster has configurations. `false` when it is gone already.
    #[tracing::instrument(name = "db.cluster.delete", skip_all, err(level = "debug"))]
    pub async fn delete_cluster(&mut self, id: ClusterId) -> Result<bool, StorageError> {
        self.delete_secrets(SecretOwner::Cluster(id)).await?;
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
