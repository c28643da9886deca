//! Git repositories and the servers that give them out: smart HTTP, with or without TLS and basic auth, and SSH.
//!
//! A repository is a bare one in a folder; what a test sets on it (credentials, an answer in place of the right one)
//! and the requests it got are files inside it, so any process that knows the folder can use a running server.

mod backend;
mod change;
mod repository;
mod requests;
mod sample;
mod server;
mod ssh;

use std::path::Path;
use std::process::Stdio;

use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::TestbedError;

pub use self::change::Change;
pub use self::repository::{DEFAULT_BRANCH, Repository};
pub use self::requests::RequestCounts;
pub use self::server::{GIT_ROOT_VARIABLE, GIT_URL_VARIABLE, GitServer, GitServerOptions};
pub use self::ssh::SshGitServer;

/// Git with nothing of the person's own settings.
fn command() -> Command {
    let mut command = Command::new("git");
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("LC_ALL", "C")
        .kill_on_drop(true);
    command
}

/// Runs git in a repository and returns what it printed, without the last line end.
async fn run(folder: &Path, arguments: &[&str], input: &[u8]) -> Result<String, TestbedError> {
    let failed = |message: String| TestbedError::Git {
        command: arguments.join(" "),
        folder: folder.to_path_buf(),
        message,
    };
    let mut child = command()
        .arg("-C")
        .arg(folder)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|source| match source.kind() {
            std::io::ErrorKind::NotFound => TestbedError::NotInstalled { program: "git", package: "git" },
            _ => TestbedError::Spawn { program: "git".into(), source },
        })?;
    let mut pipe = child.stdin.take();
    let write = async move {
        if let Some(pipe) = pipe.as_mut() {
            // A git that ends early says why on standard error.
            let _ = pipe.write_all(input).await;
        }
        drop(pipe);
    };
    let ((), output) = tokio::join!(write, child.wait_with_output());
    let output = output.map_err(|error| failed(error.to_string()))?;
    if !output.status.success() {
        return Err(failed(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
}
