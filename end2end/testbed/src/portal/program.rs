//! The program `fairlead`: where it is, and with which environment it runs.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::TestbedError;
use crate::part::PartCommand;

/// Variables of the server begin so; those of the person who runs us must not reach it.
const PREFIX: &str = "FAIRLEAD_";

/// Everything the testbed starts listens there, and the server's policy refuses it unless told otherwise.
const LOOPBACK: &str = "127.0.0.0/8";

/// What is different from the ordinary portal.
#[derive(Debug, Clone, Default)]
pub struct PortalOptions {
    /// Where it listens; a free port of the loopback interface otherwise.
    pub listen: Option<SocketAddr>,
    /// Further variables, for instance `FAIRLEAD_CLUSTER_INTERVAL_SECONDS`.
    pub environment: Vec<(String, String)>,
}

/// The program with its data.
#[derive(Debug)]
pub(super) struct Program {
    path: PathBuf,
    data: PathBuf,
    log: PathBuf,
    environment: Vec<(OsString, Option<OsString>)>,
}

impl Program {
    /// The one that was built together with the running program.
    pub(super) fn find(
        folder: &Path,
        address: SocketAddr,
        options: &PortalOptions,
    ) -> Result<Self, TestbedError> {
        let build = build_folder()?;
        let path = build.join("fairlead");
        if !path.is_file() {
            return Err(TestbedError::NotBuilt(path));
        }
        let data = folder.join("data");
        let foreign = std::env::vars_os()
            .map(|(variable, _)| variable)
            .filter(|variable| variable.to_string_lossy().starts_with(PREFIX));
        let mut program = Self {
            path,
            data: data.clone(),
            log: folder.join("fairlead.log"),
            environment: foreign.map(|variable| (variable, None)).collect(),
        };
        program.set("FAIRLEAD_DATA_DIR", Some(data));
        program.set("FAIRLEAD_LISTEN", Some(address.to_string()));
        program.set("FAIRLEAD_OUTBOUND_ALLOW", Some(LOOPBACK));
        // Scripts and styles beside the program, as it is shipped; else where cargo-leptos leaves them in daily work.
        let sites = [Some(build.join("site")), build.parent().map(|target| target.join("site"))];
        if let Some(site) = sites.into_iter().flatten().find(|site| site.is_dir()) {
            program.set("FAIRLEAD_SITE_ROOT", Some(site));
        }
        for (variable, value) in &options.environment {
            program.set(variable, Some(value));
        }
        Ok(program)
    }

    pub(super) fn data(&self) -> &Path {
        &self.data
    }

    pub(super) fn log(&self) -> &Path {
        &self.log
    }

    /// Sets a variable, or takes it away.
    pub(super) fn set(&mut self, variable: &str, value: Option<impl Into<OsString>>) {
        self.environment.retain(|(name, _)| name != variable);
        self.environment.push((variable.into(), value.map(Into::into)));
    }

    /// `fairlead serve`
    pub(super) fn serve(&self) -> PartCommand {
        PartCommand {
            name: "fairlead".into(),
            program: self.path.clone(),
            arguments: vec!["serve".into()],
            environment: self.environment.clone(),
            log: self.log.clone(),
        }
    }

    /// Runs another subcommand and gives what it printed, without the last line end.
    pub(super) async fn run(&self, arguments: &[&str], input: &str) -> Result<String, TestbedError> {
        let mut command = Command::new(&self.path);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        for (variable, value) in &self.environment {
            match value {
                Some(value) => command.env(variable, value),
                None => command.env_remove(variable),
            };
        }
        let spawn = |source| TestbedError::Spawn { program: self.path.clone(), source };
        let mut child = command.kill_on_drop(true).spawn().map_err(spawn)?;
        if let Some(mut pipe) = child.stdin.take() {
            // A program that reads nothing may have ended by now.
            let _ = pipe.write_all(input.as_bytes()).await;
        }
        let output = child.wait_with_output().await.map_err(spawn)?;
        if !output.status.success() {
            return Err(TestbedError::Command {
                command: arguments.join(" "),
                status: output.status,
                message: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
            });
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
    }
}

/// `target/<profile>`: the folder of the running program, or the one above it when that is a test.
fn build_folder() -> Result<PathBuf, TestbedError> {
    let executable =
        std::env::current_exe().map_err(TestbedError::file("find", Path::new("our own program")))?;
    let folder = executable.parent().unwrap_or(Path::new(".")).to_path_buf();
    match folder.parent() {
        Some(above) if folder.ends_with("deps") => Ok(above.to_path_buf()),
        _ => Ok(folder),
    }
}
