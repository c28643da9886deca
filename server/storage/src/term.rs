//! Which terms of an operator this database began: the Lease in the cluster says one of them, or somebody else's.

use domain::cluster::ClusterUid;
use domain::id::RetirementId;
use domain::name::{OperatorInstanceName, OperatorNamespace};

use crate::Storage;
use crate::error::StorageError;
use crate::lease::Lease;
use crate::unit::UnitOfWork;

/// An operator of a cluster, whoever manages it.
#[derive(Clone, Copy, Debug)]
pub struct OperatorOfCluster<'key> {
    /// The cluster itself, not its entry: it may be connected anew.
    pub cluster: &'key ClusterUid,
    /// Where the Lease is.
    pub namespace: &'key OperatorNamespace,
    /// How it is called.
    pub instance: &'key OperatorInstanceName,
}

impl Storage {
    /// What the Lease of an operator may say: the term that was found there last, and the one that was about to begin.
    #[tracing::instrument(name = "db.term.list", skip_all, err(level = "debug"))]
    pub async fn operator_terms(&self, operator: OperatorOfCluster<'_>) -> Result<Vec<String>, StorageError> {
        let terms: Option<(Option<String>, String)> = sqlx::query_as(
            "SELECT term, next_term FROM operator_terms \
             WHERE cluster_uid = $1 AND operator_namespace = $2 AND operator_instance_name = $3",
        )
        .bind(operator.cluster.0.as_str())
        .bind(operator.namespace.as_str())
        .bind(operator.instance.as_str())
        .fetch_optional(self.database().read())
        .await?;
        Ok(terms.into_iter().flat_map(|(term, next)| term.into_iter().chain([next])).collect())
    }

    /// A term that is about to begin. `found` is the one that the Lease says now; both are known from here on, for nobody
    /// knows before the end whether the Lease was written.
    #[tracing::instrument(name = "db.term.begin", skip_all, err(level = "debug"))]
    pub async fn begin_term(
        &self,
        lease: &Lease,
        operator: OperatorOfCluster<'_>,
        found: Option<&str>,
    ) -> Result<String, StorageError> {
        let mut unit = self.begin().await?;
        unit.check_lease(lease).await?;
        let next = unit.new_uuid()?.to_string();
        sqlx::query(
            "INSERT INTO operator_terms (cluster_uid, operator_namespace, operator_instance_name, term, next_term) \
             VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (cluster_uid, operator_namespace, operator_instance_name) \
             DO UPDATE SET term = excluded.term, next_term = excluded.next_term",
        )
        .bind(operator.cluster.0.as_str())
        .bind(operator.namespace.as_str())
        .bind(operator.instance.as_str())
        .bind(found)
        .bind(&next)
        .execute(unit.connection())
        .await?;
        unit.commit().await?;
        Ok(next)
    }
}

impl UnitOfWork {
    /// Forgets the terms of an operator that was retired, unless a configuration has come that uses it again.
    pub(crate) async fn forget_terms(&mut self, retirement: RetirementId) -> Result<(), StorageError> {
        sqlx::query(
            "DELETE FROM operator_terms WHERE EXISTS (SELECT 1 FROM retirements r \
             WHERE r.id = $1 AND r.cluster_uid = operator_terms.cluster_uid \
             AND r.operator_namespace = operator_terms.operator_namespace \
             AND r.operator_instance_name = operator_terms.operator_instance_name \
             AND NOT EXISTS (SELECT 1 FROM configurations c WHERE c.cluster_id = r.cluster_id \
             AND c.operator_namespace = r.operator_namespace \
             AND c.operator_instance_name = r.operator_instance_name))",
        )
        .bind(retirement.to_string())
        .execute(self.connection())
        .await?;
        Ok(())
    }
}
