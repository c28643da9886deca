//! From a repository's URL to a checked address.

use std::net::{IpAddr, SocketAddr};

use domain::reason::Reason;
use domain::repository::RepositoryUrl;
use engine::port::source::SourceError;
use outbound::{OutboundError, Policy};

/// Where git may connect to in one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    /// Our own spelling of the URL: grammar checked, nothing of the user's but host and path.
    pub(crate) url: String,
    /// The one protocol of the call.
    pub(crate) protocol: &'static str,
    /// `http.curloptResolve`: the addresses that were checked, so that no second answer of the resolver is used.
    pub(crate) pin: Option<String>,
}

impl Address {
    /// Asks the policy. Only public http(s) can be read so far.
    pub(crate) async fn of(url: &RepositoryUrl, policy: &Policy) -> Result<Self, SourceError> {
        if !url.is_public_http() {
            return Err(SourceError { reason: Reason::RepositoryAccessUnavailable, detail: None });
        }
        let (host, port) = (url.host(), url.port());
        let addresses = policy.resolve(host, port).await.map_err(|error| refused(&error))?;
        Ok(Self {
            url: url.normalised(),
            protocol: url.transport().scheme(),
            pin: pin(host, port, &addresses),
        })
    }
}

fn refused(error: &OutboundError) -> SourceError {
    let reason = match error {
        OutboundError::Refused { .. } => Reason::RepositoryAddressRefused,
        _ => Reason::RepositoryUnreachable,
    };
    SourceError { reason, detail: Some(error.to_string()) }
}

/// A host that is an address already resolves to itself.
fn pin(host: &str, port: u16, addresses: &[SocketAddr]) -> Option<String> {
    if host.parse::<IpAddr>().is_ok() {
        return None;
    }
    let addresses: Vec<String> = addresses
        .iter()
        .map(|address| match address.ip() {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => format!("[{address}]"),
        })
        .collect();
    Some(format!("{host}:{port}:{}", addresses.join(",")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_pinned_to_every_checked_address() {
        let addresses = ["192.0.2.7:443", "[2001:db8::7]:443"].map(|address| address.parse().unwrap());
        assert_eq!(
            pin("git.example.com", 443, &addresses).as_deref(),
            Some("git.example.com:443:192.0.2.7,[2001:db8::7]")
        );
        assert_eq!(pin("192.0.2.7", 443, &addresses[..1]), None);
        assert_eq!(pin("2001:db8::7", 443, &addresses[1..]), None);
    }
}
