//! Programs that Fairlead starts (git first of all), each inside limits and never through a shell.
//!
//! A program is started by our own binary: `fairlead child --time=… -- PROGRAM ARGUMENTS`, whose `main` calls
//! [`main`] before there is a runtime or a second thread. That process, the supervisor, sets the limits, starts the
//! program and stays beside it, because one thing cannot be done from the server without unsafe code: ending the
//! program and everything it started when the server goes away, however it goes. The supervisor's standard input is
//! the lifeline: while the server holds the other end, the program may run. A dropped future, a time limit and
//! `kill -9` of the server all close it.
//!
//! ```text
//! server ── Command::run ──► fairlead child (own session; reaps all descendants)
//!                                └──► program (own process group, limits, umask 077, clean environment)
//! ```
//!
//! A program that works on what strangers wrote runs apart ([`Command::isolated`]): in namespaces of its own, without
//! network, files and processes of the machine (`supervisor/apart`).
//!
//! One that needs the network says where to ([`Command::network`]), and the kernel holds it to that where it can.
//!
//! Some programs call us back while they run: git has questions answered and hosts reached by links to our binary
//! ([`callback`]).
//!
//! What a program must be told in a file that nobody else reads lies in a folder of [`Private`], for the time of one call.
//!
//! - A program is named once: [`Program::find`] gives its absolute path.
//! - [`Launcher::command`] begins a call; only the arguments and variables given there reach the program.
//! - To add a limit: a field of [`Limits`], its line in `Limits::arguments` and in `supervisor::Orders`, and a test
//!   in `tests/limits.rs` that shows it bite.

pub mod callback;
mod command;
mod error;
mod isolation;
mod launcher;
mod limits;
mod network;
mod private;
mod program;
mod supervisor;

pub use self::command::{Command, Output};
pub use self::error::ChildError;
pub use self::isolation::{Isolation, WORK};
pub use self::launcher::Launcher;
pub use self::limits::Limits;
pub use self::network::{Network, holds_network};
pub use self::private::{Private, write_private};
pub use self::program::Program;
pub use self::supervisor::main;

/// The hidden subcommand of our own binary that is the supervisor.
pub const SUBCOMMAND: &str = "child";
