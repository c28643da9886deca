//! The forms that private keys come in.

use domain::violation::Rule;
use ed25519_dalek::SigningKey;
use rsa::RsaPrivateKey;
use rsa::pkcs1::DecodeRsaPrivateKey;
use rsa::pkcs8::DecodePrivateKey;
use ssh_key::PrivateKey;
use ssh_key::private::{EcdsaKeypair, Ed25519Keypair, KeypairData, RsaKeypair};

/// By the label of the first line; what follows has to be what it says.
pub(super) fn read(text: &str) -> Result<PrivateKey, Rule> {
    let label = text.strip_prefix("-----BEGIN ").and_then(|rest| rest.split_once("-----"));
    match label.map(|(label, _)| label) {
        Some("OPENSSH PRIVATE KEY") => {
            let key = PrivateKey::from_openssh(text).map_err(|_| Rule::SshKeyFormat)?;
            if key.is_encrypted() { Err(Rule::SshKeyPassphrase) } else { Ok(key) }
        }
        Some("RSA PRIVATE KEY") => found(RsaPrivateKey::from_pkcs1_pem(text).ok().and_then(of_rsa)),
        Some("EC PRIVATE KEY") => found(sec1(text).map(KeypairData::from)),
        Some("PRIVATE KEY") => found(pkcs8(text)),
        _ => Err(Rule::SshKeyFormat),
    }
}

fn found(data: Option<KeypairData>) -> Result<PrivateKey, Rule> {
    let key = data.and_then(|data| PrivateKey::new(data, "").ok());
    key.ok_or(Rule::SshKeyFormat)
}

fn of_rsa(key: RsaPrivateKey) -> Option<KeypairData> {
    RsaKeypair::try_from(key).ok().map(KeypairData::from)
}

fn sec1(text: &str) -> Option<EcdsaKeypair> {
    let p256 = || p256::SecretKey::from_sec1_pem(text).ok().map(|key| of_p256(&key));
    let p384 = || p384::SecretKey::from_sec1_pem(text).ok().map(|key| of_p384(&key));
    let p521 = || p521::SecretKey::from_sec1_pem(text).ok().map(|key| of_p521(&key));
    p256().or_else(p384).or_else(p521)
}

fn pkcs8(text: &str) -> Option<KeypairData> {
    let ed25519 = || {
        let key = SigningKey::from_pkcs8_pem(text).ok()?;
        Some(KeypairData::from(Ed25519Keypair::from(key)))
    };
    let p256 = || p256::SecretKey::from_pkcs8_pem(text).ok().map(|key| of_p256(&key).into());
    let p384 = || p384::SecretKey::from_pkcs8_pem(text).ok().map(|key| of_p384(&key).into());
    let p521 = || p521::SecretKey::from_pkcs8_pem(text).ok().map(|key| of_p521(&key).into());
    let rsa = RsaPrivateKey::from_pkcs8_pem(text).ok().and_then(of_rsa);
    rsa.or_else(ed25519).or_else(p256).or_else(p384).or_else(p521)
}

fn of_p256(key: &p256::SecretKey) -> EcdsaKeypair {
    let public = key.public_key().into();
    EcdsaKeypair::NistP256 { public, private: key.clone().into() }
}

fn of_p384(key: &p384::SecretKey) -> EcdsaKeypair {
    let public = key.public_key().into();
    EcdsaKeypair::NistP384 { public, private: key.clone().into() }
}

fn of_p521(key: &p521::SecretKey) -> EcdsaKeypair {
    let public = key.public_key().into();
    EcdsaKeypair::NistP521 { public, private: key.clone().into() }
}
