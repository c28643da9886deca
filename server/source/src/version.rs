//! Whether the git program will do.

use std::path::PathBuf;
use std::time::Duration;

use child::ChildError;

use crate::git::{Git, Queue};

/// The oldest line that is still mended.
const OLDEST: (u32, u32) = (2, 39);

/// Printing a version takes no time; a disk that is just waking up does.
const TIME: Duration = Duration::from_secs(20);

/// Why no repository can be read at all.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// Git is missing or cannot be started.
    #[error("git cannot be used: {0}")]
    Git(#[from] ChildError),
    /// Git did not say its version.
    #[error("git cannot be used: asked for its version it said {answer:?}")]
    NoVersion {
        /// What it said instead.
        answer: String,
    },
    /// Git is too old.
    #[error("git {found} is too old: install {major}.{minor} or newer", major = OLDEST.0, minor = OLDEST.1)]
    TooOld {
        /// Its version.
        found: String,
    },
    /// The folder of the mirrors cannot be used.
    #[error("the folder of the mirrors, {folder}, cannot be used: {source}", folder = .folder.display())]
    Mirrors {
        /// Which.
        folder: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// Asks git for its version and refuses one that is too old.
pub(crate) async fn check(git: &Git) -> Result<String, SetupError> {
    let output = git.run(Queue::Questions, git.local(TIME).arg("version")).await?;
    let answer = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let Some((found, version)) = parse(&answer) else { return Err(SetupError::NoVersion { answer }) };
    if version < OLDEST { Err(SetupError::TooOld { found }) } else { Ok(found) }
}

/// `git version 2.39.5`, on some systems with more words behind it.
fn parse(answer: &str) -> Option<(String, (u32, u32))> {
    let version = answer.strip_prefix("git version ")?.split_whitespace().next()?;
    let mut numbers = version.split('.').map(str::parse);
    let (Some(Ok(major)), Some(Ok(minor))) = (numbers.next(), numbers.next()) else { return None };
    Some((version.to_owned(), (major, minor)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_numbers_of_any_length() {
        assert_eq!(parse("git version 2.39.5"), Some(("2.39.5".into(), (2, 39))));
        assert_eq!(parse("git version 2.100.1.windows.2"), Some(("2.100.1.windows.2".into(), (2, 100))));
        assert_eq!(parse("git version 3.0 (Apple Git-146)"), Some(("3.0".into(), (3, 0))));
        assert_eq!(parse("hub version 2.39.5"), None);
        assert_eq!(parse("git version two"), None);
    }
}
