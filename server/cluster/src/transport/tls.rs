//! TLS of one credential: its authority (else the public ones), its client certificate.

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;
use secrecy::ExposeSecret;

use super::TransportError;
use crate::Credential;
use crate::credential::ClientCertificate;
use crate::kubeconfig::material;

pub(super) fn config(credential: &Credential) -> Result<ClientConfig, TransportError> {
    // The provider is named here, so that it does not matter what else the process installs or links.
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let builder = match credential.certificate_authority() {
        Some(pem) => builder.with_root_certificates(roots(pem)?),
        None => builder.with_platform_verifier()?,
    };
    let Some(ClientCertificate { chain, key }) = credential.certificate() else {
        return Ok(builder.with_no_client_auth());
    };
    let chain = material::chain(chain).ok_or(TransportError::Material)?;
    let key = material::private_key(key.expose_secret()).ok_or(TransportError::Material)?;
    Ok(builder.with_client_auth_cert(chain, key)?)
}

fn roots(pem: &str) -> Result<RootCertStore, TransportError> {
    let mut roots = RootCertStore::empty();
    for certificate in material::chain(pem).ok_or(TransportError::Material)? {
        roots.add(certificate)?;
    }
    Ok(roots)
}
