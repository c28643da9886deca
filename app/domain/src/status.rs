//! What is known of a configuration: compliance as ARM shows it, sync state and health in finer words.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::reason::Reason;

/// ARM `complianceState` as Flux v1 configurations use it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Compliance {
    /// First sync of this generation not ended, or nothing could be asked yet.
    #[default]
    Pending,
    /// Operator provisioned and the last sync had no error.
    Installed,
    /// Provisioning, Git, load or an applied object failed.
    Failed,
}

impl Compliance {
    /// The word as stored and as ARM spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::Installed => "Installed",
            Self::Failed => "Failed",
        }
    }
}

/// ARM `messageLevel`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum MessageLevel {
    /// As wished.
    #[default]
    Information,
    /// Installed, but something was left out or waits.
    Warning,
    /// Failed.
    Error,
}

impl MessageLevel {
    /// The word as stored and as ARM spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Information => "Information",
            Self::Warning => "Warning",
            Self::Error => "Error",
        }
    }
}

/// Where a running sync is; the words of the stepper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum SyncStep {
    /// The cluster is asked who it is, the operator objects are made.
    Prepare,
    /// The branch is looked up and, when it moved, fetched.
    Fetch,
    /// The manifests are read.
    Read,
    /// The live objects are compared.
    Compare,
    /// Objects are applied.
    Apply,
    /// Objects that are no longer in Git are deleted.
    Prune,
    /// What was synced is marked at the Git host.
    Tag,
    /// The outcome is written down.
    Record,
}

impl SyncStep {
    /// The word as stored: the variant's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Prepare => "Prepare",
            Self::Fetch => "Fetch",
            Self::Read => "Read",
            Self::Compare => "Compare",
            Self::Apply => "Apply",
            Self::Prune => "Prune",
            Self::Tag => "Tag",
            Self::Record => "Record",
        }
    }
}

/// How the objects of the last sync stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectCounts {
    /// Objects of the load.
    pub total: u32,
    /// Made by the last sync that changed something.
    pub created: u32,
    /// Changed by it.
    pub configured: u32,
    /// Found as wanted.
    pub unchanged: u32,
    /// Refused by the API server.
    pub refused: u32,
    /// Left out with a reason.
    pub left_out: u32,
}

/// What the last sync left behind. Stored as one row beside the spec.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigurationStatus {
    /// Generation of the spec that this status speaks of; 0 before the first sync.
    pub observed_generation: i64,
    /// In ARM's words.
    pub compliance: Compliance,
    /// How loud.
    pub level: MessageLevel,
    /// The one sentence.
    pub reason: Reason,
    /// What the API server or Git said, verbatim and scrubbed, bounded.
    pub detail: Option<String>,
    /// Commit of the last sync whose load was applied, in full.
    pub revision: Option<String>,
    /// Subject and author of that commit, for people.
    pub revision_subject: Option<String>,
    /// When an object was last applied, or the spec first found in place.
    pub last_config_applied: Option<Timestamp>,
    /// When the last sync ended, whatever came of it.
    pub last_sync: Option<Timestamp>,
    /// Step of the sync that is running now.
    pub syncing: Option<SyncStep>,
    /// Counts of the last sync.
    pub counts: ObjectCounts,
}

impl ConfigurationStatus {
    /// What a configuration is before anything was tried.
    pub fn fresh() -> Self {
        Self {
            observed_generation: 0,
            compliance: Compliance::Pending,
            level: MessageLevel::Information,
            reason: Reason::WaitingForFirstSync,
            detail: None,
            revision: None,
            revision_subject: None,
            last_config_applied: None,
            last_sync: None,
            syncing: None,
            counts: ObjectCounts::default(),
        }
    }
}
