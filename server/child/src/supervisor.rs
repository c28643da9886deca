//! The process between the server and a program: `fairlead child`.

mod apart;
mod descendants;
mod network;
mod orders;

use std::ffi::OsString;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, PoisonError};

use rustix::process::{Pid, Signal};

use self::orders::Orders;
use crate::SUBCOMMAND;

/// Exit code when the program did not start; standard error then begins with [`PREFIX`].
pub(crate) const NOT_STARTED: i32 = 125;

/// The same when the kernel did not give what keeps it apart.
pub(crate) const NOT_ISOLATED: i32 = 126;

/// The same when the memory allowed is too little to start it in.
pub(crate) const NO_MEMORY: i32 = 124;

/// Tells our own words from the program's.
pub(crate) const PREFIX: &str = "fairlead child: ";

/// What a shell adds to a signal's number; used only for signals that do not end this process.
const SIGNAL_BASE: i32 = 128;

/// Whatever has happened to the file since: the binary that runs.
const OWN_BINARY: &str = "/proc/self/exe";

/// Set for the supervisor alone: reserved for each thread, address space for the allocator is more than some programs
/// may have in all, and the limits hold for whoever sets them too.
pub(crate) const ONE_ARENA: (&str, &str) = ("MALLOC_ARENA_MAX", "1");

/// The helper threads read and write pipes only; under a memory limit every byte of address space counts.
const THREAD_STACK: usize = 64 * 1024;

/// The whole of the hidden subcommand: `arguments` is what follows it. Sets limits, starts the program without a
/// shell, and ends as it ends: with its exit code or by its signal. Ends it when standard input ends.
pub fn main(arguments: impl Iterator<Item = OsString>) -> ! {
    match supervise(arguments) {
        Ok(end) => leave(&end),
        Err(Fault { code, sentence }) => {
            // Nobody is left to be told when this fails.
            let _ = writeln!(std::io::stderr(), "{PREFIX}{sentence}");
            std::process::exit(code)
        }
    }
}

/// Why there is no program that could end.
struct Fault {
    code: i32,
    sentence: String,
}

impl From<String> for Fault {
    fn from(sentence: String) -> Self {
        Self { code: NOT_STARTED, sentence }
    }
}

impl From<&str> for Fault {
    fn from(sentence: &str) -> Self {
        sentence.to_owned().into()
    }
}

impl Fault {
    fn of_start(program: &Path, error: &std::io::Error) -> Self {
        let code = if error.kind() == ErrorKind::OutOfMemory { NO_MEMORY } else { NOT_STARTED };
        Self { code, sentence: format!("{}: {error}", program.display()) }
    }
}

fn not_isolated(sentence: String) -> Fault {
    Fault { code: NOT_ISOLATED, sentence }
}

/// How the program ended.
enum End {
    Code(i32),
    Signal(i32),
}

/// The program while it is not reaped: its number cannot mean another process.
#[derive(Default)]
struct Running {
    group: Option<Pid>,
}

fn supervise(arguments: impl Iterator<Item = OsString>) -> Result<End, Fault> {
    let orders = Orders::parse(arguments)?;
    if orders.inside {
        return Err(become_program(&orders));
    }
    detach()?;
    let input = read_input()?;
    if orders.apart.is_some() {
        apart::leave().map_err(not_isolated)?;
    }

    // The threads come before the limits: they need memory of their own.
    let running = Arc::new(Mutex::new(Running::default()));
    let watched = Arc::clone(&running);
    let (start, started) = channel();
    thread("lifeline", move || watch_lifeline(&started, &watched))?;
    let (hand_over, handed_over) = channel();
    thread("input", move || feed(&handed_over, &input))?;

    let mut command = command(&orders)?;
    let mut program = command
        .env_remove(ONE_ARENA.0)
        .stdin(Stdio::piped())
        .process_group(0)
        .spawn()
        .map_err(|error| Fault::of_start(&orders.program, &error))?;
    let group =
        i32::try_from(program.id()).ok().and_then(Pid::from_raw).ok_or("the program has no number")?;
    lock(&running).group = Some(group);
    // Both threads may have ended already; then there is nothing left for them to do.
    let _ = start.send(());
    let _ = hand_over.send(program.stdin.take());
    Ok(wait(&mut program, group, &running)?)
}

