//! The parts of a repository URL and what may stand in each.

use super::super::percent;
use super::{RepositoryUrl, Transport, host};
use crate::violation::Rule;

pub(super) fn with_scheme(text: &str, scheme: &str, rest: &str) -> Result<RepositoryUrl, Rule> {
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
pub(super) fn scp_form(text: &str) -> Result<RepositoryUrl, Rule> {
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
pub(super) fn is_scheme(text: &str) -> bool {
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
