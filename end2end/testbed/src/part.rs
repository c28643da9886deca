//! A program of the testbed: started with its log, killed with all its children when its owner ends.

use std::ffi::OsString;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use crate::TestbedError;

/// A shell leads a process group of its own, so Ctrl-C in a terminal does not reach the parts before their owner.
/// It holds one end of a pipe whose other end is ours: when that closes, because the part was dropped, because of a
/// panic or because our process was killed, the whole group goes. A signal on the parent's death would not do:
/// it is bound to the thread that started the program, and test threads end early. The shell outlives the program,
/// so whoever waited for the shell knows that the program is gone. Each line on the pipe is the name of a signal for
/// the program. A program that dies as a test wants it to shall not leave its memory on disk.
const SUPERVISOR: &str = r#"
exec 3<&0 </dev/null
ulimit -c 0
log=$1
shift
"$@" >>"$log" 2>&1 3<&- &
program=$!
{ while read -r signal <&3; do kill -"$signal" "$program"; done; kill -KILL "$program"; } &
watcher=$!
exec 3<&-
wait "$program"
echo "testbed: the program ended with status $?" >>"$log"
kill -KILL "$watcher"
wait
kill -KILL 0
"#;

/// How much of a log is shown when a part fails: enough for the reason, not the whole story.
const TAIL_BYTES: u64 = 4096;

/// Between two looks at a part that is not ready yet.
const POLL: Duration = Duration::from_millis(50);

/// What to start.
#[derive(Debug, Clone)]
pub(crate) struct PartCommand {
    pub(crate) name: String,
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<OsString>,
    /// What is different from our own environment; none takes a variable away.
    pub(crate) environment: Vec<(OsString, Option<OsString>)>,
    pub(crate) log: PathBuf,
}

/// A running program.
#[derive(Debug)]
pub(crate) struct Part {
    name: String,
    log: PathBuf,
    supervisor: Child,
    pipe: Option<ChildStdin>,
}

impl Part {
    /// Starts the program; it may need time until it answers.
    pub(crate) fn start(command: &PartCommand) -> Result<Self, TestbedError> {
        let PartCommand { name, program, arguments, environment, log } = command;
        let mut shell = Command::new("sh");
        for (variable, value) in environment {
            match value {
                Some(value) => shell.env(variable, value),
                None => shell.env_remove(variable),
            };
        }
        let mut supervisor = shell
            .args(["-c", SUPERVISOR, "testbed-part"])
            .arg(log)
            .arg(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .map_err(|source| TestbedError::Spawn { program: program.clone(), source })?;
        let pipe = supervisor.stdin.take();
        Ok(Self { name: name.clone(), log: log.clone(), supervisor, pipe })
    }

    /// An error with the end of the log when the program has ended.
    pub(crate) fn check(&mut self) -> Result<(), TestbedError> {
        if matches!(self.supervisor.try_wait(), Ok(None)) {
            return Ok(());
        }
        let (log, tail) = keep_log(&self.log);
        Err(TestbedError::Ended { part: self.name.clone(), log, tail })
    }

    /// The number of the process, by the name of its program.
    pub(crate) fn process(&self, program: &'static str) -> Result<u32, TestbedError> {
        let shell = self.supervisor.id();
        let children = PathBuf::from(format!("/proc/{shell}/task/{shell}/children"));
        let children = std::fs::read_to_string(&children).map_err(TestbedError::file("read", &children))?;
        let named = |process: &u32| {
            let name = std::fs::read_to_string(format!("/proc/{process}/comm"));
            name.is_ok_and(|name| name.trim_end() == program)
        };
        let mut processes = children.split_whitespace().filter_map(|process| process.parse().ok());
        processes.find(named).ok_or(TestbedError::NotRunning { part: program })
    }

    /// Sends the program a signal, by its short name: `TERM`.
    pub(crate) fn signal(&mut self, name: &str) {
        if let Some(pipe) = &mut self.pipe {
            // A program that has ended needs no signal.
            let _ = writeln!(pipe, "{name}");
        }
    }

    /// Waits until the program has ended by itself; `false` when it still runs after that time.
    pub(crate) async fn ended(&mut self, limit: Duration) -> bool {
        let started = Instant::now();
        while matches!(self.supervisor.try_wait(), Ok(None)) {
            if started.elapsed() > limit {
                return false;
            }
            tokio::time::sleep(POLL).await;
        }
        true
    }

    /// Asks until `ready` says yes, the program ends or the time is over.
    pub(crate) async fn wait_until<F>(
        &mut self,
        limit: Duration,
        mut ready: impl FnMut() -> F,
    ) -> Result<(), TestbedError>
    where
        F: Future<Output = bool>,
    {
        let started = Instant::now();
        while !ready().await {
            self.check()?;
            if started.elapsed() > limit {
                let (log, tail) = keep_log(&self.log);
                return Err(TestbedError::NotReady { part: self.name.clone(), waited: limit, log, tail });
            }
            tokio::time::sleep(POLL).await;
        }
        Ok(())
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        drop(self.pipe.take());
        // The group is killed with SIGKILL, so this takes milliseconds.
        let _ = self.supervisor.wait();
    }
}

/// The log of a failed part goes elsewhere, because its folder disappears with the error; with its last lines.
fn keep_log(log: &Path) -> (PathBuf, String) {
    let name = log.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let kept = std::env::temp_dir().join(format!("fairlead-failed-{}-{name}", std::process::id()));
    let path = if std::fs::copy(log, &kept).is_ok() { kept } else { log.to_path_buf() };
    (path, tail(log).unwrap_or_else(|error| format!("(no log: {error})")))
}

/// The last lines of a log.
pub(crate) fn tail(log: &Path) -> std::io::Result<String> {
    let mut file = File::open(log)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL_BYTES)))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
