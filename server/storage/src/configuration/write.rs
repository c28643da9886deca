//! Making, changing and deleting configurations.

use domain::cluster::ClusterUid;
use domain::configuration::ConfigurationSpec;
use domain::event::StatusEvent;
use domain::id::{ClusterId, ConfigurationId, UserId};
use domain::quota::QuotaKind;
use domain::status::ConfigurationStatus;

use crate::column::{self, to_json};
use crate::error::{StorageError, Taken, taken};
use crate::retirement::NewRetirement;
use crate::secret::SecretOwner;
use crate::unit::UnitOfWork;

impl UnitOfWork {
    /// Makes a configuration, as far as the resource group's quota leaves room; its first sync is due at once. `None` when the cluster is gone.
    #[tracing::instrument(name = "db.configuration.create", skip_all, err(level = "debug"))]
    pub async fn create_configuration(
        &mut self,
        cluster: ClusterId,
        spec: &ConfigurationSpec,
        created_by: UserId,
    ) -> Result<Option<ConfigurationId>, StorageError> {
        let Some(uid) = self.uid_of_cluster(cluster).await? else { return Ok(None) };
        let id = ConfigurationId(self.new_uuid()?);
        if let Some(group) = self.group_of_cluster(cluster).await? {
            self.check_room(group, QuotaKind::Configurations).await?;
        }
        self.check_operator_free(id, &uid, spec).await?;
        let now = self.now().0;
        sqlx::query(
            "INSERT INTO configurations (id, cluster_id, cluster_uid, name, name_key, operator_namespace, \
             operator_instance_name, operator_scope, repository_url, branch, spec, generation, spec_version, \
             created_at, created_by, updated_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1, 1, $12, $13, $12)",
        )
        .bind(id.to_string())
        .bind(cluster.to_string())
        .bind(&uid.0)
        .bind(spec.name.as_str())
        .bind(spec.name.key())
        .bind(spec.operator_namespace.as_str())
        .bind(spec.operator_instance_name.as_str())
        .bind(spec.operator_scope.as_str())
        .bind(spec.repository_url.as_str())
        .bind(spec.operator_params.flags().git_branch.as_str())
        .bind(to_json(spec)?)
        .bind(now)
        .bind(created_by.to_string())
        .execute(self.connection())
        .await
        .map_err(taken(Taken::ConfigurationName))?;
        self.insert_fresh_status(id).await?;
        self.tell(StatusEvent::Configuration { id, cluster, version: 1 });
        self.wake();
        Ok(Some(id))
    }

