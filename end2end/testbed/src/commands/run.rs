//! `testbed run -- PROGRAM ARGUMENTS…`: one control plane and one Git server for a whole run of tests.

mod office;

use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt;
use std::process::{ExitCode, ExitStatus};

use anyhow::Context;
use rustix::process::{Pid, Signal, kill_process};
use testbed::Environment;
use tokio::process::Command;

use self::office::Office;
use super::signal::Ends;

/// `testbed run`
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Start the portal too, with the control plane connected and a token for the program.
    #[arg(long)]
    portal: bool,
    /// The program and its arguments.
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    command: Vec<OsString>,
}

/// Starts everything, then the program; ends when that ends.
pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let mut ends = Ends::new()?;
    let start = async {
        let environment = Environment::start().await?;
        let office = if arguments.portal { Some(Office::open(&environment).await?) } else { None };
        anyhow::Ok((environment, office))
    };
    let (environment, office) = tokio::select! {
        started = start => started?,
        () = ends.wait() => return Ok(ExitCode::FAILURE),
    };
    let (program, rest) = arguments.command.split_first().context("no program was given")?;
    let mut child = Command::new(program)
        .args(rest)
        .envs(environment.variables())
        .envs(office.iter().flat_map(Office::variables))
        .spawn()
        .with_context(|| format!("cannot start {}", program.display()))?;
    let status = loop {
        tokio::select! {
            status = child.wait() => break status.context("cannot wait for the program")?,
            // Ctrl-C in a terminal reaches the program too; a kill of this process alone does not.
            () = ends.wait() => terminate(child.id()),
        }
    };
    Ok(ExitCode::from(code(status)))
}

fn terminate(process: Option<u32>) {
    let process = process.and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
    if let Some(process) = process {
        // It may have ended in this very moment.
        let _ = kill_process(process, Signal::TERM);
    }
}

/// As a shell says it: the program's code, or 128 and the signal that ended it.
fn code(status: ExitStatus) -> u8 {
    let code = status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or_default());
    u8::try_from(code).unwrap_or(u8::MAX)
}
