//! Checks of what a kubeconfig carries inline: address, certificates, key, token.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use domain::clock::Timestamp;
use domain::violation::KubeconfigRefusal;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::sign::CertifiedKey;
use rustls::{Error, InconsistentKeys};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::Url;

/// Longer tokens do not fit into the header that API servers accept.
const TOKEN_MAX: usize = 32 * 1024;

/// An authority bundle or a certificate chain; more is no identity.
const CERTIFICATES_MAX: usize = 64;

/// An address as it is used: https, a host, no user, nothing behind the path.
pub(crate) fn server(text: &str) -> Result<Url, KubeconfigRefusal> {
    let url = Url::parse(text).map_err(|_| KubeconfigRefusal::ServerNotHttps)?;
    let plain = url.username().is_empty() && url.password().is_none();
    let bare = url.query().is_none() && url.fragment().is_none();
    if url.scheme() == "https" && url.host_str().is_some_and(|host| !host.is_empty()) && plain && bare {
        Ok(url)
    } else {
        Err(KubeconfigRefusal::ServerNotHttps)
    }
}

/// The PEM text of certificates that can be roots.
pub(crate) fn certificate_authority(data: &str) -> Option<String> {
    let pem = decode(data)?;
    is_certificate_authority(&pem).then_some(pem)
}

/// Whether PEM text is certificates that can be roots.
pub(crate) fn is_certificate_authority(pem: &str) -> bool {
    let mut roots = rustls::RootCertStore::empty();
    chain(pem).is_some_and(|chain| chain.into_iter().all(|certificate| roots.add(certificate).is_ok()))
}

/// The PEM text of at least one certificate.
pub(crate) fn certificates(data: &str) -> Option<String> {
    let pem = decode(data)?;
    chain(&pem).is_some().then_some(pem)
}

/// The PEM text of a private key.
pub(crate) fn key(data: &str) -> Option<SecretString> {
    let pem = decode(data)?;
    private_key(&pem).is_some().then(|| SecretString::from(pem))
}

/// Whether the key is the one in the first certificate.
pub(crate) fn belong_together(certificate: &str, key: &SecretString) -> bool {
    let (Some(chain), Some(key)) = (chain(certificate), private_key(key.expose_secret())) else {
        return false;
    };
    let Ok(key) = rustls::crypto::ring::sign::any_supported_type(&key) else { return false };
    let match_of_key = CertifiedKey::new(chain, Arc::clone(&key)).keys_match();
    matches!(match_of_key, Ok(()) | Err(Error::InconsistentKeys(InconsistentKeys::Unknown)))
}

/// The certificates of PEM text, when there are some and all can be read.
pub(crate) fn chain(pem: &str) -> Option<Vec<CertificateDer<'static>>> {
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(pem.as_bytes())
        .take(CERTIFICATES_MAX + 1)
        .collect::<Result<_, _>>()
        .ok()
        .filter(|certificates: &Vec<_>| !certificates.is_empty() && certificates.len() <= CERTIFICATES_MAX)?;
    let readable =
        |certificate: &CertificateDer<'_>| x509_parser::parse_x509_certificate(certificate).is_ok();
    certificates.iter().all(readable).then_some(certificates)
}

/// The first private key of PEM text.
pub(crate) fn private_key(pem: &str) -> Option<PrivateKeyDer<'static>> {
    PrivateKeyDer::from_pem_slice(pem.as_bytes()).ok()
}

/// Whether text can be sent as a bearer token.
pub(crate) fn is_token(token: &str) -> bool {
    !token.is_empty() && token.len() <= TOKEN_MAX && token.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Whether a certificate can be checked for this name.
pub(crate) fn is_server_name(name: &str) -> bool {
    ServerName::try_from(name).is_ok()
}

/// Until when the first certificate is valid.
pub(crate) fn certificate_end(pem: &str) -> Option<Timestamp> {
    let chain = chain(pem)?;
    let (_, certificate) = x509_parser::parse_x509_certificate(chain.first()?).ok()?;
    Some(of_seconds(certificate.validity().not_after.timestamp()))
}

/// Until when a token is valid, where it is a JSON Web Token that says so.
pub(crate) fn token_end(token: &SecretString) -> Option<Timestamp> {
    let payload = token.expose_secret().split('.').nth(1)?;
    let payload: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
    payload.get("exp")?.as_i64().map(of_seconds)
}

fn of_seconds(seconds: i64) -> Timestamp {
    Timestamp(seconds.saturating_mul(1000))
}

/// Base64 with line breaks, as kubectl and people write it.
fn decode(data: &str) -> Option<String> {
    let data: String = data.chars().filter(|character| !character.is_ascii_whitespace()).collect();
    String::from_utf8(STANDARD.decode(data).ok()?).ok()
}
