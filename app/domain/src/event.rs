//! What the live stream tells: which thing has a newer version.

use serde::{Deserialize, Serialize};

use crate::id::{ClusterId, ConfigurationId};

/// Something changed; whoever shows it reads it again. Carries no state, so that it can be lost or doubled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StatusEvent {
    /// A configuration's spec or status has this version now; a deleted one is no longer found.
    Configuration {
        /// Which.
        id: ConfigurationId,
        /// Its cluster, so that a page can drop what it does not show.
        cluster: ClusterId,
        /// Grows with every change.
        version: i64,
    },
    /// A cluster's connectivity or facts changed.
    Cluster {
        /// Which.
        id: ClusterId,
        /// Grows with every change.
        version: i64,
    },
}
