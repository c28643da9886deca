//! An object as Git wants it, ready to be applied.

use domain::object::{ObjectKey, ResourceKind};
use serde_json::Value;

use crate::marks::GC_MARK_LABEL;

/// One wanted object: scope decided, namespace filled in, marks set.
#[derive(Clone, Debug, PartialEq)]
pub struct Desired {
    /// Which object.
    pub key: ObjectKey,
    /// How its kind is served.
    pub kind: ResourceKind,
    /// What is sent: with namespace, mark label and checksum annotation.
    pub manifest: Value,
    /// Hash of what is sent: equal means nothing to send.
    pub manifest_hash: String,
    /// `fluxcd.io/sync-checksum`: hexadecimal SHA-1 of the loaded document as canonical JSON.
    pub checksum: String,
    /// When it is applied.
    pub rank: Rank,
    /// `file:line` of its manifest.
    pub place: String,
}

impl Desired {
    /// Value of [`GC_MARK_LABEL`] in what is sent.
    pub fn mark(&self) -> Option<&str> {
        self.manifest.pointer("/metadata/labels")?.get(GC_MARK_LABEL)?.as_str()
    }
}

/// Order of application: Flux v1's ranks behind a first stage of our own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rank {
    /// Stage 1: Namespaces.
    Namespace,
    /// Stage 1: CRDs, waited for until Established.
    Definition,
    /// Stage 2: service accounts, roles, persistent volumes, services.
    Foundation,
    /// Stage 2: quotas, secrets, config maps, bindings, claims, ingresses.
    Configuration,
    /// Stage 2: workloads.
    Workload,
    /// Stage 2: everything else.
    Rest,
}

impl Rank {
    /// Whether it belongs to stage 1, which ends before anything of stage 2 begins.
    pub fn first_stage(self) -> bool {
        matches!(self, Self::Namespace | Self::Definition)
    }
}
