//! What was applied.

use domain::object::{ObjectKey, ResourceKind};

use crate::desired::Desired;
use crate::port::cluster::Live;

/// One applied object, as the last apply left it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InventoryEntry {
    /// Which object.
    pub key: ObjectKey,
    /// How its kind is served.
    pub kind: ResourceKind,
    /// `metadata.uid` in the answer of the apply.
    pub uid: String,
    /// [`Desired::manifest_hash`] of what was applied.
    pub manifest_hash: String,
    /// [`crate::own_fields::own_fields`] of the answer.
    pub own_fields: String,
    /// [`Desired::checksum`] of what was applied.
    pub checksum: String,
    /// `file:line` of its manifest then.
    pub place: String,
    /// [`crate::marks::GC_MARK_LABEL`] as applied; `None` when it was applied before marks were kept.
    pub mark: Option<String>,
}

impl InventoryEntry {
    /// What an apply, or a dry-run that found nothing to do, leaves behind.
    pub fn applied(desired: &Desired, live: &Live) -> Self {
        Self {
            key: desired.key.clone(),
            kind: desired.kind.clone(),
            uid: live.uid.clone(),
            manifest_hash: desired.manifest_hash.clone(),
            own_fields: live.own_fields.clone(),
            checksum: desired.checksum.clone(),
            place: desired.place.clone(),
            mark: desired.mark().map(str::to_owned),
        }
    }
}
