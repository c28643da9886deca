//! The real helm.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;

use crate::{TestbedError, cache};

/// Where the helm program of this major version is, 3 or 4: what setup has installed, else what PATH has by that name.
pub fn helm(major: u32) -> Result<PathBuf, TestbedError> {
    let program = if major == 3 { "helm3" } else { "helm" };
    let path = std::env::var_os("PATH").unwrap_or_default();
    [cache::folder().join("bin")]
        .into_iter()
        .chain(std::env::split_paths(&path))
        .map(|folder| folder.join(program))
        .find(|candidate| cache::is_program(candidate))
        .ok_or(TestbedError::NotInstalled { program, package: "it by make setup" })
}

/// Runs helm with nothing of the person's own settings; `home` is where it keeps what it must.
pub(super) async fn run(home: &Path, arguments: &[&str]) -> Result<(), TestbedError> {
    let program = helm(4)?;
    let output = Command::new(&program)
        .env_clear()
        .env("HOME", home)
        .args(arguments)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .map_err(|source| TestbedError::Spawn { program, source })?;
    if output.status.success() {
        return Ok(());
    }
    Err(TestbedError::Helm {
        command: arguments.join(" "),
        message: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
    })
}
