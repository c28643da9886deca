//! Operator objects that have to go: their configuration was deleted, or its operator is another one now.

use domain::access::Place;
use domain::clock::Timestamp;
use domain::cluster::ClusterUid;
use domain::configuration::OperatorScope;
use domain::id::{ClusterId, ConfigurationId, RetirementId, UserId};
use domain::reason::RetirementState;

use crate::Storage;
use crate::column::{self, ColumnError, to_json};
use crate::configuration::{OperatorObject, readable};
use crate::error::StorageError;
use crate::unit::UnitOfWork;

/// How long a finished retirement stays to be read: a week.
const KEPT_MILLISECONDS: i64 = 7 * 24 * 60 * 60 * 1000;

/// One operator that goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retirement {
    /// Of this row.
    pub id: RetirementId,
    /// On which cluster's entry.
    pub cluster: ClusterId,
    /// The cluster that was connected.
    pub cluster_uid: ClusterUid,
    /// Where that is.
    pub place: Place,
    /// Whose operator it was.
    pub configuration: ConfigurationId,
    /// Its name then.
    pub configuration_name: String,
    /// Namespace of the operator objects.
    pub operator_namespace: String,
    /// Their name.
    pub operator_instance_name: String,
    /// Which kind of binding they had.
    pub operator_scope: OperatorScope,
    /// What was made or found, less what a present configuration uses (by UID).
    pub objects: Vec<OperatorObject>,
    /// A present configuration has an operator of this namespace and name: only what is left over goes.
    pub operator_in_use: bool,
    /// A present configuration has its operator in this namespace: the namespace stays.
    pub namespace_in_use: bool,
    /// When a person wished it.
    pub requested_at: Timestamp,
    /// Who.
    pub requested_by: UserId,
    /// Their name; none when they are gone.
    pub requested_by_name: Option<String>,
    /// Attempts that failed one after the other.
    pub failures: u32,
    /// What the last attempt ended with.
    pub last_error: Option<String>,
    /// When nothing was left to do.
    pub finished_at: Option<Timestamp>,
    /// What is gone and what stays.
    pub state: RetirementState,
}

/// The entry of the cluster: the one it was wished on, else another one of the same cluster. Without any there is no
/// way to it, and the row waits.
const RETIREMENT: &str = "SELECT r.id, k.id AS cluster_id, r.cluster_uid, k.resource_group_id, \
    g.subscription_id, r.configuration_id, r.configuration_name, r.operator_namespace, \
    r.operator_instance_name, r.operator_scope, r.operator_objects, r.requested_at, r.requested_by, \
    u.name AS requested_by_name, r.failures, r.last_error, r.finished_at, r.state, \
    (SELECT COUNT(*) FROM configurations c WHERE c.cluster_uid = k.uid \
        AND c.operator_namespace = r.operator_namespace \
        AND c.operator_instance_name = r.operator_instance_name) AS n_operators, \
    (SELECT COUNT(*) FROM configurations c WHERE c.cluster_uid = k.uid \
        AND c.operator_namespace = r.operator_namespace) AS n_in_namespace \
    FROM retirements r \
    JOIN clusters k ON k.id = COALESCE( \
        (SELECT same.id FROM clusters same WHERE same.id = r.cluster_id AND same.uid = r.cluster_uid), \
        (SELECT MIN(other.id) FROM clusters other WHERE other.uid = r.cluster_uid)) \
    JOIN resource_groups g ON g.id = k.resource_group_id \
    LEFT JOIN users u ON u.id = r.requested_by";

impl Storage {
    /// What can be retired now. An operator that was replaced waits until the one after it was made, and a wish that was
    /// too old until a person renews it.
    #[tracing::instrument(name = "db.retirement.due", skip_all, err(level = "debug"))]
    pub async fn due_retirements(&self, limit: u32) -> Result<Vec<Retirement>, StorageError> {
        let mut query = sqlx::QueryBuilder::<crate::database::Driver>::new(RETIREMENT);
        query.push(
            " LEFT JOIN configuration_status s ON s.configuration_id = r.configuration_id \
             WHERE r.finished_at IS NULL AND r.state IS NULL \
             AND (s.configuration_id IS NULL OR s.operator_generation >= r.after_generation) AND r.next_at <= ",
        );
        query.push_bind(self.now().0).push(" ORDER BY r.next_at, r.id LIMIT ").push_bind(i64::from(limit));
        let rows: Vec<RetirementRow> = query.build_query_as().fetch_all(self.database().read()).await?;
        self.without_used_objects(rows).await
    }

