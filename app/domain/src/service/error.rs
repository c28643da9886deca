//! Why a use case did not do it.

use serde::{Deserialize, Serialize};

use crate::quota::{PutOff, QuotaReached};
use crate::reason::Reason;
use crate::violation::Violations;

/// Why a use case did not do it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "camelCase")]
pub enum ServiceError {
    /// The input breaks rules.
    #[error("the input breaks {} rules", .violations.0.len())]
    Invalid {
        /// All of them.
        violations: Violations,
    },
    /// Nobody is signed in.
    #[error("not signed in")]
    Unauthenticated,
    /// It does not exist, or the actor may not know of it.
    #[error("not found")]
    NotFound,
    /// The actor sees it but may not do this.
    #[error("not allowed")]
    Denied,
    /// Somebody else changed it since it was read.
    #[error("changed meanwhile")]
    Stale,
    /// Something else is in the way, for instance a cluster that still has configurations.
    #[error("in the way: {conflict:?}")]
    Conflict {
        /// What.
        conflict: Conflict,
    },
    /// Too many of these at once; try later.
    #[error("busy")]
    Busy,
    /// Something inside failed; the id finds the log line.
    #[error("internal error {id}")]
    Internal {
        /// Quoted on the page and in the log.
        id: String,
    },
}

/// What stands in the way of a use case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Conflict {
    /// The cluster still has configurations.
    ClusterHasConfigurations {
        /// How many.
        count: u32,
    },
    /// The same cluster (by its identity) is connected already, in a place the actor may see or not.
    ClusterConnectedAlready {
        /// Its name, where the actor may see it.
        name: Option<String>,
    },
    /// A pasted kubeconfig waits for 15 minutes only.
    DraftExpired,
    /// A kubeconfig that was to replace another one leads to another cluster.
    KubeconfigOfAnotherCluster {
        /// The identity of that one.
        uid: String,
    },
    /// The preflight failed; the cluster cannot be connected like this.
    PreflightFailed,
    /// The link was used already or is too old.
    LinkUsed,
    /// The configuration is suspended: nothing is synced until it is resumed.
    Suspended,
    /// The Helm operator is switched off: nobody looks after the release.
    ReleasesAtRest,
    /// More tokens than anybody uses.
    TooManyTokens {
        /// How many there may be.
        max: u32,
    },
    /// A code for a frame was used already, is too old, or is somebody else's.
    EmbedCodeUsed,
    /// More dashboards than anybody has.
    TooManyParents {
        /// How many there may be.
        max: u32,
    },
    /// A quota of the resource group leaves no room; owners of the subscription may raise it.
    QuotaExceeded {
        /// Which, and how much of it is used.
        reached: QuotaReached,
    },
    /// The wish for a sync is kept, but the resource group's syncs of this hour are used up.
    SyncPutOff {
        /// Until when.
        put_off: PutOff,
    },
    /// A place can be deleted only when nothing is in it.
    PlaceNotEmpty,
    /// Nobody can delete themselves.
    Oneself,
    /// A password would let somebody in whom the identity provider no longer does.
    SignsInElsewhere,
    /// A plan could not be made.
    PlanFailed {
        /// Why a sync would end early.
        reason: Reason,
        /// What Git or the API server said, scrubbed.
        detail: Option<String>,
    },
}
