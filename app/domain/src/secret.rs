//! A secret as it lies in the database: ciphertext and what is needed to open it, nothing readable.

use crate::id::{InstallationId, SecretId};

/// Whose secret it is and which one: bound into the ciphertext as associated data, so that a record copied to
/// another row, tenant, field or version cannot be opened.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SecretContext {
    /// The installation that sealed it.
    pub installation: InstallationId,
    /// The resource group (or subscription) it belongs to, as text.
    pub tenant: String,
    /// `cluster`, `configuration`, `cluster-draft`.
    pub owner_kind: String,
    /// Id of the owner.
    pub owner_id: String,
    /// Which secret of the owner, for instance `kubeconfig`.
    pub field: String,
    /// Id of this record.
    pub secret: SecretId,
    /// Grows with each write of the field; the current number lives in the owner's row.
    pub version: i64,
}

/// A sealed secret: XChaCha20-Poly1305 under a data key of its own, which is wrapped by the key named.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedSecret {
    /// Algorithm of both layers, for instance `xchacha20poly1305`.
    pub algorithm: String,
    /// Id of the key that wraps the data key.
    pub key_id: String,
    /// Nonce and wrapped data key.
    pub wrapped_key: Vec<u8>,
    /// Nonce of the ciphertext.
    pub nonce: Vec<u8>,
    /// The padded value, encrypted.
    pub ciphertext: Vec<u8>,
    /// First bytes of a keyed hash, to recognise equal values of one tenant without reading them.
    pub fingerprint: Vec<u8>,
}
