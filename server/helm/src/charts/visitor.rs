//! On whose behalf charts are fetched: what a host is shown, and whose cache it is.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::outbound::Narrowing;
use engine::port::helm::{ChartAccess, ChartRequest};
use engine::port::source::HttpsCredential;
use http::HeaderValue;
use secrecy::ExposeSecret;
use url::Url;

use super::address::origin;
use super::store::Key;

/// Whoever fetches.
#[derive(Clone, Debug)]
pub(crate) struct Visitor {
    credential: Option<HttpsCredential>,
    origin: Option<url::Origin>,
    authorities: Option<String>,
    outbound: Narrowing,
    scope: String,
}

impl Visitor {
    /// `salt` is secret and new with each process: a credential's hash on disk shall tell nothing of it.
    pub(crate) fn new(request: &ChartRequest, salt: &[u8]) -> Self {
        let ChartAccess { tenant, identity, credential, credential_origin, authorities, outbound } =
            &request.access;
        // An empty text is no authority.
        let authorities = authorities.as_deref().filter(|pem| !pem.trim().is_empty());
        let origin = origin(credential_origin, authorities.is_some());
        let secret = credential.as_ref().map(|HttpsCredential { user, key }| {
            let parts = [salt, user.expose_secret().as_bytes(), key.expose_secret().as_bytes()];
            Key::of(&parts).text().to_owned()
        });
        // What was kept under one list is not given out under another.
        let list = outbound.entries().join(",");
        let parts = [
            tenant,
            identity,
            credential_origin,
            authorities.unwrap_or_default(),
            secret.as_deref().unwrap_or_default(),
            &list,
        ];
        Self {
            scope: Key::of(&parts.map(str::as_bytes)).text().to_owned(),
            credential: credential.clone(),
            origin,
            authorities: authorities.map(str::to_owned),
            outbound: outbound.clone(),
        }
    }

    /// Tells apart what is never shared.
    pub(crate) fn key(&self, parts: &[&str]) -> Key {
        let parts: Vec<&[u8]> =
            [self.scope.as_str()].iter().chain(parts).map(|part| part.as_bytes()).collect();
        Key::of(&parts)
    }

    /// PEM of the authorities that are trusted beside the public ones.
    pub(crate) fn authorities(&self) -> Option<&str> {
        self.authorities.as_deref()
    }

    /// Where the subscription may lead to.
    pub(crate) fn outbound(&self) -> &Narrowing {
        &self.outbound
    }

    /// `Basic …` for the one host that the credential is for.
    pub(crate) fn basic(&self, url: &Url) -> Option<HeaderValue> {
        if self.origin.as_ref() != Some(&url.origin()) {
            return None;
        }
        let HttpsCredential { user, key } = self.credential.as_ref()?;
        let word = STANDARD.encode(format!("{}:{}", user.expose_secret(), key.expose_secret()));
        HeaderValue::try_from(format!("Basic {word}")).ok()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn visitor(change: impl FnOnce(&mut ChartAccess)) -> Visitor {
        let credential = HttpsCredential { user: "ada".to_owned().into(), key: "word".to_owned().into() };
        let mut access = ChartAccess {
            tenant: "team".into(),
            identity: "one".into(),
            credential: Some(credential),
            credential_origin: "https://charts.example.com".into(),
            authorities: None,
            outbound: Narrowing::default(),
        };
        change(&mut access);
        let request = ChartRequest {
            repository: "https://charts.example.com/stable".into(),
            name: "web".into(),
            version: "1".into(),
            access,
            index_age: Duration::ZERO,
        };
        Visitor::new(&request, b"salt")
    }

    #[test]
    fn nothing_is_shared_between_tenants_identities_credentials_authorities_and_lists() {
        let changes: [fn(&mut ChartAccess); 7] = [
            |_| {},
            |access| access.tenant = "other".into(),
            |access| access.identity = "two".into(),
            |access| access.credential = None,
            |access| access.credential.as_mut().expect("one").key = "other".to_owned().into(),
            |access| access.authorities = Some("PEM".into()),
            |access| access.outbound = Narrowing::parse(&["*.example.com"]).expect("a list"),
        ];
        let keys: Vec<_> = changes.map(|change| visitor(change).key(&["index"]).text().to_owned()).into();
        for (place, key) in keys.iter().enumerate() {
            assert!(!keys[..place].contains(key), "{place}");
        }
        assert_eq!(visitor(|_| {}).key(&["index"]).text(), keys[0]);
    }

    #[test]
    fn a_credential_is_shown_to_its_host_alone() {
        let shown = |origin: &str, url: &str| {
            let visitor = visitor(|access| access.credential_origin = origin.into());
            visitor.basic(&Url::parse(url).expect("a URL")).is_some()
        };
        assert!(shown("https://charts.example.com", "https://charts.example.com/web-1.tgz"));
        assert!(shown("oci://ghcr.io", "https://ghcr.io/v2/"));
        for (origin, url) in [
            ("https://charts.example.com", "http://charts.example.com/"),
            ("https://charts.example.com", "https://charts.example.com:8443/"),
            ("https://charts.example.com", "https://cdn.example.com/"),
            ("", "https://charts.example.com/"),
            ("null", "https://charts.example.com/"),
        ] {
            assert!(!shown(origin, url), "{origin} {url}");
        }
    }
}
