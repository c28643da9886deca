//! A kubeconfig for the helm program: the cluster's credential, made to be the operator's service account.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::reason::Reason;
use engine::port::cluster::ClusterError;
use engine::port::release::LentKubeconfig;
use outbound::{Destination, Policy, Relay};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value, json};
use url::Url;

use crate::Credential;
use crate::operator::ServiceAccountName;

/// The one name that all entries have.
const NAME: &str = "operator";

/// Makes kubeconfigs that are one service account of one cluster.
#[derive(Clone)]
pub(crate) struct Lender {
    pub(crate) relay: Relay,
    pub(crate) policy: Policy,
    pub(crate) credential: Credential,
    pub(crate) account: ServiceAccountName,
}

impl Lender {
    /// One for one call: it holds until the value goes.
    pub(crate) fn lend(&self) -> Result<LentKubeconfig, ClusterError> {
        let failed = |detail: String| ClusterError {
            reason: Reason::ClusterCredentialUnreadable,
            detail: Some(detail),
        };
        let server = Url::parse(self.credential.server()).map_err(|error| failed(error.to_string()))?;
        let host = server.host_str().unwrap_or_default().to_owned();
        let port = server.port_or_known_default().unwrap_or(443);
        let pass = self
            .relay
            .pass(&self.policy, vec![Destination { scheme: "https", host, port }])
            .map_err(|error| failed(error.to_string()))?;
        let text = self.kubeconfig(pass.proxy_url().expose_secret()).to_string();
        Ok(LentKubeconfig::new(SecretString::from(text), pass.relay_address(), Box::new(pass)))
    }

    /// JSON is YAML. Everything is inline; nothing in it names a file or a program.
    fn kubeconfig(&self, proxy: &str) -> Value {
        let credential = &self.credential;
        let mut cluster = Map::new();
        cluster.insert("server".to_owned(), json!(credential.server()));
        cluster.insert("proxy-url".to_owned(), json!(proxy));
        if let Some(authority) = credential.certificate_authority() {
            cluster.insert("certificate-authority-data".to_owned(), data(authority));
        }
        if let Some(name) = credential.tls_server_name() {
            cluster.insert("tls-server-name".to_owned(), json!(name));
        }
        let mut user = Map::new();
        user.insert("as".to_owned(), json!(self.account.user_name()));
        if let Some(token) = credential.token() {
            user.insert("token".to_owned(), json!(token.expose_secret()));
        }
        if let Some(certificate) = credential.certificate() {
            user.insert("client-certificate-data".to_owned(), data(&certificate.chain));
            user.insert("client-key-data".to_owned(), data(certificate.key.expose_secret()));
        }
        json!({
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{ "name": NAME, "cluster": cluster }],
            "users": [{ "name": NAME, "user": user }],
            "contexts": [{ "name": NAME, "context": {
                "cluster": NAME, "user": NAME, "namespace": self.account.namespace() } }],
            "current-context": NAME,
        })
    }
}

fn data(pem: &str) -> Value {
    json!(STANDARD.encode(pem.as_bytes()))
}
