//! The proof that what a load does not have is really gone from Git.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::change::Change;
use domain::object::{ObjectKey, ResourceKind};
use domain::reason::ObjectReason;
use domain::repository::Revision;

use super::Warrant;
use crate::load::Load;
use crate::port::cluster::Kinds;
use crate::port::source::Tree;
use crate::resolve::Resolved;

/// Everything a run has read. That the fetch, the reading of all files and the check of the cluster's identity ended
/// well is a condition for having these values at all: each of them ends the run otherwise.
#[derive(Clone, Copy)]
pub struct Reading<'run> {
    /// What the host said the branch points to, in this run.
    pub head: &'run Revision,
    /// What was read.
    pub tree: &'run dyn Tree,
    /// All objects in it.
    pub load: &'run Load,
    /// What they are in the cluster.
    pub resolved: &'run Resolved,
    /// By this discovery.
    pub kinds: &'run Arc<Kinds>,
    /// [`crate::resolve::ScopePolicy::set_name`]
    pub set_name: &'run str,
}

/// Absence is evidence only after a complete, verified read: this is that evidence. Without it nothing is deleted.
#[derive(Clone, Debug)]
pub struct Proof {
    /// Flux ids of everything in Git, applied or not. Without the API group: an object that moved to another group
    /// is still the same object in the cluster.
    in_git: BTreeSet<String>,
    kinds: Arc<Kinds>,
    set_name: String,
}

/// Why there is no proof.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Doubt {
    /// Another commit was read than the branch points to.
    #[error("commit {read} was read, but the branch points to {head}")]
    OtherCommit {
        /// Read.
        read: String,
        /// Said by the host.
        head: String,
    },
    /// Discovery named no kinds at all.
    #[error("the cluster names no kinds at all")]
    NoKinds,
    /// Some groups did not answer.
    #[error("the API groups {groups} do not answer, so that nobody knows what they serve")]
    GroupsUnavailable {
        /// By commas.
        groups: String,
    },
    /// An object in Git is of a kind that nobody knows.
    #[error("the cluster does not serve the kind of {object}, which is in Git")]
    KindUnknown {
        /// Which.
        object: String,
    },
    /// A candidate is of a kind that is no longer served.
    #[error("the cluster no longer serves the kind of {object}")]
    KindGone {
        /// Which.
        object: String,
    },
    /// Something was not applied.
    #[error("{refused} objects were not applied")]
    NotApplied {
        /// How many.
        refused: usize,
    },
    /// A candidate could not be looked at.
    #[error("{object} could not be read: {detail}")]
    Unread {
        /// Which.
        object: String,
        /// What the API server said.
        detail: String,
    },
    /// Another cluster answers now.
    #[error("another cluster answers now")]
    OtherCluster,
}

impl Proof {
    /// Any "don't know" removes the power to delete, not only the one object.
    pub fn of(reading: &Reading<'_>) -> Result<Self, Doubt> {
        let Reading { head, tree, load, resolved, kinds, set_name } = reading;
        if tree.revision() != *head {
            return Err(Doubt::OtherCommit { read: tree.revision().to_string(), head: head.to_string() });
        }
        if kinds.served.is_empty() {
            return Err(Doubt::NoKinds);
        }
        if !kinds.unavailable_groups.is_empty() {
            let groups: Vec<&str> = kinds.unavailable_groups.iter().map(String::as_str).collect();
            return Err(Doubt::GroupsUnavailable { groups: groups.join(", ") });
        }
        let unknown = resolved.left_out.iter().find(|left| {
            matches!(left.reason, ObjectReason::UnknownKind | ObjectReason::GroupUnavailable { .. })
        });
        if let Some(left) = unknown {
            return Err(Doubt::KindUnknown { object: left.key.to_string() });
        }
        let wanted = resolved.desired.iter().map(|desired| &desired.key);
        let keys = wanted.chain(resolved.left_out.iter().map(|left| &left.key));
        let mut in_git: BTreeSet<String> = keys.map(ObjectKey::flux_id).collect();
        // As written too: one id more keeps an object, one id less could delete it.
        in_git.extend(load.objects.iter().map(crate::load::LoadedObject::written_id));
        Ok(Self { in_git, kinds: Arc::clone(kinds), set_name: (*set_name).to_owned() })
    }

    /// Whether Git still has an object, by its id without a group.
    pub fn is_in_git(&self, key: &ObjectKey) -> bool {
        self.in_git.contains(&key.flux_id())
    }

    /// Whether Git has no object at all.
    pub fn is_empty(&self) -> bool {
        self.in_git.is_empty()
    }

    /// How a kind is served now, in the version it was applied by or in another one.
    pub fn served(&self, kind: &ResourceKind) -> Option<&ResourceKind> {
        let versions = self.kinds.served.get(&(kind.group.clone(), kind.kind.clone()))?;
        versions.iter().find(|served| served.version == kind.version).or_else(|| versions.first())
    }

    /// The set that objects of this source are marked with.
    pub(super) fn set_name(&self) -> &str {
        &self.set_name
    }

    /// The right to delete, once everything that Git wants was applied.
    pub fn warrant(&self, changes: &[Change]) -> Result<Warrant, Doubt> {
        let stopped = |change: &&Change| {
            change.refused() || change.reason.as_ref() == Some(&ObjectReason::EarlierStageFailed)
        };
        match changes.iter().filter(stopped).count() {
            0 => Ok(Warrant::new()),
            refused => Err(Doubt::NotApplied { refused }),
        }
    }
}
