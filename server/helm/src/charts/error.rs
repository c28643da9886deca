//! Why a chart could not be had.

use http::StatusCode;

/// Why a chart could not be had: one sentence each, with strangers' words bounded and without control characters.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChartError {
    /// An address that leads nowhere.
    #[error("{written:?} is no address of charts: {reason}")]
    Address {
        /// As written, bounded.
        written: String,
        /// What it lacks.
        reason: &'static str,
    },
    /// No connection: the policy refuses, or nobody is there.
    #[error("no connection for {what}: {reason}")]
    Connection {
        /// What was to be fetched.
        what: String,
        /// What `outbound` says, or TLS.
        reason: String,
    },
    /// No answer in time.
    #[error("{host} did not give {what} within {seconds} s: try again later, or ask who runs it")]
    Late {
        /// Host and port.
        host: String,
        /// What was to be fetched.
        what: String,
        /// The bound.
        seconds: u64,
    },
    /// An answer that broke off.
    #[error("the answer of {host} for {what} broke off: try again later")]
    Broken {
        /// Host and port.
        host: String,
        /// What was to be fetched.
        what: String,
    },
    /// The credential is wrong, or there is none.
    #[error("{host} refused {}: {}", what, if *shown { "its credential is wrong or may not read this" } else { "it asks for a credential" })]
    Unauthorized {
        /// Host and port.
        host: String,
        /// What was to be fetched.
        what: String,
        /// Whether a credential was shown.
        shown: bool,
    },
    /// Another answer than hoped for.
    #[error("{host} answered {} for {}", status.as_u16(), what)]
    Status {
        /// Host and port.
        host: String,
        /// What was to be fetched.
        what: String,
        /// Its answer.
        status: StatusCode,
    },
    /// A redirect that is not followed.
    #[error("{host} sends {what} elsewhere, which is not followed: {reason}")]
    Redirect {
        /// Host and port.
        host: String,
        /// What was to be fetched.
        what: String,
        /// Why not.
        reason: &'static str,
    },
    /// More bytes than a limit.
    #[error("{what} is larger than {limit} bytes")]
    TooLarge {
        /// What was to be fetched.
        what: String,
        /// The limit.
        limit: u64,
    },
    /// An index that is none.
    #[error("the index of {repository} cannot be read{}: {problem}", line.map(|line| format!(", line {line}")).unwrap_or_default())]
    Index {
        /// Its URL.
        repository: String,
        /// Counts from 1.
        line: Option<u64>,
        /// Without content of the file.
        problem: String,
    },
    /// The repository does not have the chart.
    #[error("there is no chart {name:?} in {repository}, which has {there}")]
    NoChart {
        /// The chart.
        name: String,
        /// The repository's URL.
        repository: String,
        /// The first names that are there.
        there: String,
    },
    /// The repository does not have such a version.
    #[error("there is no version {version:?} of {name} in {repository}, which has {there}")]
    NoVersion {
        /// The chart.
        name: String,
        /// As wished.
        version: String,
        /// The repository's URL.
        repository: String,
        /// The highest versions that are there.
        there: String,
    },
    /// Neither a version nor a range.
    #[error("{written:?} is neither a version nor a range of versions: {reason}")]
    Version {
        /// As written, bounded.
        written: String,
        /// What it lacks.
        reason: String,
    },
    /// Other bytes than were promised.
    #[error("{what} is not what was promised: its SHA-256 is another one")]
    Digest {
        /// What was fetched.
        what: String,
    },
    /// A registry that answers what the distribution specification does not know.
    #[error("{host} does not answer as a registry: {problem}")]
    Registry {
        /// Host and port.
        host: String,
        /// What was wrong.
        problem: String,
    },
    /// Files that are no chart.
    #[error("{0}")]
    Files(String),
    /// A dependency that cannot be fetched.
    #[error("the dependency {name} cannot be fetched: {problem}")]
    Dependency {
        /// Its name.
        name: String,
        /// Why not.
        problem: String,
    },
    /// The server's own disk.
    #[error("the chart cannot be kept on the server's disk: {0}")]
    Disk(String),
}

impl ChartError {
    /// For `map_err` on files of ours.
    pub(crate) fn disk(error: impl std::fmt::Display) -> Self {
        Self::Disk(error.to_string())
    }

    /// Files that are no chart.
    pub(crate) fn files(message: impl Into<String>) -> Self {
        Self::Files(message.into())
    }
}

/// A stranger's text is repeated up to here.
const SHOWN_MAX: usize = 200;

/// What of a stranger's text is repeated.
pub(crate) fn shown(text: &str) -> String {
    let plain: String = text.chars().filter(|character| !character.is_control()).take(SHOWN_MAX).collect();
    if plain.len() < text.len() && plain.chars().count() == SHOWN_MAX { format!("{plain}…") } else { plain }
}

/// So many names or versions are listed.
const LISTED_MAX: usize = 12;

/// The first of a list, and how many more there are.
pub(crate) fn listed<'a>(words: impl ExactSizeIterator<Item = &'a str>) -> String {
    let more = words.len().saturating_sub(LISTED_MAX);
    let words: Vec<String> = words.take(LISTED_MAX).map(shown).collect();
    match (words.is_empty(), more) {
        (true, _) => "none".to_owned(),
        (false, 0) => words.join(", "),
        (false, more) => format!("{} and {more} more", words.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_words_are_bounded() {
        assert_eq!(shown("a\u{1b}[31m\nb"), "a[31mb");
        assert_eq!(shown(&"x".repeat(500)).chars().count(), SHOWN_MAX + 1);
        let words = vec!["web"; 20];
        assert!(listed(words.iter().copied()).ends_with("web and 8 more"));
        assert_eq!(listed([].into_iter()), "none");
    }
}
