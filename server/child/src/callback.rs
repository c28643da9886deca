//! What programs that we started call back for: git to reach a host by ssh, git and ssh to
//! have the relay connect them.
//!
//! Each of them takes one path without arguments for that, so our binary is called by links that tell by their name
//! what is wanted. A link lies in the private folder of the one call that it is for, beside the files that say how:
//!
//! | link | called by | files beside it |
//! |---|---|---|
//! | [`SSH`] | git, with what ssh is to do as arguments | [`SSH_PROGRAM`], [`SSH_CONFIG`] |
//! | [`RELAY`] | git and ssh | [`ROUTE`] |

mod relay;

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitCode};

/// Becomes ssh with our configuration (`GIT_SSH`).
pub const SSH: &str = "fairlead-ssh";
/// Has the relay connect, and carries (`GIT_PROXY_COMMAND`, ssh's `ProxyCommand`).
pub const RELAY: &str = "fairlead-relay";

/// The path of ssh.
pub const SSH_PROGRAM: &str = "ssh.program";
/// The whole configuration of ssh.
pub const SSH_CONFIG: &str = "ssh.config";
/// How the relay is asked: see [`Route`].
pub const ROUTE: &str = "route";

pub use self::relay::Route;

/// What this process was called for, done; `None` when it was called by its own name.
pub fn run_if_called() -> Option<ExitCode> {
    let called = std::env::args_os().next()?;
    let called = Path::new(&called);
    let folder = called.parent()?;
    let done = match called.file_name()?.to_str()? {
        SSH => become_ssh(folder),
        RELAY => relay::run(folder),
        _ => return None,
    };
    Some(match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("fairlead: {sentence}");
            ExitCode::FAILURE
        }
    })
}

fn become_ssh(folder: &Path) -> Result<(), String> {
    let program = read(folder, SSH_PROGRAM)?;
    let error = Command::new(&program)
        .arg("-F")
        .arg(folder.join(SSH_CONFIG))
        .args(std::env::args_os().skip(1))
        .exec();
    Err(format!("{program}: {error}"))
}

fn read(folder: &Path, file: &str) -> Result<String, String> {
    std::fs::read_to_string(folder.join(file)).map_err(|error| format!("{file}: {error}"))
}
