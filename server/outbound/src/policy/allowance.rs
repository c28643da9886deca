//! What the administrator allows besides.

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;

/// One entry of `FAIRLEAD_OUTBOUND_ALLOW`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Allowance {
    /// Every port of these addresses.
    Network(IpNet),
    /// One port of one address.
    Address(SocketAddr),
    /// One port of whatever the name resolves to.
    Name { host: String, port: u16 },
}

/// An entry that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{entry:?} is no network, address, address:port or host:port; write for instance 127.0.0.0/8 or git.local:3000"
)]
pub struct AllowanceError {
    /// As written.
    pub entry: String,
}

impl Allowance {
    pub(super) fn parse(entry: &str) -> Result<Self, AllowanceError> {
        let text = entry.trim();
        if let Ok(network) = text.parse::<IpNet>() {
            return Ok(Self::Network(network));
        }
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Self::Network(IpNet::from(address)));
        }
        if let Ok(address) = text.parse::<SocketAddr>() {
            return Ok(Self::Address(address));
        }
        let name = text.rsplit_once(':').and_then(|(host, port)| Some((host, port.parse::<u16>().ok()?)));
        match name {
            Some((host, port)) if is_host_name(host) => Ok(Self::Name { host: comparable(host), port }),
            _ => Err(AllowanceError { entry: entry.to_owned() }),
        }
    }

    /// Whether it allows the address that the host resolved to.
    pub(super) fn covers(&self, host: &str, address: SocketAddr) -> bool {
        match self {
            Self::Network(network) => network.contains(&address.ip()),
            Self::Address(allowed) => *allowed == address,
            Self::Name { host: allowed, port } => *port == address.port() && *allowed == comparable(host),
        }
    }
}

fn is_host_name(host: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    !host.is_empty() && host.bytes().all(allowed)
}

fn comparable(host: &str) -> String {
    host.trim_end_matches('.').to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_addresses_and_hosts_with_port_are_entries() {
        for entry in
            ["127.0.0.0/8", "::1/128", "127.0.0.1", "127.0.0.1:6443", "[::1]:6443", "git.local:3000", " ::1 "]
        {
            assert!(Allowance::parse(entry).is_ok(), "{entry}");
        }
    }

    #[test]
    fn anything_else_is_named_in_the_error() {
        for entry in [
            "",
            "localhost",
            "127.0.0.0/33",
            "git.local:",
            "git.local:70000",
            "https://git.local:3000",
            "a b:1",
        ] {
            assert_eq!(Allowance::parse(entry), Err(AllowanceError { entry: entry.to_owned() }), "{entry}");
        }
    }

    #[test]
    fn a_host_with_port_allows_that_name_and_port_alone() {
        let allowance = Allowance::parse("Git.local:3000").expect("an entry");
        let address = |port| SocketAddr::from(([127, 0, 0, 1], port));
        assert!(allowance.covers("git.LOCAL.", address(3000)));
        assert!(!allowance.covers("git.local", address(3001)));
        assert!(!allowance.covers("127.0.0.1", address(3000)));
    }
}
