//! Kubeconfigs that were pasted and wait, encrypted, to be connected.

use domain::clock::Timestamp;
use domain::id::{ClusterDraftId, UserId};
use domain::service::ContextView;

use crate::Storage;
use crate::column::{self, to_json};
use crate::error::StorageError;
use crate::secret::SecretOwner;
use crate::unit::UnitOfWork;

/// A kubeconfig that waits; the text itself is a secret of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterDraft {
    /// Its id.
    pub id: ClusterDraftId,
    /// Who pasted it; nobody else may use it.
    pub owner: UserId,
    /// What can be chosen, without secrets.
    pub contexts: Vec<ContextView>,
    /// When it is forgotten.
    pub expires_at: Timestamp,
}

impl Storage {
    /// A draft of this user that has not expired.
    #[tracing::instrument(name = "db.cluster_draft.get", skip_all, err(level = "debug"))]
    pub async fn cluster_draft(
        &self,
        id: ClusterDraftId,
        owner: UserId,
    ) -> Result<Option<ClusterDraft>, StorageError> {
        let row: Option<(String, i64)> = sqlx::query_as(
            "SELECT contexts, expires_at FROM cluster_drafts WHERE id = $1 AND user_id = $2 AND expires_at > $3",
        )
        .bind(id.to_string())
        .bind(owner.to_string())
        .bind(self.now().0)
        .fetch_optional(self.database().read())
        .await?;
        let Some((contexts, expires_at)) = row else { return Ok(None) };
        let contexts = column::json("contexts", &contexts)
            .map_err(|error| error.of("cluster draft", &id.to_string()))?;
        Ok(Some(ClusterDraft { id, owner, contexts, expires_at: Timestamp(expires_at) }))
    }

    /// Forgets drafts whose time is over, with their secrets. Called by timer.
    #[tracing::instrument(name = "db.cluster_draft.purge", skip_all, err(level = "debug"))]
    pub async fn purge_cluster_drafts(&self) -> Result<u64, StorageError> {
        let now = self.now().0;
        let mut unit = self.begin().await?;
        sqlx::query(
            "DELETE FROM secrets WHERE owner_kind = $1 \
             AND owner_id IN (SELECT id FROM cluster_drafts WHERE expires_at <= $2)",
        )
        .bind(SecretOwner::CLUSTER_DRAFT)
        .bind(now)
        .execute(unit.connection())
        .await?;
        let deleted = sqlx::query("DELETE FROM cluster_drafts WHERE expires_at <= $1")
            .bind(now)
            .execute(unit.connection())
            .await?;
        unit.commit().await?;
        Ok(deleted.rows_affected())
    }
}

impl UnitOfWork {
    /// A draft; the kubeconfig is put with [`UnitOfWork::put_secret`] in the same unit.
    #[tracing::instrument(name = "db.cluster_draft.create", skip_all, err(level = "debug"))]
    pub async fn create_cluster_draft(
        &mut self,
        owner: UserId,
        contexts: &[ContextView],
        expires_at: Timestamp,
    ) -> Result<ClusterDraftId, StorageError> {
        let (id, now) = (ClusterDraftId(self.new_uuid()?), self.now().0);
        sqlx::query(
            "INSERT INTO cluster_drafts (id, user_id, contexts, created_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(id.to_string())
        .bind(owner.to_string())
        .bind(to_json(contexts)?)
        .bind(now)
        .bind(expires_at.0)
        .execute(self.connection())
        .await?;
        Ok(id)
    }

    /// Forgets a draft and its kubeconfig. `false` when it is gone already, so that it is used once only.
    #[tracing::instrument(name = "db.cluster_draft.delete", skip_all, err(level = "debug"))]
    pub async fn delete_cluster_draft(&mut self, id: ClusterDraftId) -> Result<bool, StorageError> {
        self.delete_secrets(SecretOwner::ClusterDraft(id)).await?;
        let deleted = sqlx::query("DELETE FROM cluster_drafts WHERE id = $1")
            .bind(id.to_string())
            .execute(self.connection())
            .await?;
        Ok(deleted.rows_affected() > 0)
    }
}
