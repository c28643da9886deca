//! What a sync planned and what came of it.

use serde::{Deserialize, Serialize};

use crate::object::ObjectKey;
use crate::reason::ObjectReason;

/// What happens to one object (the words of Flux' change sets).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Action {
    /// Made new.
    Create,
    /// Changed.
    Configure,
    /// As wanted.
    Unchanged,
    /// Removed from the cluster.
    Delete,
    /// Left alone, with a reason.
    Skip,
}

impl Action {
    /// The word as stored: the variant's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "Create",
            Self::Configure => "Configure",
            Self::Unchanged => "Unchanged",
            Self::Delete => "Delete",
            Self::Skip => "Skip",
        }
    }
}

/// One object's part of a change set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Which object.
    pub object: ObjectKey,
    /// What was done, or was to be done when it was refused.
    pub action: Action,
    /// File and line of its manifest; empty for what is no longer in Git.
    pub place: String,
    /// Why it was refused or skipped.
    pub reason: Option<ObjectReason>,
    /// What the API server said, verbatim and scrubbed.
    pub detail: Option<String>,
}

impl Change {
    /// Whether the API server refused it.
    pub fn refused(&self) -> bool {
        self.reason.is_some() && self.action != Action::Skip
    }
}

/// A finished sync's changes, without the unchanged ones.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeSet {
    /// In the order applied.
    pub changes: Vec<Change>,
}
