//! The grammar of repository URLs: own and closed, because whatever is accepted here becomes an argument of the
//! git and ssh programs.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

use super::percent;
use crate::violation::Rule;

mod grammar;
pub(crate) mod host;

/// Longest repository URL in characters: what browsers and Git hosts carry everywhere.
pub const REPOSITORY_URL_MAX: usize = 2048;

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

impl Transport {
    /// The scheme of a URL, lower case.
    pub fn scheme(self) -> &'static str {
        match self {
            Self::Https => "https",
            Self::Http => "http",
            Self::Ssh => "ssh",
            Self::Git => "git",
        }
    }

    /// The port when none is written.
    pub fn default_port(self) -> u16 {
        match self {
            Self::Https => 443,
            Self::Http => 80,
            Self::Ssh => 22,
            Self::Git => 9418,
        }
    }
}

/// A checked repository URL.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RepositoryUrl {
    /// As the user wrote it, trimmed; what ARM gives back and the mark is computed from.
    written: String,
    transport: Transport,
    /// As written, percent-encoding included.
    user: Option<String>,
    /// As written; an IPv6 address with its brackets.
    written_host: String,
    /// Lower case; an IPv6 address without brackets.
    host: String,
    port: Option<u16>,
    /// Beginning with `/` but for the scp form's relative path.
    path: String,
    scp_form: bool,
}

impl RepositoryUrl {
    /// Checks the grammar: `https://host/path`, `http://host/path`, `ssh://user@host/path`, `user@host:path` or
    /// `git://host/path`. Blanks around it are dropped.
    ///
    /// Breaks are [`Rule::Required`], [`Rule::TooLong`], [`Rule::ControlCharacter`] or one of the
    /// `RepositoryUrl…` rules.
    pub fn parse(text: &str) -> Result<Self, Rule> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Rule::Required);
        }
        if text.chars().count() > REPOSITORY_URL_MAX {
            return Err(Rule::TooLong { max: REPOSITORY_URL_MAX });
        }
        if text.chars().any(char::is_control) {
            return Err(Rule::ControlCharacter);
        }
        if text.starts_with('-') {
            return Err(Rule::RepositoryUrlHyphen);
        }
        match text.split_once("://") {
            Some((scheme, rest)) if grammar::is_scheme(scheme) => grammar::with_scheme(text, scheme, rest),
            _ => grammar::scp_form(text),
        }
    }

    /// As the user wrote it.
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// How it is reached.
    pub fn transport(&self) -> Transport {
        self.transport
    }

    /// The user in the URL, as written.
    pub fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// The user in the URL, decoded.
    pub fn user_name(&self) -> Option<String> {
        let decoded = percent::decode(self.user.as_deref()?)?;
        String::from_utf8(decoded).ok()
    }

    /// The host, lower case; an IPv6 address without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port to connect to, written or the transport's own.
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(self.transport.default_port())
    }

    /// The path on the host, as written; the scp form's may be relative.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Whether it is `http(s)` without a user: readable by everybody, if at all.
    pub fn is_public_http(&self) -> bool {
        matches!(self.transport, Transport::Https | Transport::Http) && self.user.is_none()
    }

    /// One spelling for all that reach the same repository the same way: scheme and host in lower case, the
    /// transport's own port dropped, an absolute scp path as ssh URL. The path is not touched, for only the host
    /// knows whether `repo` and `repo.git` are one.
    pub fn normalised(&self) -> String {
        let user = self.user.as_deref().map(|user| format!("{}@", encode_user(user))).unwrap_or_default();
        if self.scp_form && !self.path.starts_with('/') {
            return format!("{user}{}:{}", self.host, self.path);
        }
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        let port = self.port.filter(|port| *port != self.transport.default_port());
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        format!("{}://{user}{host}{port}{}", self.transport.scheme(), self.path)
    }

    /// As [`Self::normalised`], without a user: an http(s) host is shown a user only with its key.
    pub fn without_user(&self) -> String {
        Self { user: None, ..self.clone() }.normalised()
    }

    /// The URL as Flux v1 puts it into its garbage collection mark: without a password, the scp form as ssh URL,
    /// and for the rest as Go's `net/url` writes it (scheme in lower case, host and port as written).
    pub fn safe_url(&self) -> String {
        let mut safe = format!("{}://", self.transport.scheme());
        if let Some(user) = &self.user {
            safe.push_str(&encode_user(user));
            safe.push('@');
        }
        safe.push_str(&self.written_host);
        if self.scp_form {
            if !self.path.starts_with('/') {
                safe.push('/');
            }
            // Flux takes the scp form's path as plain text, so a `%` in it becomes `%25`.
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~$&+,/:;=@".contains(&byte);
            safe.push_str(&percent::encode(self.path.as_bytes(), plain));
        } else {
            if let Some(port) = self.port {
                // Writing into a String cannot fail.
                let _ = write!(safe, ":{port}");
            }
            safe.push_str(&self.path);
        }
        safe
    }
}

super::checked_text!(RepositoryUrl);

/// One spelling of a user: what needs no encoding has none.
fn encode_user(user: &str) -> String {
    let decoded = percent::decode(user).unwrap_or_else(|| user.as_bytes().to_vec());
    percent::encode(&decoded, |byte| byte.is_ascii_alphanumeric() || b"-_.~$&+,;=".contains(&byte))
}

#[cfg(test)]
mod tests;
