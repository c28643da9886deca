//! A pasted kubeconfig while its connection is being completed: what a page shows and the credentials that can be
//! chosen. Nothing of a refused entry is kept.

use domain::service::RefusedField;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::entry::{ClusterEntry, UserEntry};
use super::{Context, Kubeconfig};
use crate::Credential;
use crate::credential::{ClientCertificate, CredentialParts, UnreadableCredential};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredKubeconfig {
    contexts: Vec<StoredContext>,
    current: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredContext {
    name: String,
    server: String,
    user: String,
    namespace: Option<String>,
    refused: Vec<RefusedField>,
    credential: Option<String>,
}

impl Kubeconfig {
    /// As text, for the vault and nobody else.
    pub fn to_secret(&self) -> SecretString {
        let contexts = self.contexts.iter().map(|context| StoredContext {
            name: context.name.clone(),
            server: context.server.clone(),
            user: context.user.clone(),
            namespace: context.namespace.clone(),
            refused: context.refused.clone(),
            credential: context
                .credential
                .as_ref()
                .filter(|_| context.can_be_chosen())
                .map(|credential| credential.to_secret().expose_secret().to_owned()),
        });
        let stored = StoredKubeconfig { contexts: contexts.collect(), current: self.current.clone() };
        SecretString::from(serde_json::to_string(&stored).unwrap_or_default())
    }

    /// From the vault.
    pub fn from_secret(secret: &str) -> Result<Self, UnreadableCredential> {
        let StoredKubeconfig { contexts, current } =
            serde_json::from_str(secret).map_err(|_| UnreadableCredential)?;
        let contexts = contexts.into_iter().map(|stored| {
            let StoredContext { name, server, user, namespace, refused, credential } = stored;
            let credential = credential.as_deref().map(Credential::from_secret).transpose()?;
            Ok(Context { name, server, user, namespace, refused, missing: Vec::new(), credential })
        });
        Ok(Self { contexts: contexts.collect::<Result<_, _>>()?, current })
    }
}

impl Credential {
    /// `None` when the entries were refused.
    pub(super) fn of_entries(
        cluster: ClusterEntry,
        user: UserEntry,
        namespace: Option<String>,
    ) -> Option<Self> {
        let ClusterEntry { shown: _, server, certificate_authority, tls_server_name } = cluster;
        let UserEntry { token, certificate } = user;
        let certificate = certificate.map(|(chain, key)| ClientCertificate { chain, key });
        Self::of_parts(CredentialParts {
            server: server?,
            certificate_authority,
            tls_server_name,
            token,
            certificate,
            namespace,
        })
    }
}
