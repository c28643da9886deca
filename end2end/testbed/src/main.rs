//! The program `testbed`: real parts for work by hand and for other test programs.
//!
//! To add a subcommand: a module in `commands/` with its arguments and a `run`, and one variant here.

mod commands;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Starts a real Kubernetes control plane and a real Git server on the loopback interface.
#[derive(Debug, Parser)]
#[command(name = "testbed")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start everything, print how to reach it, run until Ctrl-C.
    Up(commands::up::Arguments),
    /// Measure the portal with many configurations on many clusters, print the figures, end.
    Bench(commands::bench::Arguments),
    /// Start everything and the portal with a synced configuration, run until Ctrl-C.
    Demo(commands::demo::Arguments),
    /// Start everything, run a program with the variables that tests read, end with its exit code.
    Run(commands::run::Arguments),
}

#[tokio::main]
async fn main() -> ExitCode {
    let Arguments { command } = Arguments::parse();
    let result = match command {
        Command::Up(arguments) => commands::up::run(arguments).await,
        Command::Bench(arguments) => commands::bench::run(arguments).await,
        Command::Demo(arguments) => commands::demo::run(arguments).await,
        Command::Run(arguments) => commands::run::run(arguments).await,
    };
    result.unwrap_or_else(|error| {
        eprintln!("testbed: {error:#}");
        ExitCode::FAILURE
    })
}
