//! The grammar of repository URLs: own and closed, because whatever is accepted here becomes an argument of the
//! git and ssh programs.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

use super::percent;
use crate::violation::Rule;

mod host;

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
            Some((scheme, rest)) if is_scheme(scheme) => with_scheme(text, scheme, rest),
            _ => scp_form(text),
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

fn with_scheme(text: &str, scheme: &str, rest: &str) -> Result<RepositoryUrl, Rule> {
    let transports = [Transport::Https, Transport::Http, Transport::Ssh, Transport::Git];
    let transport = transports
        .into_iter()
        .find(|transport| transport.scheme().eq_ignore_ascii_case(scheme))
        .ok_or_else(|| Rule::RepositoryUrlScheme { scheme: scheme.to_lowercase() })?;
    let (authority, path) = rest.find('/').map_or((rest, ""), |slash| rest.split_at(slash));
    let (user, location) = match authority.rsplit_once('@') {
        Some((user, location)) => (Some(user), location),
        None => (None, authority),
    };
    user.map_or(Ok(()), check_user)?;
    let (written_host, port) = split_port(location)?;
    let host = host::parse(written_host)?;
    check_path(path)?;
    Ok(RepositoryUrl {
        written: text.to_owned(),
        transport,
        user: user.map(str::to_owned),
        written_host: written_host.to_owned(),
        host,
        port,
        path: path.to_owned(),
        scp_form: false,
    })
}

/// `user@host:path`. Without a user it is not told apart from a scheme, so the user is needed.
fn scp_form(text: &str) -> Result<RepositoryUrl, Rule> {
    let (before, path) = text.split_once(':').ok_or(Rule::RepositoryUrlShape)?;
    let Some((user, written_host)) = before.rsplit_once('@') else {
        return Err(if path.contains('@') && !path.starts_with(':') {
            Rule::RepositoryUrlPassword
        } else if is_scheme(before) && !before.contains('.') {
            Rule::RepositoryUrlScheme { scheme: before.to_lowercase() }
        } else {
            Rule::RepositoryUrlShape
        });
    };
    check_user(user)?;
    let host = host::parse(written_host)?;
    if path.is_empty() || path == "/" {
        return Err(Rule::RepositoryUrlShape);
    }
    check_path_parts(path.as_bytes())?;
    if !path.bytes().all(|byte| is_path_byte(byte) || byte == b'%') {
        return Err(Rule::RepositoryUrlShape);
    }
    Ok(RepositoryUrl {
        written: text.to_owned(),
        transport: Transport::Ssh,
        user: Some(user.to_owned()),
        written_host: written_host.to_owned(),
        host,
        port: None,
        path: path.to_owned(),
        scp_form: true,
    })
}

/// RFC 3986.
fn is_scheme(text: &str) -> bool {
    text.starts_with(|character: char| character.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

fn check_user(user: &str) -> Result<(), Rule> {
    if user.contains(':') {
        return Err(Rule::RepositoryUrlPassword);
    }
    if user.starts_with('-') {
        return Err(Rule::RepositoryUrlHyphen);
    }
    let plain = user.bytes().all(|byte| is_user_byte(byte) || byte == b'%');
    let decoded = percent::decode(user).filter(|decoded| plain && !decoded.is_empty());
    let decoded = decoded.ok_or(Rule::RepositoryUrlShape)?;
    if decoded.first() == Some(&b'-') {
        return Err(Rule::RepositoryUrlHyphen);
    }
    // A colon would begin a password for whoever decodes the user.
    if decoded.contains(&b':') {
        return Err(Rule::RepositoryUrlPassword);
    }
    if decoded.iter().any(u8::is_ascii_control) {
        return Err(Rule::ControlCharacter);
    }
    Ok(())
}

fn split_port(location: &str) -> Result<(&str, Option<u16>), Rule> {
    // The colons inside the brackets of an IPv6 address begin no port.
    let after_address = location.rfind(']').map_or(0, |bracket| bracket + 1);
    let Some(colon) = location[after_address..].find(':') else { return Ok((location, None)) };
    let (host, port) = location.split_at(after_address + colon);
    let digits = &port[1..];
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
    match digits.parse() {
        Ok(port) if plain => Ok((host, Some(port))),
        _ => Err(Rule::RepositoryUrlShape),
    }
}

fn check_path(path: &str) -> Result<(), Rule> {
    let allowed = path.bytes().all(|byte| is_path_byte(byte) || byte == b'%');
    let decoded = percent::decode(path).filter(|_| allowed).ok_or(Rule::RepositoryUrlShape)?;
    if path.len() < 2 {
        return Err(Rule::RepositoryUrlShape);
    }
    check_path_parts(&decoded)
}

fn check_path_parts(path: &[u8]) -> Result<(), Rule> {
    if path.iter().any(u8::is_ascii_control) {
        return Err(Rule::ControlCharacter);
    }
    if path.strip_prefix(b"/").unwrap_or(path).starts_with(b"-") {
        return Err(Rule::RepositoryUrlHyphen);
    }
    let leaves = path.split(|byte| *byte == b'/').any(|part| part == b"." || part == b"..");
    if leaves { Err(Rule::RepositoryUrlShape) } else { Ok(()) }
}

/// What may stand in a path unencoded (RFC 3986 `pchar` and `/`).
fn is_path_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/".contains(&byte)
}

/// Less than RFC 3986 allows: what Git hosts use for users.
fn is_user_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~+".contains(&byte)
}

/// One spelling of a user: what needs no encoding has none.
fn encode_user(user: &str) -> String {
    let decoded = percent::decode(user).unwrap_or_else(|| user.as_bytes().to_vec());
    percent::encode(&decoded, |byte| byte.is_ascii_alphanumeric() || b"-_.~$&+,;=".contains(&byte))
}

#[cfg(test)]
mod tests;