/// The program itself, or this binary once more where there is a way to go before it can be started.
fn command(orders: &Orders) -> Result<Command, Fault> {
    if orders.apart.is_some() {
        apart::separate_processes().map_err(not_isolated)?;
        let mut command = Command::new(OWN_BINARY);
        command.arg(SUBCOMMAND).args(orders.for_inside());
        return Ok(command);
    }
    network::hold(orders.network)?;
    orders.set_limits()?;
    let mut command = Command::new(&orders.program);
    command.args(&orders.arguments);
    Ok(command)
}

/// Inside: shuts itself in and turns into the program, so that nothing of ours is left beside it.
fn become_program(orders: &Orders) -> Fault {
    // What a link leads to would not be seen any more.
    let program = match orders.program.canonicalize() {
        Ok(program) => program,
        Err(error) => return format!("{}: {error}", orders.program.display()).into(),
    };
    let shut_in = match &orders.apart {
        Some(apart) => apart::enter(apart, &program).map_err(not_isolated),
        None => Err("nothing is ordered to go inside of".into()),
    };
    let held = shut_in.and_then(|()| Ok(network::hold(orders.network)?));
    if let Err(fault) = held.and_then(|()| Ok(orders.set_limits()?)) {
        return fault;
    }
    let error = Command::new(program).arg0(&orders.program).args(&orders.arguments).exec();
    Fault::of_start(&orders.program, &error)
}

/// A session of its own: no terminal to ask on and no signals from one. All descendants come back to this process
/// when their parents end, so that none outlives it.
fn detach() -> Result<(), String> {
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
    // Fails only for the leader of a group, which has its session from someone else.
    let _ = rustix::process::setsid();
    rustix::process::set_child_subreaper(Some(rustix::process::getpid()))
        .map_err(|error| format!("cannot adopt descendants: {error}"))
}

fn read_input() -> Result<Vec<u8>, String> {
    let mut stdin = std::io::stdin().lock();
    let mut length = [0; 8];
    stdin.read_exact(&mut length).map_err(|_| "no orders on standard input")?;
    let length = u64::from_le_bytes(length);
    let mut input = Vec::new();
    stdin.take(length).read_to_end(&mut input).map_err(|error| format!("standard input: {error}"))?;
    if input.len() as u64 == length { Ok(input) } else { Err("standard input ended early".into()) }
}

/// Whatever ends standard input, the server has gone or wants the end.
fn watch_lifeline(started: &Receiver<()>, running: &Mutex<Running>) {
    let mut rest = [0; 64];
    while matches!(std::io::stdin().lock().read(&mut rest), Ok(1..)) {}
    if started.recv().is_ok()
        && let Some(group) = lock(running).group
    {
        let _ = rustix::process::kill_process_group(group, Signal::KILL);
    }
}

/// A program that does not read its input is no error.
fn feed(handed_over: &Receiver<Option<ChildStdin>>, input: &[u8]) {
    if let Ok(Some(mut pipe)) = handed_over.recv() {
        let _ = pipe.write_all(input);
    }
}

fn wait(program: &mut Child, group: Pid, running: &Mutex<Running>) -> Result<End, String> {
    let end = descendants::wait_for_end(group)?;
    // Under the lock, and before the number is free for another process: what is left of the group goes too.
    let mut running = lock(running);
    let _ = rustix::process::kill_process_group(group, Signal::KILL);
    program.wait().map_err(|error| format!("wait: {error}"))?;
    running.group = None;
    drop(running);
    descendants::kill_all();
    Ok(end)
}

fn leave(end: &End) -> ! {
    let code = match *end {
        End::Code(code) => code,
        End::Signal(number) => {
            if let Some(signal) = Signal::from_named_raw(number) {
                // Twice: the runtime's own handler of a wrong memory access steps aside after the first.
                for _ in 0..2 {
                    let _ = rustix::process::kill_process(rustix::process::getpid(), signal);
                }
            }
            SIGNAL_BASE + number
        }
    };
    std::process::exit(code)
}

/// Returns when it runs: what starting it takes must not come under the limits.
fn thread(name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), String> {
    let (ready, runs) = channel();
    std::thread::Builder::new()
        .name(name.to_owned())
        .stack_size(THREAD_STACK)
        .spawn(move || {
            // Whoever waits for it stays until it came.
            let _ = ready.send(());
            work();
        })
        .map_err(|error| format!("cannot start a thread: {error}"))?;
    runs.recv().map_err(|_| format!("the thread {name} ended before it began"))
}

fn lock(running: &Mutex<Running>) -> std::sync::MutexGuard<'_, Running> {
    running.lock().unwrap_or_else(PoisonError::into_inner)
}
