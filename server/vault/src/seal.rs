//! Sealing and opening.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use domain::id::ConfigurationId;
use domain::secret::{SealedSecret, SecretContext};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::key_ring::{Key, KeyRing};
use crate::padding::{pad, unpad};

/// Word for the algorithm of both layers, in each record and bound into it.
const ALGORITHM: &str = "xchacha20poly1305";

/// First part of the associated data: what this is, and which layout the rest has.
const LABEL: &str = "fairlead/secret/v1";

/// Label of the key that fingerprints are made with.
const FINGERPRINT_LABEL: &str = "fairlead/fingerprint/v1";

/// Bytes of a nonce: random ones never repeat at this length.
const NONCE_LENGTH: usize = 24;

/// Bytes of a fingerprint: enough to recognise a value, too few to be a hash to attack.
const FINGERPRINT_LENGTH: usize = 8;

/// Bytes of a block of SHA-256.
const HMAC_BLOCK: usize = 64;

/// What a secret is opened for. Counted in `fairlead_secret_opened_total`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A sync of a configuration.
    Run(ConfigurationId),
    /// Asking a cluster who it is and what is allowed, and watching it.
    Connection,
    /// Removing the operator objects of a configuration that was deleted.
    Retirement(ConfigurationId),
    /// Completing a connection from a draft.
    Draft,
    /// Checking who signed a webhook.
    Webhook,
    /// Sealing it by another key.
    Rotation,
}

impl Purpose {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Run(_) => "run",
            Self::Connection => "connection",
            Self::Retirement(_) => "retirement",
            Self::Draft => "draft",
            Self::Webhook => "webhook",
            Self::Rotation => "rotation",
        }
    }
}

/// Why a value was not sealed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// Longer than a record can hold.
    #[error("the secret is too long")]
    TooLong,
    /// The system gives no random numbers.
    #[error("the system gives no random numbers")]
    Random(#[source] getrandom::Error),
    /// The cipher refused; cannot happen within its limits.
    #[error("the secret cannot be encrypted")]
    Cipher,
}

/// Why a secret was not opened. Says nothing of what is inside.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Its key is not in the ring.
    #[error("the secret needs the key {id:?}, which is not in the key ring")]
    MissingKey {
        /// Which.
        id: String,
    },
    /// Sealed by an algorithm that is not known here.
    #[error("the secret is sealed by an unknown algorithm")]
    Algorithm,
    /// Changed, cut, moved from another row or put back from earlier, or the key has another value now.
    #[error("the secret does not open: it was changed or belongs elsewhere")]
    Damaged,
    /// It opens, but is no text.
    #[error("the secret is no text")]
    NotText,
}

/// Why a secret was not sealed by another key.
#[derive(Debug, thiserror::Error)]
pub enum ResealError {
    /// It does not open.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// It cannot be sealed again.
    #[error(transparent)]
    Seal(#[from] SealError),
}

/// A key that stored secrets need is missing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "stored secrets need the key {id:?}, which is not in the key ring: put its line back from your backup, \
     then start again"
)]
pub struct MissingKey {
    /// Which.
    pub id: String,
}

/// Seals by a key: a new data key for the value, wrapped by this one.
pub(crate) fn seal_with(
    wrapping_key: &Key,
    key_id: &str,
    context: &SecretContext,
    value: &[u8],
) -> Result<SealedSecret, SealError> {
    let mut data_key = Key::default();
    getrandom::fill(data_key.as_mut_slice()).map_err(SealError::Random)?;
    let padded = pad(value).ok_or(SealError::TooLong)?;
    let (nonce, ciphertext) =
        encrypt(&data_key, &padded, &associated_data(Layer::Data, context, ALGORITHM, key_id))?;
    let (key_nonce, key_ciphertext) =
        encrypt(wrapping_key, data_key.as_slice(), &associated_data(Layer::Key, context, ALGORITHM, key_id))?;
    Ok(SealedSecret {
        algorithm: ALGORITHM.to_owned(),
        key_id: key_id.to_owned(),
        wrapped_key: [key_nonce.as_slice(), &key_ciphertext].concat(),
        nonce: nonce.to_vec(),
        ciphertext,
        fingerprint: fingerprint(wrapping_key, context, value)[..FINGERPRINT_LENGTH].to_vec(),
    })
}

