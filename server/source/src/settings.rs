use std::path::PathBuf;

use child::Launcher;
use outbound::{Policy, Relay};

/// What [`crate::GitSource`] needs from outside.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The folder of the mirrors; made when it is not there. Only one server may use it.
    pub mirrors: PathBuf,
    /// Starts git.
    pub launcher: Launcher,
    /// Which addresses may be connected to.
    pub policy: Policy,
    /// What leads git to its hosts.
    pub relay: Relay,
    /// How many fetches run at once, and as many questions beside them.
    pub concurrency: usize,
    /// How much a repository may bring.
    pub quota: Quota,
}

/// How much of a repository is taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Of one fetch, in bytes: the pack that the host sends.
    pub fetch_bytes: u64,
    /// Of one mirror with everything fetched so far, in bytes.
    pub mirror_bytes: u64,
    /// Memory of each git process, in bytes.
    pub memory_bytes: u64,
}

impl Quota {
    /// The same with less room for one repository, where that is less.
    #[must_use]
    pub(crate) fn within(self, bytes: Option<u64>) -> Self {
        let bytes = bytes.unwrap_or(u64::MAX);
        Self { fetch_bytes: self.fetch_bytes.min(bytes), mirror_bytes: self.mirror_bytes.min(bytes), ..self }
    }
}

impl Default for Quota {
    /// Manifests are small; these are for repositories that hold an application's history beside them.
    fn default() -> Self {
        Self {
            fetch_bytes: 512 * 1024 * 1024,
            mirror_bytes: 1024 * 1024 * 1024,
            memory_bytes: 1024 * 1024 * 1024,
        }
    }
}
