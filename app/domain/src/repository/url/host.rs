//! Host names and addresses, as repository URLs have them.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::violation::Rule;

/// Longest host name (RFC 1035).
const HOST_MAX: usize = 253;
/// Longest part of it.
const LABEL_MAX: usize = 63;

/// The host in lower case, an IPv6 address without brackets.
pub(crate) fn parse(written: &str) -> Result<String, Rule> {
    if written.is_empty() {
        return Err(Rule::RepositoryUrlShape);
    }
    if written.starts_with('-') {
        return Err(Rule::RepositoryUrlHyphen);
    }
    if let Some(address) = written.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        // No zone (`%eth0`): it would name an interface of the server.
        let address: Ipv6Addr = address.parse().map_err(|_| Rule::RepositoryUrlHost)?;
        return Ok(address.to_string());
    }
    let host = written.to_ascii_lowercase();
    let name = host.len() <= HOST_MAX && host.split('.').all(is_label);
    // `2130706433` and `0x7f.1` are addresses for some resolvers and names for others.
    let last = host.rsplit('.').next().unwrap_or_default();
    let number = last.bytes().all(|byte| byte.is_ascii_digit()) || last.starts_with("0x");
    if name && (!number || host.parse::<Ipv4Addr>().is_ok()) {
        Ok(host)
    } else {
        Err(Rule::RepositoryUrlHost)
    }
}

fn is_label(label: &str) -> bool {
    let inside = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    inside && (1..=LABEL_MAX).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-')
}
