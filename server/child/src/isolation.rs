use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Where a program that runs apart sees the files it works on.
pub const WORK: &str = "/apart/work";

/// Where it may write; its home, and gone with it.
pub(crate) const SCRATCH: &str = "/apart/scratch";

/// Runs a program apart from the machine, for one that works on what strangers wrote.
///
/// It has no network unless it is given one, sees no other process, and no file but the system's programs and libraries and the folder it
/// works on, all of which it can only read; what it writes lies in memory. It has no privilege, whoever we are.
/// Needs the kernel's user namespaces; where they are not to be had, [`crate::ChildError::NotIsolated`] says why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Isolation {
    /// The folder it works on, shown to it as [`WORK`].
    pub work: PathBuf,
    /// Whether it shares the machine's network: for a program that is led through the relay.
    pub network: bool,
    /// Bytes that it may write.
    pub scratch_bytes: u64,
    /// Files that it may make.
    pub scratch_files: u64,
    /// Processes and threads at once. For a server that runs as root the kernel counts from 301 at least.
    pub processes: u64,
    /// Memory that each process writes to, in bytes; unlike [`crate::Limits::memory`] without what is only reserved.
    pub data: u64,
}

impl Isolation {
    /// The orders to the supervisor. `folder` is where the program starts, as it sees it itself.
    pub(crate) fn arguments(&self, folder: Option<&Path>) -> [OsString; 7] {
        let Self { work, network, scratch_bytes, scratch_files, processes, data } = self;
        [
            named("--work", work),
            named("--folder", folder.unwrap_or(Path::new(WORK))),
            format!("--network={}", u8::from(*network)).into(),
            format!("--scratch-bytes={scratch_bytes}").into(),
            format!("--scratch-files={scratch_files}").into(),
            format!("--processes={processes}").into(),
            format!("--data={data}").into(),
        ]
    }
}

fn named(name: &str, path: &Path) -> OsString {
    let mut order = OsString::from(format!("{name}="));
    order.push(path);
    order
}
