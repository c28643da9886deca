//! The launcher alone, for the tests of this crate and of those that start programs.

use std::process::ExitCode;

fn main() -> ExitCode {
    if let Some(done) = child::callback::run_if_called() {
        return done;
    }
    child::main(std::env::args_os().skip(2))
}
