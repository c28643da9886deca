//! How to reach one cluster as one user: all that is kept of a kubeconfig.

use std::fmt;

use domain::clock::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::kubeconfig::material;

/// One context of a kubeconfig, checked. It cannot be printed; the vault keeps what [`Credential::to_secret`] gives.
#[derive(Clone)]
pub struct Credential {
    server: Url,
    certificate_authority: Option<String>,
    tls_server_name: Option<String>,
    token: Option<SecretString>,
    certificate: Option<ClientCertificate>,
    namespace: Option<String>,
}

/// A client certificate and its key, PEM.
#[derive(Clone)]
pub(crate) struct ClientCertificate {
    pub(crate) chain: String,
    pub(crate) key: SecretString,
}

/// What was stored is no credential of this version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the stored credential cannot be read; connect the cluster again")]
pub struct UnreadableCredential;

/// The parts of a credential before they are known to make one.
pub(crate) struct CredentialParts {
    pub(crate) server: Url,
    pub(crate) certificate_authority: Option<String>,
    pub(crate) tls_server_name: Option<String>,
    pub(crate) token: Option<SecretString>,
    pub(crate) certificate: Option<ClientCertificate>,
    pub(crate) namespace: Option<String>,
}

/// As it lies in the vault. A new field is optional, so that older records stay readable.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Stored {
    version: u32,
    server: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate_authority: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tls_server_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_certificate: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
}

/// Of [`Stored`].
const VERSION: u32 = 1;

impl Credential {
    /// `None` without anything to authenticate with: nobody is called anonymously.
    pub(crate) fn of_parts(parts: CredentialParts) -> Option<Self> {
        let CredentialParts { server, certificate_authority, tls_server_name, token, certificate, namespace } =
            parts;
        let authenticates = token.is_some() || certificate.is_some();
        authenticates.then_some(Self {
            server,
            certificate_authority,
            tls_server_name,
            token,
            certificate,
            namespace,
        })
    }

    /// Address of the API server, the one part of a credential that is shown.
    pub fn server(&self) -> &str {
        self.server.as_str()
    }

    /// The namespace that the kubeconfig's context names.
    pub fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }

    /// When the first of its parts ends, as far as that can be read from them.
    pub fn expires_at(&self) -> Option<Timestamp> {
        let token = self.token.as_ref().and_then(material::token_end);
        let certificate = self.certificate.as_ref().and_then(|given| material::certificate_end(&given.chain));
        token.into_iter().chain(certificate).min()
    }

    /// Whether one of its parts ended before `now`.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires_at().is_some_and(|end| end < now)
    }

    /// The whole credential as text, for the vault and nobody else.
    pub fn to_secret(&self) -> SecretString {
        let Self { server, certificate_authority, tls_server_name, token, certificate, namespace } = self;
        let stored = Stored {
            version: VERSION,
            server: server.to_string(),
            certificate_authority: certificate_authority.clone(),
            tls_server_name: tls_server_name.clone(),
            token: token.as_ref().map(|token| token.expose_secret().to_owned()),
            client_certificate: certificate.as_ref().map(|given| given.chain.clone()),
            client_key: certificate.as_ref().map(|given| given.key.expose_secret().to_owned()),
            namespace: namespace.clone(),
        };
        // A struct of texts always has a JSON form; an empty text is refused when it is read again.
        SecretString::from(serde_json::to_string(&stored).unwrap_or_default())
    }

    /// From the vault; every check of the parser is made again.
    pub fn from_secret(secret: &str) -> Result<Self, UnreadableCredential> {
        let stored: Stored = serde_json::from_str(secret).map_err(|_| UnreadableCredential)?;
        Self::of_stored(stored).ok_or(UnreadableCredential)
    }

    fn of_stored(stored: Stored) -> Option<Self> {
        let Stored {
            version,
            server,
            certificate_authority,
            tls_server_name,
            token,
            client_certificate,
            client_key,
            namespace,
        } = stored;
        let certificate = match (client_certificate, client_key) {
            (None, None) => None,
            (Some(chain), Some(key)) => Some(ClientCertificate { chain, key: SecretString::from(key) }),
            _ => return None,
        };
        let sound = version == VERSION
            && certificate_authority.as_deref().is_none_or(material::is_certificate_authority)
            && tls_server_name.as_deref().is_none_or(material::is_server_name)
            && token.as_deref().is_none_or(material::is_token)
            && certificate.as_ref().is_none_or(|given| material::belong_together(&given.chain, &given.key));
        Self::of_parts(CredentialParts {
            server: material::server(&server).ok().filter(|_| sound)?,
            certificate_authority,
            tls_server_name,
            token: token.map(SecretString::from),
            certificate,
            namespace,
        })
    }

    pub(crate) fn url(&self) -> &Url {
        &self.server
    }

    pub(crate) fn certificate_authority(&self) -> Option<&str> {
        self.certificate_authority.as_deref()
    }

    pub(crate) fn tls_server_name(&self) -> Option<&str> {
        self.tls_server_name.as_deref()
    }

    pub(crate) fn token(&self) -> Option<&SecretString> {
        self.token.as_ref()
    }

    pub(crate) fn certificate(&self) -> Option<&ClientCertificate> {
        self.certificate.as_ref()
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Credential").field("server", &self.server.as_str()).finish_non_exhaustive()
    }
}
