//! The server's side: one call of a program.

use std::ffi::{OsStr, OsString};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStdin};

use crate::isolation::{Isolation, SCRATCH};
use crate::supervisor::{NO_MEMORY, NOT_ISOLATED, NOT_STARTED, ONE_ARENA, PREFIX};
use crate::{ChildError, Launcher, Limits, Network, Program, SUBCOMMAND};

/// Where programs look for other programs. Fixed: the server's own PATH is nobody's business.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// How long a supervisor may take to end everything after its lifeline was cut. It only sends signals and reaps.
const END_LIMIT: Duration = Duration::from_secs(5);

/// One call of a program. Nothing runs before [`Command::run`].
#[derive(Debug)]
pub struct Command {
    launcher: Launcher,
    program: Program,
    arguments: Vec<OsString>,
    environment: Vec<(OsString, OsString)>,
    folder: Option<PathBuf>,
    input: Vec<u8>,
    limits: Limits,
    network: Network,
    isolation: Option<Isolation>,
}

/// What a program answered.
#[derive(Debug)]
pub struct Output {
    /// Standard output.
    pub stdout: Vec<u8>,
    /// Standard error.
    pub stderr: Vec<u8>,
    /// The exit code; never a signal, which is [`ChildError::Killed`].
    pub status: ExitStatus,
}

impl Command {
    pub(crate) fn new(launcher: Launcher, program: Program) -> Self {
        Self {
            launcher,
            program,
            arguments: Vec::new(),
            environment: Vec::new(),
            folder: None,
            input: Vec::new(),
            limits: Limits::default(),
            network: Network::default(),
            isolation: None,
        }
    }

    /// Adds one argument, given to the program as it is.
    #[must_use]
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.arguments.push(argument.as_ref().to_owned());
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args(mut self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        self.arguments.extend(arguments.into_iter().map(|argument| argument.as_ref().to_owned()));
        self
    }

    /// Sets a variable. `PATH`, `HOME` and `TMPDIR` are set already; nothing else of the server's environment is.
    #[must_use]
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.environment.push((name.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    /// The folder it starts in; its private home unless told otherwise, and [`crate::WORK`] when it runs apart.
    #[must_use]
    pub fn folder(mut self, folder: &Path) -> Self {
        self.folder = Some(folder.to_path_buf());
        self
    }

    /// What it reads from standard input.
    #[must_use]
    pub fn input(mut self, input: Vec<u8>) -> Self {
        self.input = input;
        self
    }

    /// What it may use.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Where it may connect to.
    #[must_use]
    pub fn network(mut self, network: Network) -> Self {
        self.network = network;
        self
    }

    /// Runs it apart from the machine. [`Command::folder`] is then a path as it sees it, below [`crate::WORK`].
    #[must_use]
    pub fn isolated(mut self, isolation: Isolation) -> Self {
        self.isolation = Some(isolation);
        self
    }

    /// Runs it to its end. When the future is dropped, and at each limit, the program and all it started are killed.
    pub async fn run(self) -> Result<Output, ChildError> {
        let home = self.launcher.home(&self.program)?;
        let mut supervisor = self.start(home.path())?;
        let pipes = (supervisor.stdin.take(), supervisor.stdout.take(), supervisor.stderr.take());
        let (Some(mut lifeline), Some(stdout), Some(stderr)) = pipes else {
            return Err(self.not_started("the supervisor has no pipes".into()));
        };
        let answer = async {
            let ((), stdout, stderr) =
                tokio::try_join!(self.write(&mut lifeline), self.read(stdout), self.read(stderr))?;
            let status = supervisor.wait().await.map_err(|source| self.pipe(source))?;
            Ok((stdout, stderr, status))
        };
        let answer = tokio::time::timeout(self.limits.time, answer).await;
        drop(lifeline);
        let (stdout, stderr, status) = match answer {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => {
                end(&mut supervisor).await;
                return Err(error);
            }
            Err(_) => {
                end(&mut supervisor).await;
                return Err(ChildError::TimedOut { program: self.program.name(), limit: self.limits.time });
            }
        };
        self.judge(stdout, stderr, status)
    }

    fn start(&self, home: &Path) -> Result<Child, ChildError> {
        let folder = self.folder.as_deref();
        let isolation = self.isolation.as_ref();
        let seen_home = isolation.map_or(home, |_| Path::new(SCRATCH));
        // Apart, the private folder becomes the root: what the program starts in is ordered with the rest.
        let starts_in = isolation.map_or(folder, |_| None).unwrap_or(home);
        tokio::process::Command::new(self.launcher.executable())
            .arg(SUBCOMMAND)
            .args(self.limits.arguments())
            .args(self.network.argument())
            .args(isolation.into_iter().flat_map(|isolation| isolation.arguments(folder)))
            .arg("--")
            .arg(self.program.path())
            .args(&self.arguments)
            .env_clear()
            .env("PATH", PATH)
            .env(ONE_ARENA.0, ONE_ARENA.1)
            .env("HOME", seen_home)
            .env("TMPDIR", seen_home)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .current_dir(starts_in)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| self.not_started(error.to_string()))
    }

    /// The supervisor reads the length, then so many bytes; what comes after is only the end.
    async fn write(&self, lifeline: &mut ChildStdin) -> Result<(), ChildError> {
        let length = self.input.len() as u64;
        let written = async {
            lifeline.write_all(&length.to_le_bytes()).await?;
            lifeline.write_all(&self.input).await?;
            lifeline.flush().await
        };
        match written.await {
            // It ended before it read everything, and says itself why.
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
            written => written.map_err(|source| self.pipe(source)),
        }
    }

    async fn read(&self, pipe: impl AsyncRead + Unpin) -> Result<Vec<u8>, ChildError> {
        let limit = self.limits.output;
        let mut bytes = Vec::new();
        pipe.take(limit.saturating_add(1))
            .read_to_end(&mut bytes)
            .await
            .map_err(|source| self.pipe(source))?;
        if bytes.len() as u64 > limit {
            return Err(ChildError::OutputLimit { program: self.program.name(), limit });
        }
        Ok(bytes)
    }

    fn judge(&self, stdout: Vec<u8>, stderr: Vec<u8>, status: ExitStatus) -> Result<Output, ChildError> {
        if let Some(signal) = status.signal() {
            return Err(ChildError::Killed { program: self.program.name(), signal, stderr });
        }
        if let Some(words) = stderr.strip_prefix(PREFIX.as_bytes()) {
            let words = String::from_utf8_lossy(words).trim().to_owned();
            match status.code() {
                Some(NOT_STARTED) => return Err(self.not_started(words)),
                Some(NO_MEMORY) => {
                    return Err(ChildError::MemoryLimit {
                        program: self.program.name(),
                        limit: self.limits.memory,
                        detail: words,
                    });
                }
                Some(NOT_ISOLATED) => {
                    return Err(ChildError::NotIsolated { program: self.program.name(), detail: words });
                }
                _ => {}
            }
        }
        Ok(Output { stdout, stderr, status })
    }

    fn not_started(&self, detail: String) -> ChildError {
        ChildError::NotStarted { program: self.program.name(), detail }
    }

    fn pipe(&self, source: std::io::Error) -> ChildError {
        ChildError::Pipe { program: self.program.name(), source }
    }
}

/// Waits for a supervisor whose lifeline is cut, so that the home is removed after its last user.
async fn end(supervisor: &mut Child) {
    if tokio::time::timeout(END_LIMIT, supervisor.wait()).await.is_err() {
        // Its own death is not what ends the program, but a supervisor that hangs must not stay either.
        let _ = supervisor.kill().await;
    }
}
