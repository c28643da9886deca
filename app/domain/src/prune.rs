//! Objects that are no longer in Git and would be deleted from the cluster, and what holds that up.

use serde::{Deserialize, Serialize};

use crate::object::ObjectKey;

/// Why a list of objects is kept for a person to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum PruneCause {
    /// Deleting them unasked could be a disaster: [`PruneGuard`] says why.
    Guard,
    /// They came from an earlier repository, branch, path or operator.
    LeftBehind,
    /// `--sync-garbage-collection-dry`: only told.
    Dry,
}

impl PruneCause {
    /// The word as stored: the variant's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Guard => "Guard",
            Self::LeftBehind => "LeftBehind",
            Self::Dry => "Dry",
        }
    }
}

/// What makes a deletion too large to go unasked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum PruneGuard {
    /// More than a part of all objects.
    Many { count: u32, total: u32 },
    /// Git has no object left at all.
    NothingLeft,
    /// The commit that was applied is not, or not known to be, among the ancestors of the branch's head.
    Rewritten,
    /// An object of this kind takes other objects or data with it. Of definitions it is known how many: `instances` of
    /// all in the list, where they could be counted.
    Holds {
        kind: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        instances: Option<u32>,
    },
}

/// One object of such a list: this very one, not another of its name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PruneObject {
    /// Which object.
    pub object: ObjectKey,
    /// `metadata.uid` as applied.
    pub uid: String,
}