    /// All of a cluster, finished ones of the last days too, newest first.
    #[tracing::instrument(name = "db.retirement.list", skip_all, err(level = "debug"))]
    pub async fn retirements(&self, cluster: ClusterId) -> Result<Vec<Retirement>, StorageError> {
        let mut query = sqlx::QueryBuilder::<crate::database::Driver>::new(RETIREMENT);
        query.push(" WHERE k.id = ").push_bind(cluster.to_string()).push(" ORDER BY r.id DESC");
        let rows: Vec<RetirementRow> = query.build_query_as().fetch_all(self.database().read()).await?;
        self.without_used_objects(rows).await
    }

    async fn without_used_objects(&self, rows: Vec<RetirementRow>) -> Result<Vec<Retirement>, StorageError> {
        let mut retirements: Vec<Retirement> = readable(rows);
        for retirement in &mut retirements {
            if !retirement.namespace_in_use {
                continue;
            }
            let used =
                self.operator_objects_in(&retirement.cluster_uid, &retirement.operator_namespace).await?;
            retirement.objects.retain(|object| !used.contains(&object.uid));
        }
        Ok(retirements)
    }

    /// UIDs of the operator objects that present configurations have in a namespace.
    #[tracing::instrument(name = "db.configuration.operator_uids", skip_all, err(level = "debug"))]
    async fn operator_objects_in(
        &self,
        cluster: &ClusterUid,
        namespace: &str,
    ) -> Result<Vec<String>, StorageError> {
        let rows: Vec<(String, String)> = sqlx::query_as(
            "SELECT c.id, s.operator_objects FROM configurations c \
             JOIN configuration_status s ON s.configuration_id = c.id \
             WHERE c.cluster_uid = $1 AND c.operator_namespace = $2",
        )
        .bind(&cluster.0)
        .bind(namespace)
        .fetch_all(self.database().read())
        .await?;
        let mut uids = Vec::new();
        for (id, objects) in rows {
            let objects: Vec<OperatorObject> =
                column::json("operator_objects", &objects).map_err(|error| error.of("configuration", &id))?;
            uids.extend(objects.into_iter().map(|object| object.uid));
        }
        Ok(uids)
    }

    /// An attempt failed; it is tried again at `next_at`.
    #[tracing::instrument(name = "db.retirement.fail", skip_all, err(level = "debug"))]
    pub async fn fail_retirement(
        &self,
        id: RetirementId,
        error: &str,
        next_at: Timestamp,
    ) -> Result<(), StorageError> {
        sqlx::query(
            "UPDATE retirements SET failures = failures + 1, last_error = $1, next_at = $2 WHERE id = $3",
        )
        .bind(error)
        .bind(next_at.0)
        .bind(id.to_string())
        .execute(self.database().write())
        .await?;
        Ok(())
    }

    /// Nothing is deleted for it until a person renews it.
    #[tracing::instrument(name = "db.retirement.expire", skip_all, err(level = "debug"))]
    pub async fn expire_retirement(&self, id: RetirementId) -> Result<(), StorageError> {
        sqlx::query("UPDATE retirements SET state = $1 WHERE id = $2")
            .bind(to_json(&RetirementState::WishTooOld)?)
            .bind(id.to_string())
            .execute(self.database().write())
            .await?;
        Ok(())
    }

    /// Nothing is left to do. Forgets what was finished long ago.
    #[tracing::instrument(name = "db.retirement.finish", skip_all, err(level = "debug"))]
    pub async fn finish_retirement(
        &self,
        id: RetirementId,
        state: &RetirementState,
    ) -> Result<(), StorageError> {
        let now = self.now();
        let mut unit = self.begin().await?;
        sqlx::query("UPDATE retirements SET finished_at = $1, state = $2, last_error = NULL WHERE id = $3")
            .bind(now.0)
            .bind(to_json(state)?)
            .bind(id.to_string())
            .execute(unit.connection())
            .await?;
        if *state != RetirementState::InUse {
            unit.forget_terms(id).await?;
        }
        sqlx::query("DELETE FROM retirements WHERE finished_at < $1")
            .bind(now.plus_milliseconds(-KEPT_MILLISECONDS).0)
            .execute(unit.connection())
            .await?;
        unit.commit().await
    }
}

