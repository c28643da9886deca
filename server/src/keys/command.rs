//! The ring from a program: what opens a vault, a key service or a sealed file stays that program's business.

use std::error::Error;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use child::{ChildError, Launcher, Limits, Output, Program};
use vault::{KeyRing, RingSource, RingTextError};
use zeroize::Zeroizing;

/// Begins every variable of ours, none of which the program gets.
const OURS: &str = "FAIRLEAD_";

/// Time for one answer: a key service may be on another continent.
const TIME: Duration = Duration::from_secs(20);

/// Longest ring, in bytes; as the file's.
const OUTPUT: u64 = 64 * 1024;

/// Address space in bytes. Programs written in Go reserve far more than they use.
const MEMORY: u64 = 16 * 1024 * 1024 * 1024;

/// Between two questions while the server runs: a secret whose key is nowhere would start the program at each sync.
const PAUSE: Duration = Duration::from_secs(30);

/// A program and its arguments.
pub struct CommandSource {
    words: Vec<String>,
    asked: Mutex<Option<Instant>>,
}

/// Why a program gives no ring. Names the program, never what it printed: that may be half a ring.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// Nothing is named.
    #[error("`key_command` names no program")]
    Empty,
    /// Quotes, which mean something to a shell alone.
    #[error(
        "`key_command` is started without a shell, its words are parted by blanks: put what needs quotes into a script"
    )]
    Quotes,
    /// It cannot be started, or broke a limit.
    #[error("the key command {command} gave no keys: {cause}")]
    Child {
        /// Program and arguments.
        command: String,
        /// Why.
        cause: ChildError,
    },
    /// It cannot even be tried.
    #[error("the key command {command} cannot be started: {cause}")]
    Start {
        /// Program and arguments.
        command: String,
        /// Why.
        cause: std::io::Error,
    },
    /// It says that it failed.
    #[error("the key command {command} ended with {status}: run it by hand to see why")]
    Failed {
        /// Program and arguments.
        command: String,
        /// How.
        status: std::process::ExitStatus,
    },
    /// It printed something else.
    #[error("what the key command {command} printed cannot be used: {cause}")]
    Text {
        /// Program and arguments.
        command: String,
        /// Why.
        cause: RingTextError,
    },
    /// It printed no text.
    #[error("what the key command {command} printed is no UTF-8 text")]
    NoText {
        /// Program and arguments.
        command: String,
    },
    /// It was asked a moment ago.
    #[error("the key command {command} was asked less than {} seconds ago", PAUSE.as_secs())]
    Asked {
        /// Program and arguments.
        command: String,
    },
}

impl CommandSource {
    /// From the setting: words by blanks.
    pub(super) fn parse(words: &str) -> Result<Self, CommandError> {
        if words.contains(['\'', '"', '\\']) {
            return Err(CommandError::Quotes);
        }
        let words: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
        if words.is_empty() {
            return Err(CommandError::Empty);
        }
        Ok(Self { words, asked: Mutex::new(None) })
    }

    /// Runs the program and reads what it prints. To be called on a worker of a runtime that has others.
    pub(super) fn ask(&self) -> Result<KeyRing, CommandError> {
        *self.asked.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        let command = || self.to_string();
        let answer = tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(self.run()));
        let Output { stdout, stderr: _, status } = answer?;
        let stdout = Zeroizing::new(stdout);
        if !status.success() {
            return Err(CommandError::Failed { command: command(), status });
        }
        let text = std::str::from_utf8(&stdout).map_err(|_| CommandError::NoText { command: command() })?;
        KeyRing::parse(text).map_err(|cause| CommandError::Text { command: command(), cause })
    }

    /// With the variables of this process, for that is where such programs find their own credentials, but ours.
    async fn run(&self) -> Result<Output, CommandError> {
        let start = |cause| CommandError::Start { command: self.to_string(), cause };
        let executable = std::env::current_exe().map_err(start)?;
        let folder = std::env::current_dir().map_err(start)?;
        let name = self.words.first().map(String::as_str).unwrap_or_default();
        let failed = |cause| CommandError::Child { command: self.to_string(), cause };
        let program = if name.contains('/') { Program::at(&folder.join(name)) } else { Program::find(name) };
        let variables = std::env::vars_os().filter(|(name, _)| !name.to_string_lossy().starts_with(OURS));
        let mut command = Launcher::new(&executable)
            .command(&program.map_err(failed)?)
            .args(&self.words[1..])
            .folder(&folder)
            .limits(Limits { time: TIME, memory: MEMORY, output: OUTPUT, ..Limits::default() });
        for (name, value) in variables {
            command = command.env(name, value);
        }
        command.run().await.map_err(failed)
    }
}

impl RingSource for CommandSource {
    /// To know, it would have to be run before every write: it is asked when a key turns up that is not known.
    fn changed(&self) -> bool {
        false
    }

    fn read(&self) -> Result<KeyRing, Box<dyn Error + Send + Sync>> {
        let asked = *self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if asked.is_some_and(|asked| asked.elapsed() < PAUSE) {
            return Err(CommandError::Asked { command: self.to_string() }.into());
        }
        Ok(self.ask()?)
    }
}

/// The words as set.
impl fmt::Display for CommandSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.words.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_parted_by_blanks_and_quotes_are_refused() {
        let source = CommandSource::parse("  vault kv  get -field=ring secret/fairlead ").unwrap();
        assert_eq!(source.words, ["vault", "kv", "get", "-field=ring", "secret/fairlead"]);
        assert!(matches!(CommandSource::parse("  ").err(), Some(CommandError::Empty)));
        for words in ["sh -c 'cat keys'", "cat \"my keys\"", "cat my\\ keys"] {
            assert!(matches!(CommandSource::parse(words).err(), Some(CommandError::Quotes)), "{words}");
        }
    }
}
