//! The last look at an object before it is deleted.

use domain::object::{ObjectKey, ResourceKind};
use domain::reason::ObjectReason;

use super::{Leftover, Proof};
use crate::marks;
use crate::port::cluster::Marked;

/// The right to delete: made by [`Proof::warrant`] alone.
#[derive(Debug)]
pub struct Warrant(());

/// What becomes of a candidate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It goes.
    Delete(Box<Victim>),
    /// It is not there any more.
    Gone,
    /// It is being deleted already.
    Terminating,
    /// It stays.
    Keep(ObjectReason),
}

/// Exactly one object in exactly the state that was looked at: the only thing that is ever deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Victim {
    key: ObjectKey,
    kind: ResourceKind,
    uid: String,
    resource_version: String,
}

impl Warrant {
    pub(super) fn new() -> Self {
        Self(())
    }
}

impl Proof {
    /// Decides by the live object. `kind` is how it is served now.
    pub fn judge(&self, leftover: &Leftover, kind: &ResourceKind, live: Option<&Marked>) -> Fate {
        let entry = &leftover.entry;
        let Some(live) = live else { return Fate::Gone };
        if entry.uid.is_empty() || live.uid != entry.uid {
            return Fate::Keep(ObjectReason::Replaced);
        }
        if live.terminating {
            return Fate::Terminating;
        }
        if live.kept {
            return Fate::Keep(ObjectReason::Ignored);
        }
        if live.owned {
            return Fate::Keep(ObjectReason::Owned);
        }
        if live.mark.as_deref() != Some(self.mark(leftover).as_str()) {
            return Fate::Keep(ObjectReason::NotMarked);
        }
        Fate::Delete(Box::new(Victim {
            key: entry.key.clone(),
            kind: kind.clone(),
            uid: live.uid.clone(),
            resource_version: live.resource_version.clone(),
        }))
    }

    /// Recomputed for this source; an object of an earlier one must have the mark that it got there.
    fn mark(&self, leftover: &Leftover) -> String {
        let recomputed = || marks::gc_mark(self.set_name(), &leftover.entry.key.flux_id());
        let earlier = leftover.entry.mark.clone().filter(|_| leftover.left_behind);
        earlier.unwrap_or_else(recomputed)
    }
}

impl Victim {
    /// Which object.
    pub fn key(&self) -> &ObjectKey {
        &self.key
    }

    /// How its kind is served.
    pub fn kind(&self) -> &ResourceKind {
        &self.kind
    }

    /// A precondition of its deletion.
    pub fn uid(&self) -> &str {
        &self.uid
    }

    /// A precondition of its deletion.
    pub fn resource_version(&self) -> &str {
        &self.resource_version
    }
}
