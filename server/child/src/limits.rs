use std::ffi::OsString;
use std::time::Duration;

/// What a program may use. The system holds all but time and output, which [`crate::Command::run`] holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// By the clock on the wall.
    pub time: Duration,
    /// Processor time of each process, in whole seconds.
    pub processor: Duration,
    /// Address space of each process, in bytes. Mapped files count.
    pub memory: u64,
    /// Size of each file written, in bytes.
    pub file_size: u64,
    /// Files that each process may have open.
    pub open_files: u64,
    /// What is read from standard output and from standard error, in bytes each.
    pub output: u64,
}

impl Limits {
    /// The orders to the supervisor.
    pub(crate) fn arguments(self) -> [OsString; 4] {
        let Self { time: _, processor, memory, file_size, open_files, output: _ } = self;
        let processor = processor.as_secs().max(1);
        [
            format!("--processor={processor}").into(),
            format!("--memory={memory}").into(),
            format!("--file-size={file_size}").into(),
            format!("--open-files={open_files}").into(),
        ]
    }
}

impl Default for Limits {
    /// For a program that computes a little and answers at once.
    fn default() -> Self {
        Self {
            time: Duration::from_secs(20),
            processor: Duration::from_secs(20),
            memory: 1024 * 1024 * 1024,
            file_size: 64 * 1024 * 1024,
            open_files: 256,
            output: 1024 * 1024,
        }
    }
}