    async fn insert_fresh_status(&mut self, id: ConfigurationId) -> Result<(), StorageError> {
        let now = self.now().0;
        let fresh = ConfigurationStatus::fresh();
        sqlx::query(
            "INSERT INTO configuration_status (configuration_id, version, observed_generation, compliance, \
             level, reason, counts, next_due_at) VALUES ($1, 1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(id.to_string())
        .bind(fresh.observed_generation)
        .bind(fresh.compliance.as_str())
        .bind(fresh.level.as_str())
        .bind(to_json(&fresh.reason)?)
        .bind(to_json(&fresh.counts)?)
        .bind(now)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Replaces the spec: pending again, due at once. When the operator changes, the old operator objects are
    /// retired once the new generation was synced. `false` when the configuration is gone.
    #[tracing::instrument(name = "db.configuration.replace", skip_all, err(level = "debug"))]
    pub async fn replace_configuration(
        &mut self,
        id: ConfigurationId,
        spec: &ConfigurationSpec,
        spec_version: i64,
        by: UserId,
    ) -> Result<bool, StorageError> {
        let Some(before) = self.identity_of_configuration(id).await? else { return Ok(false) };
        if before.spec_version != spec_version {
            return Err(StorageError::Stale);
        }
        let uid = ClusterUid(before.cluster_uid.clone());
        self.check_operator_free(id, &uid, spec).await?;
        if before.operator_differs(spec) {
            let after_generation = before.generation + 1;
            self.retire(&before.retirement(id, after_generation, by)).await?;
        }
        let now = self.now().0;
        let updated = sqlx::query(
            "UPDATE configurations SET name = $1, name_key = $2, operator_namespace = $3, \
             operator_instance_name = $4, operator_scope = $5, repository_url = $6, branch = $7, spec = $8, \
             generation = generation + 1, spec_version = spec_version + 1, updated_at = $9 \
             WHERE id = $10 AND spec_version = $11",
        )
        .bind(spec.name.as_str())
        .bind(spec.name.key())
        .bind(spec.operator_namespace.as_str())
        .bind(spec.operator_instance_name.as_str())
        .bind(spec.operator_scope.as_str())
        .bind(spec.repository_url.as_str())
        .bind(spec.operator_params.flags().git_branch.as_str())
        .bind(to_json(spec)?)
        .bind(now)
        .bind(id.to_string())
        .bind(spec_version)
        .execute(self.connection())
        .await
        .map_err(taken(Taken::ConfigurationName))?;
        if updated.rows_affected() == 0 {
            return Err(StorageError::Stale);
        }
        self.pend_again(id, before.cluster()?).await?;
        Ok(true)
    }

    /// Another spec: what was said about the earlier one no longer holds, but revision and times stay. The
    /// hint makes it due again after a run of the earlier spec that is on now.
    async fn pend_again(&mut self, id: ConfigurationId, cluster: ClusterId) -> Result<(), StorageError> {
        let now = self.now().0;
        let fresh = ConfigurationStatus::fresh();
        let version: i64 = sqlx::query_scalar(
            "UPDATE configuration_status SET version = version + 1, compliance = $1, level = $2, reason = $3, \
             detail = NULL, failures = 0, next_due_at = $4, hint_at = $4, put_off_until = NULL, \
             put_off_limit = NULL WHERE configuration_id = $5 \
             RETURNING version",
        )
        .bind(fresh.compliance.as_str())
        .bind(fresh.level.as_str())
        .bind(to_json(&fresh.reason)?)
        .bind(now)
        .bind(id.to_string())
        .fetch_one(self.connection())
        .await?;
        self.tell(StatusEvent::Configuration { id, cluster, version });
        self.wake();
        Ok(())
    }

    /// Deletes a configuration with its status, inventory, history and secrets: gone from every list at once,
    /// its objects free for others, every run of it fenced off. Its operator objects are retired. `false` when
    /// it is gone already.
    #[tracing::instrument(name = "db.configuration.delete", skip_all, err(level = "debug"))]
    pub async fn delete_configuration(
        &mut self,
        id: ConfigurationId,
        by: UserId,
    ) -> Result<bool, StorageError> {
        let Some(before) = self.identity_of_configuration(id).await? else { return Ok(false) };
        let version: i64 =
            sqlx::query_scalar("SELECT version FROM configuration_status WHERE configuration_id = $1")
                .bind(id.to_string())
                .fetch_one(self.connection())
                .await?;
        self.retire(&before.retirement(id, 0, by)).await?;
        self.delete_secrets(SecretOwner::Configuration(id)).await?;
        sqlx::query("DELETE FROM configurations WHERE id = $1")
            .bind(id.to_string())
            .execute(self.connection())
            .await?;
        self.tell(StatusEvent::Configuration { id, cluster: before.cluster()?, version: version + 1 });
        self.wake();
        Ok(true)
    }

    /// Asks for a sync as soon as possible, whatever the backoff. `false` when the configuration is gone.
    #[tracing::instrument(name = "db.configuration.request_sync", skip_all, err(level = "debug"))]
    pub async fn request_sync(&mut self, id: ConfigurationId) -> Result<bool, StorageError> {
        let now = self.now().0;
        let updated = sqlx::query(
            "UPDATE configuration_status SET sync_requested_at = $1, failures = 0, \
             next_due_at = CASE WHEN next_due_at < $1 THEN next_due_at ELSE $1 END \
             WHERE configuration_id = $2",
        )
        .bind(now)
        .bind(id.to_string())
        .execute(self.connection())
        .await?;
        self.wake();
        Ok(updated.rows_affected() > 0)
    }

    /// Stops the syncs of a configuration, or makes it due again; one that runs comes to its end. `false` when the
    /// configuration is gone.
    #[tracing::instrument(name = "db.configuration.suspend", skip_all, err(level = "debug"))]
    pub async fn suspend_configuration(
        &mut self,
        id: ConfigurationId,
        suspended: bool,
    ) -> Result<bool, StorageError> {
        let now = self.now().0;
        let changed: Option<(String, i64)> = sqlx::query_as(
            "UPDATE configurations SET suspended_at = CASE WHEN $1 THEN COALESCE(suspended_at, $2) END \
             WHERE id = $3 RETURNING cluster_id, \
             (SELECT version FROM configuration_status WHERE configuration_id = id)",
        )
        .bind(suspended)
        .bind(now)
        .bind(id.to_string())
        .fetch_optional(self.connection())
        .await?;
        let Some((cluster, version)) = changed else { return Ok(false) };
        sqlx::query(
            "UPDATE configuration_status SET version = $1, \
             next_due_at = CASE WHEN $2 OR next_due_at < $3 THEN next_due_at ELSE $3 END \
             WHERE configuration_id = $4",
        )
        .bind(version + 1)
        .bind(suspended)
        .bind(now)
        .bind(id.to_string())
        .execute(self.connection())
        .await?;
        let cluster =
            column::id("cluster_id", &cluster).map_err(|error| error.of("configuration", &id.to_string()))?;
        self.tell(StatusEvent::Configuration { id, cluster, version: version + 1 });
        self.wake();
        Ok(true)
    }

    async fn uid_of_cluster(&mut self, cluster: ClusterId) -> Result<Option<ClusterUid>, StorageError> {
        let uid: Option<String> = sqlx::query_scalar("SELECT uid FROM clusters WHERE id = $1")
            .bind(cluster.to_string())
            .fetch_optional(self.connection())
            .await?;
        Ok(uid.map(ClusterUid))
    }

    /// The unique index would refuse it too, but cannot name the other one.
    async fn check_operator_free(
        &mut self,
        id: ConfigurationId,
        uid: &ClusterUid,
        spec: &ConfigurationSpec,
    ) -> Result<(), StorageError> {
        let other: Option<(String, String)> = sqlx::query_as(
            "SELECT id, name FROM configurations WHERE cluster_uid = $1 AND operator_namespace = $2 \
             AND operator_instance_name = $3 AND id <> $4",
        )
        .bind(&uid.0)
        .bind(spec.operator_namespace.as_str())
        .bind(spec.operator_instance_name.as_str())
        .bind(id.to_string())
        .fetch_optional(self.connection())
        .await?;
        match other {
            None => Ok(()),
            Some((other, name)) => {
                let configuration =
                    column::id("id", &other).map_err(|error| error.of("configuration", &other))?;
                Err(StorageError::Taken(Taken::Operator { configuration, name }))
            }
        }
    }

    async fn identity_of_configuration(
        &mut self,
        id: ConfigurationId,
    ) -> Result<Option<IdentityRow>, StorageError> {
        Ok(sqlx::query_as(
            "SELECT c.id, c.cluster_id, c.cluster_uid, c.name, c.operator_namespace, c.operator_instance_name, \
             c.operator_scope, c.generation, c.spec_version, s.operator_objects \
             FROM configurations c JOIN configuration_status s ON s.configuration_id = c.id WHERE c.id = $1",
        )
        .bind(id.to_string())
        .fetch_optional(self.connection())
        .await?)
    }
}

/// What of a configuration its change or deletion needs, readable even when the spec is not.
#[derive(sqlx::FromRow)]
struct IdentityRow {
    id: String,
    cluster_id: String,
    cluster_uid: String,
    name: String,
    operator_namespace: String,
    operator_instance_name: String,
    operator_scope: String,
    generation: i64,
    spec_version: i64,
    operator_objects: String,
}

impl IdentityRow {
    fn cluster(&self) -> Result<ClusterId, StorageError> {
        column::id("cluster_id", &self.cluster_id).map_err(|error| error.of("configuration", &self.id))
    }

    fn operator_differs(&self, spec: &ConfigurationSpec) -> bool {
        self.operator_namespace != spec.operator_namespace.as_str()
            || self.operator_instance_name != spec.operator_instance_name.as_str()
            || self.operator_scope != spec.operator_scope.as_str()
    }

    fn retirement(&self, id: ConfigurationId, after_generation: i64, by: UserId) -> NewRetirement<'_> {
        NewRetirement {
            cluster_id: &self.cluster_id,
            cluster_uid: &self.cluster_uid,
            configuration: id,
            configuration_name: &self.name,
            operator_namespace: &self.operator_namespace,
            operator_instance_name: &self.operator_instance_name,
            operator_scope: &self.operator_scope,
            operator_objects: &self.operator_objects,
            after_generation,
            by,
        }
    }
}
