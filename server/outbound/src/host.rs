//! One spelling of a host, to compare by.

use std::net::Ipv6Addr;

/// Numbers as addresses, names in lower case and ASCII, without the final full stop and without brackets.
pub(crate) fn comparable(host: &str) -> String {
    let host = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    if let Ok(address) = host.parse::<Ipv6Addr>() {
        return address.to_string();
    }
    let host = host.strip_suffix('.').unwrap_or(host);
    url::Host::parse(host).map_or_else(|_| host.to_ascii_lowercase(), |host| host.to_string())
}
