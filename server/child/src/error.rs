use std::path::PathBuf;
use std::time::Duration;

/// Why a program gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum ChildError {
    /// No folder of PATH has it.
    #[error("the program {program} was not found: install it, or put its folder on PATH")]
    NotFound {
        /// Its name.
        program: String,
    },
    /// The tests' launcher has not been built.
    #[error("{path} does not exist: build it with `cargo build -p child`", path = .path.display())]
    NoLauncher {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The private home could not be made.
    #[error("no private folder for {program} could be made in {folder}: {source}", folder = .folder.display())]
    Home {
        /// The program.
        program: String,
        /// Where the folder should have been.
        folder: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The supervisor or the program did not start.
    #[error("{program} could not be started: {detail}")]
    NotStarted {
        /// The program.
        program: String,
        /// What the system said.
        detail: String,
    },
    /// The memory allowed is too little to start it in. What the supervisor itself needs counts, so that less than
    /// the size of the server's binary is never enough.
    #[error("{program} could not be started in the {limit} bytes of memory allowed: {detail}")]
    MemoryLimit {
        /// The program.
        program: String,
        /// The limit in bytes.
        limit: u64,
        /// What the system said.
        detail: String,
    },
    /// The kernel did not give what keeps it apart from the machine.
    #[error("{program} cannot be kept apart from this machine: {detail}")]
    NotIsolated {
        /// The program.
        program: String,
        /// What is missing.
        detail: String,
    },
    /// Its pipes broke.
    #[error("{program} could not be read: {source}")]
    Pipe {
        /// The program.
        program: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// It ran longer than allowed and was ended.
    #[error("{program} did not end within {} seconds", .limit.as_secs_f64())]
    TimedOut {
        /// The program.
        program: String,
        /// The limit.
        limit: Duration,
    },
    /// It wrote more than allowed and was ended.
    #[error("{program} wrote more than {limit} bytes")]
    OutputLimit {
        /// The program.
        program: String,
        /// The limit in bytes.
        limit: u64,
    },
    /// A signal ended it: one of the system's limits, or somebody.
    #[error("{program} was ended by signal {signal}{}", meaning(*.signal))]
    Killed {
        /// The program.
        program: String,
        /// The signal's number.
        signal: i32,
        /// What it wrote to standard error before.
        stderr: Vec<u8>,
    },
}

impl ChildError {
    /// Whether one of the limits ended the program: waiting and trying again as before will not help.
    pub fn is_limit(&self) -> bool {
        match self {
            Self::TimedOut { .. } | Self::OutputLimit { .. } | Self::MemoryLimit { .. } => true,
            Self::Killed { signal, .. } => !meaning(*signal).is_empty(),
            _ => false,
        }
    }
}

/// The signals by which the system says that a limit was reached.
fn meaning(signal: i32) -> &'static str {
    match rustix::process::Signal::from_named_raw(signal) {
        Some(rustix::process::Signal::XCPU) => ": it used more processor time than allowed",
        Some(rustix::process::Signal::XFSZ) => ": it wrote a larger file than allowed",
        _ => "",
    }
}
