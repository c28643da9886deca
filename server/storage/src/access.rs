//! What a configuration's repository is read with, as far as it is no secret.

use std::fmt::Write;

use domain::configuration::SecretName;
use domain::id::ConfigurationId;

use crate::Storage;
use crate::error::StorageError;
use crate::lease::Lease;
use crate::secret::SecretOwner;
use crate::unit::UnitOfWork;

/// What is known of the access to a configuration's repository.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RepositoryAccess {
    /// Public half of the ssh key, in OpenSSH's form.
    pub public_key: Option<String>,
    /// The ssh key was made here.
    pub ssh_key_made_here: bool,
    /// Which secrets there are.
    pub secrets: Vec<SecretName>,
    /// Tells credentials of one tenant apart and says nothing of them; empty without one.
    pub identity: String,
    /// The host has taken this very credential once.
    pub accepted: bool,
}

impl Storage {
    /// How a configuration's repository is accessed; `None` when it is gone.
    #[tracing::instrument(name = "db.access.get", skip_all, err(level = "debug"))]
    pub async fn repository_access(
        &self,
        id: ConfigurationId,
    ) -> Result<Option<RepositoryAccess>, StorageError> {
        let row: Option<(Option<String>, bool, Option<String>)> = sqlx::query_as(
            "SELECT c.repository_public_key, c.ssh_key_made_here, s.accepted_credential \
             FROM configurations c JOIN configuration_status s ON s.configuration_id = c.id WHERE c.id = $1",
        )
        .bind(id.to_string())
        .fetch_optional(self.database().read())
        .await?;
        let Some((public_key, ssh_key_made_here, taken)) = row else { return Ok(None) };
        let fingerprints: Vec<(String, Vec<u8>)> = sqlx::query_as(
            "SELECT field, fingerprint FROM secrets WHERE owner_kind = $1 AND owner_id = $2 ORDER BY field",
        )
        .bind(SecretOwner::CONFIGURATION)
        .bind(id.to_string())
        .fetch_all(self.database().read())
        .await?;
        let identity = identity(fingerprints.iter().map(|(field, bytes)| (field.as_str(), bytes.as_slice())));
        Ok(Some(RepositoryAccess {
            public_key,
            ssh_key_made_here,
            secrets: fingerprints.iter().filter_map(|(field, _)| SecretName::parse(field)).collect(),
            accepted: !identity.is_empty() && taken.as_ref() == Some(&identity),
            identity,
        }))
    }

    /// The host has taken this credential: from now on being refused is news.
    #[tracing::instrument(name = "db.access.accept", skip_all, err(level = "debug"))]
    pub async fn accept_credential(&self, lease: &Lease, identity: &str) -> Result<(), StorageError> {
        let mut unit = self.begin().await?;
        unit.check_lease(lease).await?;
        sqlx::query("UPDATE configuration_status SET accepted_credential = $1 WHERE configuration_id = $2")
            .bind(identity)
            .bind(lease.configuration().to_string())
            .execute(unit.connection())
            .await?;
        unit.commit().await
    }
}

impl UnitOfWork {
    /// Stores the public half of an ssh key, or that there is none.
    #[tracing::instrument(name = "db.access.set_public_key", skip_all, err(level = "debug"))]
    pub async fn set_repository_public_key(
        &mut self,
        id: ConfigurationId,
        public_key: Option<&str>,
        made_here: bool,
    ) -> Result<(), StorageError> {
        sqlx::query(
            "UPDATE configurations SET repository_public_key = $1, ssh_key_made_here = $2 WHERE id = $3",
        )
        .bind(public_key)
        .bind(made_here)
        .bind(id.to_string())
        .execute(self.connection())
        .await?;
        Ok(())
    }
}

/// From the fingerprints of the secrets that are shown to a host. Those of one tenant are equal when the secrets are.
pub(crate) fn identity<'row>(fingerprints: impl Iterator<Item = (&'row str, &'row [u8])>) -> String {
    let mut identity = String::new();
    for (field, fingerprint) in fingerprints {
        // An authority is shown to nobody, and the secret of a webhook is no credential at all.
        if SecretName::parse(field).is_none_or(|name| name == SecretName::HttpsCaCertificate) {
            continue;
        }
        if !identity.is_empty() {
            identity.push(' ');
        }
        identity.push_str(field);
        identity.push('=');
        for byte in fingerprint {
            // Writing into a String cannot fail.
            let _ = write!(identity, "{byte:02x}");
        }
    }
    identity
}
