//! Sealed secrets: what lies here can only be opened by the vault, and only for the owner it was sealed for.

use std::collections::BTreeMap;

use domain::id::{ClusterDraftId, ClusterId, ConfigurationId, InstallationId, SecretId, UserId};
use domain::secret::{SealedSecret, SecretContext};

use crate::Storage;
use crate::column::{self, ColumnError, to_json};
use crate::database::Connection;
use crate::error::StorageError;
use crate::unit::UnitOfWork;

/// Whose secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SecretOwner {
    /// A connected cluster: its kubeconfig.
    Cluster(ClusterId),
    /// A pasted kubeconfig that waits.
    ClusterDraft(ClusterDraftId),
    /// A configuration: credentials of its repository.
    Configuration(ConfigurationId),
}

impl SecretOwner {
    pub(crate) const CLUSTER: &str = "cluster";
    pub(crate) const CLUSTER_DRAFT: &str = "cluster-draft";
    pub(crate) const CONFIGURATION: &str = "configuration";

    /// From the columns of a row.
    pub(crate) fn of(kind: &str, id: &str) -> Result<Self, ColumnError> {
        match kind {
            Self::CLUSTER => column::id("owner_id", id).map(Self::Cluster),
            Self::CLUSTER_DRAFT => column::id("owner_id", id).map(Self::ClusterDraft),
            Self::CONFIGURATION => column::id("owner_id", id).map(Self::Configuration),
            _ => Err(ColumnError::new("owner_kind", "is no known word")),
        }
    }

    fn kind(self) -> &'static str {
        match self {
            Self::Cluster(_) => Self::CLUSTER,
            Self::ClusterDraft(_) => Self::CLUSTER_DRAFT,
            Self::Configuration(_) => Self::CONFIGURATION,
        }
    }

    fn id(self) -> String {
        match self {
            Self::Cluster(id) => id.to_string(),
            Self::ClusterDraft(id) => id.to_string(),
            Self::Configuration(id) => id.to_string(),
        }
    }
}

/// Tenant and current versions as the owner's own row tells them, so that a secret row moved from elsewhere or
/// put back from earlier does not open.
struct OwnerRow {
    tenant: String,
    versions: BTreeMap<String, i64>,
}

impl Storage {
    /// A secret and the context it must open in. `None` when the owner has none of this name.
    #[tracing::instrument(name = "db.secret.get", skip_all, err(level = "debug"))]
    pub async fn secret(
        &self,
        owner: SecretOwner,
        field: &str,
    ) -> Result<Option<(SecretContext, SealedSecret)>, StorageError> {
        let mut connection = self.database().read().acquire().await.map_err(StorageError::from)?;
        let Some(row) = owner_row(&mut connection, owner).await? else { return Ok(None) };
        let Some(version) = row.versions.get(field).copied() else { return Ok(None) };
        let secret: Option<SecretRow> = sqlx::query_as(
            "SELECT id, algorithm, key_id, wrapped_key, nonce, ciphertext, fingerprint FROM secrets \
             WHERE owner_kind = $1 AND owner_id = $2 AND field = $3",
        )
        .bind(owner.kind())
        .bind(owner.id())
        .bind(field)
        .fetch_optional(&mut *connection)
        .await?;
        let Some(secret) = secret else { return Ok(None) };
        let id = column::id("id", &secret.id).map_err(|error| error.of("secret", &secret.id))?;
        let context = context(self.installation(), owner, row.tenant, field, id, version);
        Ok(Some((context, secret.into())))
    }

    /// Ids of the keys that stored secrets need.
    #[tracing::instrument(name = "db.secret.key_ids", skip_all, err(level = "debug"))]
    pub async fn key_ids_in_use(&self) -> Result<Vec<String>, StorageError> {
        Ok(sqlx::query_scalar("SELECT DISTINCT key_id FROM secrets ORDER BY key_id")
            .fetch_all(self.database().read())
            .await?)
    }
}

