//! What clients asked a repository for. Kept as a file in the repository: one line per request.

use std::io::Write;
use std::path::Path;

use bytes::Bytes;
use serde::Serialize;

use crate::TestbedError;

const FILE: &str = "testbed-requests";

/// How often each kind of request came.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct RequestCounts {
    /// First requests of a read: one for each `git ls-remote` and one for each `git fetch`.
    pub discoveries: usize,
    /// Requests for objects: none for a `git ls-remote`, one for a `git fetch` that brings something (more only when
    /// client and server need several rounds to find what they have in common).
    pub fetches: usize,
    /// Requests that bring objects to the server.
    pub pushes: usize,
    /// Requests refused for want of the right credentials.
    pub refused: usize,
}

/// The kind of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Discovery,
    References,
    Fetch,
    Push,
    Refused,
    Other,
}

impl Kind {
    /// `path` is what comes after the repository's name. In protocol version 2 the list of references and the fetch
    /// go to the same address and differ in the first line of the body.
    pub(super) fn of(path: &str, query: &str, body: &Bytes) -> Self {
        match path {
            "info/refs" if query.contains("git-upload-pack") => Self::Discovery,
            "git-upload-pack" if body.get(4..).is_some_and(|line| line.starts_with(b"command=ls-refs")) => {
                Self::References
            }
            "git-upload-pack" => Self::Fetch,
            "git-receive-pack" => Self::Push,
            _ => Self::Other,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Discovery => "discovery",
            Self::References => "references",
            Self::Fetch => "fetch",
            Self::Push => "push",
            Self::Refused => "refused",
            Self::Other => "other",
        }
    }
}

/// Adds a line; the system keeps lines of concurrent requests apart.
pub(super) fn note(repository: &Path, kind: Kind) -> std::io::Result<()> {
    let mut file = std::fs::OpenOptions::new().append(true).create(true).open(repository.join(FILE))?;
    file.write_all(format!("{}\n", kind.word()).as_bytes())
}

pub(super) fn read(repository: &Path) -> Result<RequestCounts, TestbedError> {
    let path = repository.join(FILE);
    let text = match std::fs::read_to_string(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        read => read.map_err(TestbedError::file("read", &path))?,
    };
    let count = |kind: Kind| text.lines().filter(|&line| line == kind.word()).count();
    Ok(RequestCounts {
        discoveries: count(Kind::Discovery),
        fetches: count(Kind::Fetch),
        pushes: count(Kind::Push),
        refused: count(Kind::Refused),
    })
}
