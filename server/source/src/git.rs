//! The git program: one place for how it is called.

use std::path::{Path, PathBuf};
use std::time::Duration;

use child::{ChildError, Command, Launcher, Limits, Output, Program};
use tokio::sync::Semaphore;

use crate::address::Address;
use crate::settings::{Quota, Settings};

/// What holds for every call, whatever the mirror's own configuration says.
const CONFIGURATION: &[&str] = &[
    // Nothing that a repository brings may run.
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.symlinks=false",
    "submodule.recurse=false",
    "safe.bareRepository=explicit",
    // Where a host may send us: nowhere.
    "http.followRedirects=false",
    "http.proxy=",
    "transfer.bundleURI=false",
    // No credential from anywhere but this call, and none in a message.
    "credential.helper=",
    "transfer.credentialsInUrl=die",
    "protocol.version=2",
    // What comes in is checked whole and kept as one pack; maintenance in the background would outlive the call.
    "fetch.fsckObjects=true",
    "fetch.unpackLimit=1",
    "gc.auto=0",
    "maintenance.auto=false",
    // One thread and small windows: memory is limited for each process.
    "pack.threads=1",
    "core.packedGitLimit=256m",
];

/// What a call may print: a line for a branch; lines of progress are off.
const OUTPUT_BYTES: u64 = 256 * 1024;

/// Enough for a mirror with as many packs as it may have.
const OPEN_FILES: u64 = 512;

/// Starts git, so many at a time.
#[derive(Debug)]
pub(crate) struct Git {
    program: Program,
    launcher: Launcher,
    /// Where calls without a repository run; no repository is looked for above it.
    folder: PathBuf,
    quota: Quota,
    questions: Semaphore,
    fetches: Semaphore,
}

/// Which queue a call waits in: a slow fetch must not keep others from asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Queue {
    Questions,
    Fetches,
}

impl Git {
    /// Finds the program; `folder` is the canonical path of the mirrors.
    pub(crate) fn new(settings: &Settings, folder: &Path) -> Result<Self, ChildError> {
        let concurrency = settings.concurrency.max(1);
        Ok(Self {
            program: Program::find("git")?,
            launcher: settings.launcher.clone(),
            folder: folder.to_path_buf(),
            quota: settings.quota,
            questions: Semaphore::new(concurrency),
            fetches: Semaphore::new(concurrency),
        })
    }

    /// Waits for its turn and runs a call to its end.
    pub(crate) async fn run(&self, queue: Queue, command: Command) -> Result<Output, ChildError> {
        let semaphore = match queue {
            Queue::Questions => &self.questions,
            Queue::Fetches => &self.fetches,
        };
        // Never closed, so there is always a turn.
        let _turn = semaphore.acquire().await;
        command.run().await
    }

    /// A call that talks to nobody.
    pub(crate) fn local(&self, time: Duration) -> Command {
        self.command(None, time)
    }

    /// A call that talks to one host at a checked address.
    pub(crate) fn remote(&self, address: &Address, time: Duration) -> Command {
        self.command(Some(address), time)
    }

    fn command(&self, address: Option<&Address>, time: Duration) -> Command {
        let pin = address.and_then(|address| address.pin.as_deref());
        let pin = pin.map(|pin| format!("http.curloptResolve={pin}"));
        let configuration = CONFIGURATION.iter().copied().chain(pin.as_deref());
        let limits = Limits {
            time,
            processor: time,
            memory: self.quota.memory_bytes,
            file_size: self.quota.fetch_bytes,
            open_files: OPEN_FILES,
            output: OUTPUT_BYTES,
        };
        self.launcher
            .command(&self.program)
            .args(configuration.flat_map(|setting| ["-c", setting]))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_ATTR_NOSYSTEM", "1")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_CEILING_DIRECTORIES", self.folder.parent().unwrap_or(&self.folder))
            // An empty list allows none.
            .env("GIT_ALLOW_PROTOCOL", address.map_or("", |address| address.protocol))
            .env("LC_ALL", "C")
            .folder(&self.folder)
            .limits(limits)
    }
}
