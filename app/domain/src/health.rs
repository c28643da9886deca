//! Health of an applied object, after the kstatus rules of the Kubernetes CLI utilities.

use serde::{Deserialize, Serialize};

/// From best to worst; the health of many is the worst of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Health {
    /// Does what its spec says.
    Healthy,
    /// Paused by its owner (a suspended Job or `CronJob`).
    Suspended,
    /// On its way, nothing to do but wait.
    Progressing,
    /// Nothing is known yet.
    #[default]
    Unknown,
    /// Was applied, is not there.
    Missing,
    /// Will not become healthy by waiting.
    Degraded,
}

impl Health {
    /// The worst of all; `None` when there is nothing.
    pub fn worst(all: impl IntoIterator<Item = Self>) -> Option<Self> {
        all.into_iter().max()
    }

    /// The word as stored and sent: the variant's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Healthy => "Healthy",
            Self::Suspended => "Suspended",
            Self::Progressing => "Progressing",
            Self::Unknown => "Unknown",
            Self::Missing => "Missing",
            Self::Degraded => "Degraded",
        }
    }
}
