//! A certificate authority for one control plane or one server.

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose,
};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde::{Deserialize, Serialize};

use crate::TestbedError;

/// A certificate authority with its key: everything it signs is trusted by whoever trusts [`Authority::certificate`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Authority {
    name: String,
    certificate: String,
    key: String,
}

/// A certificate and its key, both PEM.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Identity {
    /// The certificate, PEM.
    pub certificate: String,
    /// The private key as PKCS #8 PEM.
    pub key: String,
}

impl Authority {
    /// A new authority with a new key.
    pub fn new(name: &str) -> Result<Self, TestbedError> {
        let key = KeyPair::generate()?;
        let certificate = authority_parameters(name)?.self_signed(&key)?.pem();
        Ok(Self { name: name.to_owned(), certificate, key: key.serialize_pem() })
    }

    /// The certificate to trust, PEM.
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// A server certificate for names and addresses.
    pub fn server(&self, names: &[&str]) -> Result<Identity, TestbedError> {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let mut parameters = CertificateParams::new(names)?;
        parameters.distinguished_name.push(DnType::CommonName, "fairlead testbed");
        self.sign(parameters, ExtendedKeyUsagePurpose::ServerAuth)
    }

    /// A client certificate as Kubernetes reads it: the common name is the user, the organisation a group.
    pub fn client(&self, user: &str, group: Option<&str>) -> Result<Identity, TestbedError> {
        let mut parameters = CertificateParams::new(Vec::new())?;
        parameters.distinguished_name = DistinguishedName::new();
        if let Some(group) = group {
            parameters.distinguished_name.push(DnType::OrganizationName, group);
        }
        parameters.distinguished_name.push(DnType::CommonName, user);
        self.sign(parameters, ExtendedKeyUsagePurpose::ClientAuth)
    }

    /// TLS for a server on 127.0.0.1 and localhost, HTTP/2 and HTTP/1.1.
    pub(crate) fn server_config(&self) -> Result<ServerConfig, TestbedError> {
        let identity = self.server(&["127.0.0.1", "localhost"])?;
        let certificate = pem::<CertificateDer<'static>>(&identity.certificate)?;
        let key = pem::<PrivateKeyDer<'static>>(&identity.key)?;
        let mut config = ServerConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(config)
    }

    fn sign(
        &self,
        mut parameters: CertificateParams,
        usage: ExtendedKeyUsagePurpose,
    ) -> Result<Identity, TestbedError> {
        parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyEncipherment];
        parameters.extended_key_usages = vec![usage];
        let issuer = Issuer::new(authority_parameters(&self.name)?, KeyPair::from_pem(&self.key)?);
        let key = KeyPair::generate()?;
        let certificate = parameters.signed_by(&key, &issuer)?.pem();
        Ok(Identity { certificate, key: key.serialize_pem() })
    }
}

/// The one parser of what this module itself wrote.
pub(crate) fn pem<T: PemObject>(text: &str) -> Result<T, TestbedError> {
    T::from_pem_slice(text.as_bytes())
        .map_err(|error| TestbedError::Tls(rustls::Error::General(format!("unreadable PEM: {error}"))))
}

fn authority_parameters(name: &str) -> Result<CertificateParams, TestbedError> {
    let mut parameters = CertificateParams::new(Vec::new())?;
    parameters.distinguished_name = DistinguishedName::new();
    parameters.distinguished_name.push(DnType::CommonName, name);
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
    Ok(parameters)
}
