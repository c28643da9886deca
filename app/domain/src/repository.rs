//! Repository URLs, branches and paths, valid by type.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How a repository is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Transport {
    /// `https://`
    Https,
    /// `http://`, unencrypted
    Http,
    /// `ssh://` and the scp form `user@host:path`
    Ssh,
    /// `git://`, unencrypted and without any credential
    Git,
}

/// A checked repository URL.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RepositoryUrl {
    /// As the user wrote it, trimmed; what ARM gives back and the mark is computed from.
    pub(crate) written: String,
    /// How.
    pub(crate) transport: Transport,
    /// User inside the URL, if any.
    pub(crate) user: Option<String>,
    /// Host, lower case; an IPv6 address without brackets.
    pub(crate) host: String,
    /// Port when written.
    pub(crate) port: Option<u16>,
    /// Path, beginning with `/` but for the scp form's relative path.
    pub(crate) path: String,
}

impl RepositoryUrl {
    /// As the user wrote it.
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// How it is reached.
    pub fn transport(&self) -> Transport {
        self.transport
    }

    /// The user in the URL.
    pub fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// The host, lower case.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port to connect to, written or the transport's own.
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(match self.transport {
            Transport::Https => 443,
            Transport::Http => 80,
            Transport::Ssh => 22,
            Transport::Git => 9418,
        })
    }

    /// The path on the host.
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl fmt::Display for RepositoryUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.written.fmt(formatter)
    }
}

/// A branch name that `git check-ref-format --branch` accepts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Branch(pub(crate) String);

impl Branch {
    /// Without `refs/heads/`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Branch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// A folder or file inside a repository: relative, without `..`, `.git`, empty parts or control characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RepositoryPath(pub(crate) String);

impl RepositoryPath {
    /// As written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A commit id in full: 40 or 64 lower-case hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Revision(pub(crate) String);

impl Revision {
    /// In full.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first seven digits, as people read it.
    pub fn short(&self) -> &str {
        self.0.get(..7).unwrap_or(&self.0)
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}