impl UnitOfWork {
    /// Remembers by what the keys are known that stored secrets need, and forgets those that none needs any more. `Err`
    /// names a key that is known as another one; nothing is changed then.
    #[tracing::instrument(name = "db.secret.know_keys", skip_all, err(level = "debug"))]
    pub async fn know_keys(
        &mut self,
        keys: &[(String, Vec<u8>)],
    ) -> Result<Result<(), String>, StorageError> {
        let known: Vec<(String, Vec<u8>)> =
            sqlx::query_as("SELECT key_id, fingerprint FROM known_keys").fetch_all(self.connection()).await?;
        let known: BTreeMap<String, Vec<u8>> = known.into_iter().collect();
        for (id, fingerprint) in keys {
            if known.get(id).is_some_and(|known| known != fingerprint) {
                return Ok(Err(id.clone()));
            }
        }
        sqlx::query("DELETE FROM known_keys WHERE key_id NOT IN (SELECT key_id FROM secrets)")
            .execute(self.connection())
            .await?;
        for (id, fingerprint) in keys {
            sqlx::query(
                "INSERT INTO known_keys (key_id, fingerprint) VALUES ($1, $2) ON CONFLICT (key_id) DO NOTHING",
            )
            .bind(id)
            .bind(fingerprint)
            .execute(self.connection())
            .await?;
        }
        Ok(Ok(()))
    }

    /// The context to seal the next version of an owner's secret in. `None` when the owner is gone.
    #[tracing::instrument(name = "db.secret.next", skip_all, err(level = "debug"))]
    pub async fn next_secret(
        &mut self,
        owner: SecretOwner,
        field: &str,
    ) -> Result<Option<SecretContext>, StorageError> {
        let id = SecretId(self.new_uuid()?);
        let installation = self.storage().installation();
        let Some(row) = owner_row(self.connection(), owner).await? else { return Ok(None) };
        let version = row.versions.get(field).copied().unwrap_or_default() + 1;
        Ok(Some(context(installation, owner, row.tenant, field, id, version)))
    }

