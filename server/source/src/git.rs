//! The git program: one place for how it is called.

use std::path::{Path, PathBuf};
use std::time::Duration;

use child::{ChildError, Command, Launcher, Limits, Network, Output, Program};
use tokio::sync::Semaphore;

use crate::door::Doors;
use crate::remote::Host;
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
    "transfer.bundleURI=false",
    // No credential from anywhere but this call's door, and none in a message.
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

/// A host that has not shown its key by then is not there.
const SSH_TIME: Duration = Duration::from_secs(20);

/// Starts git, so many at a time.
#[derive(Debug)]
pub(crate) struct Git {
    program: Program,
    launcher: Launcher,
    /// Where calls without a repository run; no repository is looked for above it.
    folder: PathBuf,
    quota: Quota,
    /// How calls get in at their hosts.
    pub(crate) doors: Doors,
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
    pub(crate) fn new(settings: &Settings, folder: &Path, doors: Doors) -> Result<Self, ChildError> {
        let concurrency = settings.concurrency.max(1);
        Ok(Self {
            program: Program::find("git")?,
            launcher: settings.launcher.clone(),
            folder: folder.to_path_buf(),
            quota: settings.quota,
            doors,
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

    /// A call that is led to one host, with what the host is to be shown.
    pub(crate) fn remote(&self, host: &Host<'_>, time: Duration) -> Command {
        let command = self.command(Some(host), time);
        let door = host.door.environment.iter();
        door.fold(command, |command, (name, value)| command.env(name, value))
    }

    /// A call of ssh itself, for as long as asking a host for its key may take; `None` where it is not installed.
    pub(crate) fn ssh(&self, host: &Host<'_>) -> Option<Command> {
        let command = self.launcher.command(self.doors.ssh_program()?).env("LC_ALL", "C");
        Some(command.limits(self.limits(SSH_TIME)).network(host.door.network()))
    }

    fn command(&self, host: Option<&Host<'_>>, time: Duration) -> Command {
        let of_door = host.into_iter().flat_map(|host| host.door.configuration.iter().map(String::as_str));
        let configuration = CONFIGURATION.iter().copied().chain(of_door);
        self.launcher
            .command(&self.program)
            .args(configuration.flat_map(|setting| ["-c", setting]))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_ATTR_NOSYSTEM", "1")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_CEILING_DIRECTORIES", self.folder.parent().unwrap_or(&self.folder))
            // An empty list allows none.
            .env("GIT_ALLOW_PROTOCOL", host.map_or("", |host| host.address.transport.scheme()))
            .env("LC_ALL", "C")
            .folder(&self.folder)
            .limits(self.limits(time))
            .network(host.map_or(Network::Nowhere, |host| host.door.network()))
    }

    /// Of a call that writes what a host sends: files of at most so many bytes.
    pub(crate) fn limits_of_fetch(&self, time: Duration, bytes: u64) -> Limits {
        Limits { file_size: bytes, ..self.limits(time) }
    }

    fn limits(&self, time: Duration) -> Limits {
        Limits {
            time,
            processor: time,
            memory: self.quota.memory_bytes,
            file_size: self.quota.fetch_bytes,
            open_files: OPEN_FILES,
            output: OUTPUT_BYTES,
        }
    }
}
