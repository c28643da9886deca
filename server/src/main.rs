//! The program `fairlead`.

fn main() -> std::process::ExitCode {
    if let Some(done) = child::callback::run_if_called() {
        return done;
    }
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_some_and(|first| first == child::SUBCOMMAND) {
        // A child becomes its program before any thread of ours exists.
        child::main(arguments);
    }
    server::cli::run()
}
