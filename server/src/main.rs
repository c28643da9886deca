//! The program `fairlead`.

fn main() -> std::process::ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_some_and(|first| first == child::SUBCOMMAND) {
        // A child becomes its program before any thread of ours exists.
        child::main(arguments);
    }
    server::cli::run()
}
