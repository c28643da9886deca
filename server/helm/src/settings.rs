use std::path::PathBuf;

use child::Launcher;
use outbound::{Policy, Proxies};

/// What [`crate::HelmProgram`] needs from outside.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Starts programs.
    pub launcher: Launcher,
    /// The program; `helm` on PATH when `None`.
    pub program: Option<PathBuf>,
    /// The server's own folder: tells the private folders of one machine's servers apart.
    pub folder: PathBuf,
    /// Whether helm may run where the kernel cannot keep it apart from the machine.
    pub without_isolation: bool,
    /// How many processes run at once.
    pub concurrency: usize,
    /// Where charts may be fetched from.
    pub policy: Policy,
    /// What leads there.
    pub proxies: Proxies,
    /// How many bytes of fetched charts are kept.
    pub kept_bytes: u64,
}
