//! What was read differently from how it is written, and does no harm.

use std::fmt;

/// One such thing; its text names the place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Warning {
    /// A symbolic link that stays inside the path: never followed, for its target is read anyway.
    LinkSkipped {
        /// The link.
        path: String,
    },
    /// Another repository inside this one: never fetched.
    SubmoduleSkipped {
        /// Where.
        path: String,
    },
    /// A `Kustomization` of kustomize's own: no Kubernetes object.
    KustomizationSkipped {
        /// `file:line`
        place: String,
    },
    /// A field that is not Git's to write was taken out before sending.
    FieldStripped {
        /// `file:line`
        place: String,
        /// Which, for instance `metadata.managedFields`.
        field: String,
    },
    /// Objects that are no longer in Git are kept, because it is not certain that they are.
    PruneHeld {
        /// How many.
        count: usize,
        /// Why.
        doubt: String,
    },
    /// A namespace written on an object whose kind has none (Flux v1 ignores it too).
    NamespaceIgnored {
        /// `file:line`
        place: String,
        /// As written.
        namespace: String,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LinkSkipped { path } => write!(formatter, "{path}: symbolic link, not followed"),
            Self::SubmoduleSkipped { path } => write!(formatter, "{path}: submodule, not read"),
            Self::KustomizationSkipped { place } => {
                write!(formatter, "{place}: a kustomization is no object, left out")
            }
            Self::FieldStripped { place, field } => {
                write!(formatter, "{place}: {field} is not taken from Git, left out")
            }
            Self::PruneHeld { count, doubt } => {
                write!(formatter, "{count} objects that left Git are kept for now: {doubt}")
            }
            Self::NamespaceIgnored { place, namespace } => {
                write!(formatter, "{place}: the kind has no namespaces, {namespace} is ignored")
            }
        }
    }
}