/// Opens what was sealed by this key for exactly this place.
pub(crate) fn open_with(
    wrapping_key: &Key,
    context: &SecretContext,
    sealed: &SealedSecret,
) -> Result<Zeroizing<Vec<u8>>, OpenError> {
    if sealed.algorithm != ALGORITHM {
        return Err(OpenError::Algorithm);
    }
    decrypt_both(wrapping_key, context, sealed).ok_or(OpenError::Damaged)
}

fn decrypt_both(
    wrapping_key: &Key,
    context: &SecretContext,
    sealed: &SealedSecret,
) -> Option<Zeroizing<Vec<u8>>> {
    let SealedSecret { algorithm, key_id, wrapped_key, nonce, ciphertext, fingerprint } = sealed;
    let (key_nonce, key_ciphertext) = wrapped_key.split_at_checked(NONCE_LENGTH)?;
    let data_key = decrypt(
        wrapping_key,
        key_nonce,
        key_ciphertext,
        &associated_data(Layer::Key, context, algorithm, key_id),
    )?;
    let data_key: Key = Zeroizing::new(data_key.as_slice().try_into().ok()?);
    let padded =
        decrypt(&data_key, nonce, ciphertext, &associated_data(Layer::Data, context, algorithm, key_id))?;
    let value = unpad(&padded)?;
    if fingerprint.len() != FINGERPRINT_LENGTH {
        return None;
    }
    fingerprint_code(wrapping_key, context, &value).verify_truncated_left(fingerprint).ok()?;
    Some(value)
}

/// The two layers never accept each other's ciphertext.
#[derive(Clone, Copy)]
enum Layer {
    Data,
    Key,
}

/// What both layers are bound to, each part with its length in front so that no two contexts read alike.
fn associated_data(layer: Layer, context: &SecretContext, algorithm: &str, key_id: &str) -> Vec<u8> {
    let SecretContext { installation, tenant, owner_kind, owner_id, field, secret, version } = context;
    let layer = match layer {
        Layer::Data => "data",
        Layer::Key => "key",
    };
    let mut data = Vec::new();
    for part in [
        LABEL.as_bytes(),
        layer.as_bytes(),
        installation.0.as_bytes(),
        tenant.as_bytes(),
        owner_kind.as_bytes(),
        owner_id.as_bytes(),
        field.as_bytes(),
        secret.0.as_bytes(),
        &version.to_be_bytes(),
        algorithm.as_bytes(),
        key_id.as_bytes(),
    ] {
        push_part(&mut data, part);
    }
    data
}

/// A part with its length in front.
pub(crate) fn push_part(data: &mut Vec<u8>, part: &[u8]) {
    data.extend_from_slice(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
    data.extend_from_slice(part);
}

fn encrypt(key: &Key, message: &[u8], data: &[u8]) -> Result<([u8; NONCE_LENGTH], Vec<u8>), SealError> {
    let mut nonce = [0; NONCE_LENGTH];
    getrandom::fill(&mut nonce).map_err(SealError::Random)?;
    let cipher = XChaCha20Poly1305::new_from_slice(key.as_slice()).map_err(|_| SealError::Cipher)?;
    let ciphertext = cipher
        .encrypt(&XNonce::from(nonce), Payload { msg: message, aad: data })
        .map_err(|_| SealError::Cipher)?;
    Ok((nonce, ciphertext))
}

fn decrypt(key: &Key, nonce: &[u8], ciphertext: &[u8], data: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let nonce: [u8; NONCE_LENGTH] = nonce.try_into().ok()?;
    let cipher = XChaCha20Poly1305::new_from_slice(key.as_slice()).ok()?;
    let message = cipher.decrypt(&XNonce::from(nonce), Payload { msg: ciphertext, aad: data }).ok()?;
    Some(Zeroizing::new(message))
}

/// Keyed per tenant: equal values of two tenants look different.
fn fingerprint_code(wrapping_key: &Key, context: &SecretContext, value: &[u8]) -> Hmac<Sha256> {
    let key = KeyRing::derive(wrapping_key, FINGERPRINT_LABEL, &[&context.tenant]);
    // a key shorter than a block is filled with zeros: so HMAC is defined
    let mut block = Zeroizing::new([0; HMAC_BLOCK]);
    block[..key.len()].copy_from_slice(key.as_slice());
    let mut code = Hmac::<Sha256>::new((&*block).into());
    code.update(value);
    code
}

fn fingerprint(wrapping_key: &Key, context: &SecretContext, value: &[u8]) -> [u8; 32] {
    fingerprint_code(wrapping_key, context, value).finalize().into_bytes().into()
}

#[cfg(test)]
mod tests;