    /// Stores what was sealed in a context of [`Self::next_secret`], in place of the version before it.
    #[tracing::instrument(name = "db.secret.put", skip_all, err(level = "debug"))]
    pub async fn put_secret(
        &mut self,
        owner: SecretOwner,
        context: &SecretContext,
        sealed: &SealedSecret,
        by: UserId,
    ) -> Result<(), StorageError> {
        let now = self.now().0;
        let Some(mut row) = owner_row(self.connection(), owner).await? else {
            return Err(StorageError::Stale);
        };
        row.versions.insert(context.field.clone(), context.version);
        self.set_versions(owner, &row.versions).await?;
        sqlx::query(
            "INSERT INTO secrets (id, tenant, owner_kind, owner_id, field, version, algorithm, key_id, \
             wrapped_key, nonce, ciphertext, fingerprint, created_at, created_by) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) \
             ON CONFLICT (owner_kind, owner_id, field) DO UPDATE SET id = excluded.id, \
             tenant = excluded.tenant, version = excluded.version, algorithm = excluded.algorithm, \
             key_id = excluded.key_id, wrapped_key = excluded.wrapped_key, nonce = excluded.nonce, \
             ciphertext = excluded.ciphertext, fingerprint = excluded.fingerprint, \
             created_at = excluded.created_at, created_by = excluded.created_by",
        )
        .bind(context.secret.to_string())
        .bind(&context.tenant)
        .bind(&context.owner_kind)
        .bind(&context.owner_id)
        .bind(&context.field)
        .bind(context.version)
        .bind(&sealed.algorithm)
        .bind(&sealed.key_id)
        .bind(&sealed.wrapped_key)
        .bind(&sealed.nonce)
        .bind(&sealed.ciphertext)
        .bind(&sealed.fingerprint)
        .bind(now)
        .bind(by.to_string())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Deletes one secret. Its number stays taken: the next one is no replay of it.
    #[tracing::instrument(name = "db.secret.delete_one", skip_all, err(level = "debug"))]
    pub async fn delete_secret(&mut self, owner: SecretOwner, field: &str) -> Result<(), StorageError> {
        sqlx::query("DELETE FROM secrets WHERE owner_kind = $1 AND owner_id = $2 AND field = $3")
            .bind(owner.kind())
            .bind(owner.id())
            .bind(field)
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Deletes all secrets of an owner.
    #[tracing::instrument(name = "db.secret.delete", skip_all, err(level = "debug"))]
    pub async fn delete_secrets(&mut self, owner: SecretOwner) -> Result<(), StorageError> {
        sqlx::query("DELETE FROM secrets WHERE owner_kind = $1 AND owner_id = $2")
            .bind(owner.kind())
            .bind(owner.id())
            .execute(self.connection())
            .await?;
        Ok(())
    }

    async fn set_versions(
        &mut self,
        owner: SecretOwner,
        versions: &BTreeMap<String, i64>,
    ) -> Result<(), StorageError> {
        let query = match owner {
            SecretOwner::Cluster(_) => sqlx::query("UPDATE clusters SET secret_versions = $1 WHERE id = $2"),
            SecretOwner::ClusterDraft(_) => {
                sqlx::query("UPDATE cluster_drafts SET secret_versions = $1 WHERE id = $2")
            }
            SecretOwner::Configuration(_) => {
                sqlx::query("UPDATE configurations SET secret_versions = $1 WHERE id = $2")
            }
        };
        query.bind(to_json(versions)?).bind(owner.id()).execute(self.connection()).await?;
        Ok(())
    }
}

/// The tenant is the resource group; of a draft, that has no place yet, the user.
async fn owner_row(
    connection: &mut Connection,
    owner: SecretOwner,
) -> Result<Option<OwnerRow>, StorageError> {
    let query = match owner {
        SecretOwner::Cluster(_) => {
            sqlx::query_as("SELECT resource_group_id, secret_versions FROM clusters WHERE id = $1")
        }
        SecretOwner::ClusterDraft(_) => {
            sqlx::query_as("SELECT user_id, secret_versions FROM cluster_drafts WHERE id = $1")
        }
        SecretOwner::Configuration(_) => sqlx::query_as(
            "SELECT k.resource_group_id, c.secret_versions \
             FROM configurations c JOIN clusters k ON k.id = c.cluster_id WHERE c.id = $1",
        ),
    };
    let row: Option<(String, String)> = query.bind(owner.id()).fetch_optional(connection).await?;
    let Some((tenant, versions)) = row else { return Ok(None) };
    let versions = column::json("secret_versions", &versions)
        .map_err(|error| error.of("secret versions of", &owner.id()))?;
    Ok(Some(OwnerRow { tenant, versions }))
}

fn context(
    installation: InstallationId,
    owner: SecretOwner,
    tenant: String,
    field: &str,
    secret: SecretId,
    version: i64,
) -> SecretContext {
    SecretContext {
        installation,
        tenant,
        owner_kind: owner.kind().to_owned(),
        owner_id: owner.id(),
        field: field.to_owned(),
        secret,
        version,
    }
}

#[derive(sqlx::FromRow)]
struct SecretRow {
    id: String,
    algorithm: String,
    key_id: String,
    wrapped_key: Vec<u8>,
    nonce: Vec<u8>,
    ciphertext: Vec<u8>,
    fingerprint: Vec<u8>,
}

impl From<SecretRow> for SealedSecret {
    fn from(row: SecretRow) -> Self {
        let SecretRow { id: _, algorithm, key_id, wrapped_key, nonce, ciphertext, fingerprint } = row;
        Self { algorithm, key_id, wrapped_key, nonce, ciphertext, fingerprint }
    }
}
