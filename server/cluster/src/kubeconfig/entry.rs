//! What is taken of a cluster entry and of a user entry, and why the rest is refused.

use domain::violation::KubeconfigRefusal;
use secrecy::SecretString;
use serde_json::Value;
use url::Url;

use super::document::{self, Entry};
use super::{Faults, given, material};

/// The checked part of a cluster entry.
#[derive(Default)]
pub(super) struct ClusterEntry {
    pub(super) shown: String,
    pub(super) server: Option<Url>,
    pub(super) certificate_authority: Option<String>,
    pub(super) tls_server_name: Option<String>,
}

/// The checked part of a user entry.
pub(super) struct UserEntry {
    pub(super) token: Option<SecretString>,
    pub(super) certificate: Option<(String, SecretString)>,
}

impl ClusterEntry {
    pub(super) fn read(entry: &Entry<'_>, faults: &mut Faults) -> Self {
        let mut cluster = Self::default();
        for (field, value) in given(entry.body) {
            let mut refuse = |reason| faults.refuse(entry.field(field), reason);
            match field {
                "server" => match value.as_str().map(material::server) {
                    Some(Ok(server)) => cluster.server = Some(server),
                    Some(Err(reason)) => refuse(reason),
                    None => refuse(KubeconfigRefusal::ServerNotHttps),
                },
                "certificate-authority-data" => {
                    match value.as_str().and_then(material::certificate_authority) {
                        Some(pem) => cluster.certificate_authority = Some(pem),
                        None => refuse(KubeconfigRefusal::BadData),
                    }
                }
                "tls-server-name" => match value.as_str().filter(|name| material::is_server_name(name)) {
                    Some(name) => cluster.tls_server_name = Some(name.to_owned()),
                    None => refuse(KubeconfigRefusal::BadData),
                },
                "certificate-authority" => refuse(KubeconfigRefusal::ReadsFile),
                "proxy-url" => refuse(KubeconfigRefusal::Proxy),
                "insecure-skip-tls-verify" if *value != Value::Bool(false) => {
                    refuse(KubeconfigRefusal::Insecure);
                }
                "insecure-skip-tls-verify" | "disable-compression" | "extensions" => {}
                _ => refuse(KubeconfigRefusal::Unknown),
            }
        }
        if !given(entry.body).any(|(field, _)| field == "server") {
            faults.refuse(entry.field("server"), KubeconfigRefusal::ServerNotHttps);
        }
        cluster.shown = match &cluster.server {
            Some(server) => server.to_string(),
            None => shown_server(document::text(entry.body, "server").unwrap_or_default()),
        };
        cluster
    }
}

impl UserEntry {
    /// `None` when there is nothing to authenticate with; the faults then say why.
    pub(super) fn read(entry: &Entry<'_>, faults: &mut Faults) -> Option<Self> {
        let (mut token, mut certificate, mut key) = (None, None, None);
        let before = faults.refused.len();
        for (field, value) in given(entry.body) {
            let mut refuse = |reason| faults.refuse(entry.field(field), reason);
            match field {
                "token" => match value.as_str().filter(|token| material::is_token(token)) {
                    Some(given) => token = Some(SecretString::from(given)),
                    None => refuse(KubeconfigRefusal::BadData),
                },
                "client-certificate-data" => match value.as_str().and_then(material::certificates) {
                    Some(pem) => certificate = Some(pem),
                    None => refuse(KubeconfigRefusal::BadData),
                },
                "client-key-data" => match value.as_str().and_then(material::key) {
                    Some(pem) => key = Some(pem),
                    None => refuse(KubeconfigRefusal::BadData),
                },
                "exec" | "auth-provider" => refuse(KubeconfigRefusal::RunsProgram),
                "tokenFile" | "client-certificate" | "client-key" => refuse(KubeconfigRefusal::ReadsFile),
                "username" | "password" => refuse(KubeconfigRefusal::BasicAuth),
                "as" | "as-uid" | "as-groups" | "as-user-extra" => refuse(KubeconfigRefusal::Impersonation),
                "extensions" => {}
                _ => refuse(KubeconfigRefusal::Unknown),
            }
        }
        let untouched = faults.refused.len() == before;
        let certificate = match (certificate, key) {
            (Some(certificate), Some(key)) if material::belong_together(&certificate, &key) => {
                Some((certificate, key))
            }
            (Some(_), Some(_)) => {
                faults.refuse(entry.field("client-key-data"), KubeconfigRefusal::KeyMismatch);
                None
            }
            (Some(_), None) if untouched => {
                faults.refuse(entry.field("client-key-data"), KubeconfigRefusal::BadData);
                None
            }
            (None, Some(_)) if untouched => {
                faults.refuse(entry.field("client-certificate-data"), KubeconfigRefusal::BadData);
                None
            }
            _ => None,
        };
        if token.is_none() && certificate.is_none() {
            if faults.refused.len() == before {
                faults.refuse(entry.path(), KubeconfigRefusal::BadData);
            }
            return None;
        }
        Some(Self { token, certificate })
    }
}

/// A refused address as a page may show it: without user and password.
fn shown_server(server: &str) -> String {
    let scheme_end = server.find("://").map_or(0, |at| at + 3);
    let user_end = server.rfind('@').map_or(scheme_end, |at| at + 1).max(scheme_end);
    let (before, after) = (server.get(..scheme_end), server.get(user_end..));
    document::shown(&format!("{}{}", before.unwrap_or_default(), after.unwrap_or_default()))
}