/// An operator to retire, as its configuration's row has it.
pub(crate) struct NewRetirement<'row> {
    pub(crate) cluster_id: &'row str,
    pub(crate) cluster_uid: &'row str,
    pub(crate) configuration: ConfigurationId,
    pub(crate) configuration_name: &'row str,
    pub(crate) operator_namespace: &'row str,
    pub(crate) operator_instance_name: &'row str,
    pub(crate) operator_scope: &'row str,
    pub(crate) operator_objects: &'row str,
    /// The operator of this generation must have been made first; 0 for a deleted configuration.
    pub(crate) after_generation: i64,
    pub(crate) by: UserId,
}

impl UnitOfWork {
    /// Somebody wishes now what was wished too long ago. `false` when it does not wait for that (any more).
    #[tracing::instrument(name = "db.retirement.renew", skip_all, err(level = "debug"))]
    pub async fn renew_retirement(&mut self, id: RetirementId, by: UserId) -> Result<bool, StorageError> {
        let now = self.now().0;
        let renewed = sqlx::query(
            "UPDATE retirements SET requested_at = $1, requested_by = $2, next_at = $1, state = NULL, failures = 0, \
             last_error = NULL WHERE id = $3 AND finished_at IS NULL AND state IS NOT NULL",
        )
        .bind(now)
        .bind(by.to_string())
        .bind(id.to_string())
        .execute(self.connection())
        .await?;
        Ok(renewed.rows_affected() > 0)
    }

    #[tracing::instrument(name = "db.retirement.create", skip_all, err(level = "debug"))]
    pub(crate) async fn retire(&mut self, retirement: &NewRetirement<'_>) -> Result<(), StorageError> {
        let (id, now) = (self.new_uuid()?, self.now().0);
        sqlx::query(
            "INSERT INTO retirements (id, cluster_id, cluster_uid, configuration_id, configuration_name, \
             operator_namespace, operator_instance_name, operator_scope, operator_objects, after_generation, \
             requested_at, requested_by, next_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $11)",
        )
        .bind(id.to_string())
        .bind(retirement.cluster_id)
        .bind(retirement.cluster_uid)
        .bind(retirement.configuration.to_string())
        .bind(retirement.configuration_name)
        .bind(retirement.operator_namespace)
        .bind(retirement.operator_instance_name)
        .bind(retirement.operator_scope)
        .bind(retirement.operator_objects)
        .bind(retirement.after_generation)
        .bind(now)
        .bind(retirement.by.to_string())
        .execute(self.connection())
        .await?;
        Ok(())
    }
}

#[derive(sqlx::FromRow)]
struct RetirementRow {
    id: String,
    cluster_id: String,
    cluster_uid: String,
    resource_group_id: String,
    subscription_id: String,
    configuration_id: String,
    configuration_name: String,
    operator_namespace: String,
    operator_instance_name: String,
    operator_scope: String,
    operator_objects: String,
    requested_at: i64,
    requested_by: String,
    requested_by_name: Option<String>,
    failures: i64,
    last_error: Option<String>,
    finished_at: Option<i64>,
    state: Option<String>,
    n_operators: i64,
    n_in_namespace: i64,
}

impl RetirementRow {
    fn read(self) -> Result<Retirement, ColumnError> {
        Ok(Retirement {
            id: column::id("id", &self.id)?,
            cluster: column::id("cluster_id", &self.cluster_id)?,
            place: column::place(
                &self.subscription_id,
                Some(&self.resource_group_id),
                Some(&self.cluster_id),
            )?,
            cluster_uid: ClusterUid(self.cluster_uid),
            configuration: column::id("configuration_id", &self.configuration_id)?,
            configuration_name: self.configuration_name,
            operator_namespace: self.operator_namespace,
            operator_instance_name: self.operator_instance_name,
            operator_scope: column::scope("operator_scope", &self.operator_scope)?,
            objects: column::json("operator_objects", &self.operator_objects)?,
            operator_in_use: self.n_operators > 0,
            namespace_in_use: self.n_in_namespace > 0,
            requested_at: Timestamp(self.requested_at),
            requested_by: column::id("requested_by", &self.requested_by)?,
            requested_by_name: self.requested_by_name,
            failures: u32::try_from(self.failures).unwrap_or(u32::MAX),
            last_error: self.last_error,
            finished_at: self.finished_at.map(Timestamp),
            state: column::optional_json("state", self.state.as_deref())?.unwrap_or(RetirementState::Waiting),
        })
    }
}

impl TryFrom<RetirementRow> for Retirement {
    type Error = StorageError;

    fn try_from(row: RetirementRow) -> Result<Self, StorageError> {
        let id = row.id.clone();
        row.read().map_err(|error| error.of("retirement", &id))
    }
}
