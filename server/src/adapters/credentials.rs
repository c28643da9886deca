//! Credentials of repositories: decrypted here for one run, and handed to whoever reads the repository.

use std::sync::Arc;

use async_trait::async_trait;
use domain::configuration::{ConfigurationSpec, SecretName, known_hosts};
use domain::id::ConfigurationId;
use domain::reason::Reason;
use domain::repository::{RepositoryUrl, Transport};
use engine::port::source::{Access, HttpsCredential, SourceError};
use reconciler::{Credential, Credentials};
use secrecy::{ExposeSecret, SecretString};
use storage::{RepositoryAccess, SecretOwner, Storage};
use vault::{Purpose, Vault};

/// Over `storage` and `vault`.
pub struct StoredCredentials {
    /// Where they lie sealed.
    pub storage: Arc<Storage>,
    /// Who opens them.
    pub vault: Arc<Vault>,
}

#[async_trait]
impl Credentials for StoredCredentials {
    async fn open(
        &self,
        configuration: ConfigurationId,
        spec: &ConfigurationSpec,
    ) -> Result<Credential, SourceError> {
        let stored = self.storage.repository_access(configuration).await;
        let stored = stored.map_err(|error| unreadable(configuration, &error))?.unwrap_or_default();
        let url = &spec.repository_url;
        let secret = |name| self.secret(configuration, &stored, url, name);
        let user = secret(SecretName::HttpsUser).await?.or_else(|| user_of(url));
        let key = secret(SecretName::HttpsKey).await?;
        let authorities = secret(SecretName::HttpsCaCertificate).await?;
        let access = Access {
            identity: stored.identity.clone(),
            https: user.zip(key).map(|(user, key)| HttpsCredential { user, key }),
            authorities: authorities.map(|text| text.expose_secret().to_owned()),
            ssh_key: secret(SecretName::SshPrivateKey).await?,
            known_hosts: spec.ssh_known_hosts.as_deref().map(known_hosts::decode).unwrap_or_default(),
        };
        Ok(Credential { accepted: stored.accepted || stored.identity.is_empty(), access })
    }
}

impl StoredCredentials {
    async fn secret(
        &self,
        configuration: ConfigurationId,
        stored: &RepositoryAccess,
        url: &RepositoryUrl,
        name: SecretName,
    ) -> Result<Option<SecretString>, SourceError> {
        if !stored.secrets.contains(&name) || !name.fits(url.transport()) {
            return Ok(None);
        }
        let found = self.storage.secret(SecretOwner::Configuration(configuration), name.as_str()).await;
        let Some((context, sealed)) = found.map_err(|error| unreadable(configuration, &error))? else {
            return Ok(None);
        };
        let opened = self.vault.open_text(&context, &sealed, Purpose::Run(configuration));
        opened.map(Some).map_err(|error| unreadable(configuration, &error))
    }
}

/// Azure DevOps writes the organisation there.
fn user_of(url: &RepositoryUrl) -> Option<SecretString> {
    let http = matches!(url.transport(), Transport::Https | Transport::Http);
    url.user_name().filter(|_| http).map(SecretString::from)
}

fn unreadable(configuration: ConfigurationId, error: &dyn std::fmt::Display) -> SourceError {
    tracing::error!(
        configuration.id = %configuration,
        "the credential of configuration {configuration} cannot be read: {error}"
    );
    SourceError { reason: Reason::RepositoryCredentialUnreadable, detail: None }
}
