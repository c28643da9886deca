//! Sealing stored secrets by another key, while others read and write them.

use std::collections::BTreeMap;

use domain::id::SecretId;
use domain::secret::{SealedSecret, SecretContext};

use crate::Storage;
use crate::access::identity;
use crate::column;
use crate::database::Connection;
use crate::error::StorageError;
use crate::secret::SecretOwner;
use crate::unit::UnitOfWork;

/// Where a secret is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSecret {
    /// Its row.
    pub id: SecretId,
    /// Whose it is.
    pub owner: SecretOwner,
    /// Which of the owner's.
    pub field: String,
}

impl Storage {
    /// Secrets that another key than this one seals, ordered by id, from the one behind `after` on.
    #[tracing::instrument(name = "db.secret.not_sealed_by", skip_all, err(level = "debug"))]
    pub async fn secrets_not_sealed_by(
        &self,
        key_id: &str,
        after: Option<SecretId>,
        limit: u32,
    ) -> Result<Vec<StoredSecret>, StorageError> {
        let rows: Vec<(String, String, String, String)> = sqlx::query_as(
            "SELECT id, owner_kind, owner_id, field FROM secrets WHERE key_id <> $1 AND id > $2 \
             ORDER BY id LIMIT $3",
        )
        .bind(key_id)
        .bind(after.map_or_else(String::new, |id| id.to_string()))
        .bind(i64::from(limit))
        .fetch_all(self.database().read())
        .await?;
        let read = |(id, kind, owner, field): (String, String, String, String)| {
            let unreadable = |error: column::ColumnError| error.of("secret", &id);
            let owner = SecretOwner::of(&kind, &owner).map_err(unreadable)?;
            Ok(StoredSecret { id: column::id("id", &id).map_err(unreadable)?, owner, field })
        };
        rows.into_iter().map(read).collect()
    }
}

impl UnitOfWork {
    /// How many secrets each key seals. Nobody can add one before this unit ends.
    #[tracing::instrument(name = "db.secret.by_key", skip_all, err(level = "debug"))]
    pub async fn secrets_by_key(&mut self) -> Result<BTreeMap<String, u64>, StorageError> {
        let rows: Vec<(String, i64)> =
            sqlx::query_as("SELECT key_id, COUNT(*) FROM secrets GROUP BY key_id ORDER BY key_id")
                .fetch_all(self.connection())
                .await?;
        Ok(rows.into_iter().map(|(id, count)| (id, count.unsigned_abs())).collect())
    }

    /// Puts what was sealed by another key in place of what it was made from. `false` when that is not there any more:
    /// somebody wrote the secret anew or deleted it meanwhile.
    ///
    /// A repository credential that its host has taken stays taken, though it is recognised by another fingerprint now.
    #[tracing::instrument(name = "db.secret.reseal", skip_all, err(level = "debug"))]
    pub async fn reseal_secret(
        &mut self,
        owner: SecretOwner,
        context: &SecretContext,
        before: &SealedSecret,
        after: &SealedSecret,
    ) -> Result<bool, StorageError> {
        let SealedSecret { algorithm, key_id, wrapped_key, nonce, ciphertext, fingerprint } = after;
        let earlier = identity_of(self.connection(), owner).await?;
        let resealed = sqlx::query(
            "UPDATE secrets SET algorithm = $1, key_id = $2, wrapped_key = $3, nonce = $4, ciphertext = $5, \
             fingerprint = $6 WHERE id = $7 AND wrapped_key = $8",
        )
        .bind(algorithm)
        .bind(key_id)
        .bind(wrapped_key)
        .bind(nonce)
        .bind(ciphertext)
        .bind(fingerprint)
        .bind(context.secret.to_string())
        .bind(&before.wrapped_key)
        .execute(self.connection())
        .await?;
        if resealed.rows_affected() == 0 {
            return Ok(false);
        }
        let now = identity_of(self.connection(), owner).await?;
        if let (Some(earlier), Some(now)) = (earlier, now) {
            sqlx::query(
                "UPDATE configuration_status SET accepted_credential = $1 \
                 WHERE configuration_id = $2 AND accepted_credential = $3",
            )
            .bind(now)
            .bind(&context.owner_id)
            .bind(earlier)
            .execute(self.connection())
            .await?;
        }
        Ok(true)
    }
}

/// What a configuration's credential is recognised by; `None` for other owners.
async fn identity_of(
    connection: &mut Connection,
    owner: SecretOwner,
) -> Result<Option<String>, StorageError> {
    let SecretOwner::Configuration(id) = owner else { return Ok(None) };
    let rows: Vec<(String, Vec<u8>)> = sqlx::query_as(
        "SELECT field, fingerprint FROM secrets WHERE owner_kind = $1 AND owner_id = $2 ORDER BY field",
    )
    .bind(SecretOwner::CONFIGURATION)
    .bind(id.to_string())
    .fetch_all(connection)
    .await?;
    Ok(Some(identity(rows.iter().map(|(field, bytes)| (field.as_str(), bytes.as_slice())))))
}
