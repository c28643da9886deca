//! From a repository's URL to a checked address.

use std::net::{IpAddr, SocketAddr};

use child::callback::Route;
use domain::reason::Reason;
use domain::repository::{RepositoryUrl, Transport};
use engine::port::source::SourceError;
use outbound::{Connector, OutboundError, Policy, Proxies, Proxy};

use crate::host_key;

/// Where git may connect to in one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    /// Our own spelling of the URL: grammar checked, nothing of the user's but host and path; for ssh the user too.
    pub(crate) url: String,
    /// The one protocol of the call.
    pub(crate) transport: Transport,
    /// `http.curloptResolve`: the addresses that were checked, so that no second answer of the resolver is used.
    pub(crate) pin: Option<String>,
    /// `http.proxy`
    pub(crate) proxy: Option<String>,
    /// How git names an http(s) host when it asks for a credential: `https://host:8443`.
    pub(crate) site: String,
    /// How `known_hosts` names an ssh host.
    pub(crate) host_key_name: String,
    /// Of the host.
    pub(crate) port: u16,
    /// For ssh and git: the addresses that were checked, or the way through a proxy.
    pub(crate) route: Route,
}

impl Address {
    /// Asks the policy. A proxy stands for the host where there is one; it is the administrator's and needs no
    /// permission, but a host that is known to be refused is refused through a proxy too.
    pub(crate) async fn of(
        url: &RepositoryUrl,
        policy: &Policy,
        proxies: &Proxies,
    ) -> Result<Self, SourceError> {
        let transport = url.transport();
        let (host, port) = (url.host(), url.port());
        let proxy = proxies.to(transport.scheme(), host);
        let addresses = match (policy.resolve(host, port).await, proxy) {
            (Ok(addresses), _) => addresses,
            // Behind a proxy the names of the world may be unknown to us.
            (Err(OutboundError::NotResolved { .. } | OutboundError::ResolveTimeout { .. }), Some(_)) => {
                Vec::new()
            }
            (Err(error), _) => return Err(refused(&error)),
        };
        let http = matches!(transport, Transport::Http | Transport::Https);
        Ok(Self {
            url: if http { url.without_user() } else { url.normalised() },
            transport,
            pin: if http && proxy.is_none() { pin(host, port, &addresses) } else { None },
            proxy: proxy.filter(|_| http).map(Proxy::url),
            site: site(url),
            host_key_name: host_key::name(host, port, transport.default_port()),
            port,
            route: if http {
                Route { addresses: Vec::new(), connect: None }
            } else {
                route(url, policy, proxy, addresses).await?
            },
        })
    }
}

/// ssh takes one address only: the first that answers.
async fn route(
    url: &RepositoryUrl,
    policy: &Policy,
    proxy: Option<&Proxy>,
    addresses: Vec<SocketAddr>,
) -> Result<Route, SourceError> {
    let (host, port) = (url.host(), url.port());
    if let Some(Proxy { host: proxy_host, port: proxy_port }) = proxy {
        let found = tokio::net::lookup_host((proxy_host.as_str(), *proxy_port)).await;
        let addresses = found.map(Iterator::collect).map_err(|error| SourceError {
            reason: Reason::RepositoryUnreachable,
            detail: Some(format!("the address of the proxy {proxy_host} could not be looked up: {error}")),
        })?;
        return Ok(Route { addresses, connect: Some(authority(host, port)) });
    }
    if url.transport() != Transport::Ssh || addresses.len() == 1 {
        return Ok(Route { addresses, connect: None });
    }
    let stream = Connector::new(policy.clone()).connect(host, port).await.map_err(|error| refused(&error))?;
    let answered = stream.peer_addr().map(|address| vec![address]).unwrap_or(addresses);
    Ok(Route { addresses: answered, connect: None })
}

fn authority(host: &str, port: u16) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

fn site(url: &RepositoryUrl) -> String {
    let scheme = url.transport().scheme();
    let authority = authority(url.host(), url.port());
    let default = format!(":{}", url.transport().default_port());
    format!("{scheme}://{}", authority.strip_suffix(&default).unwrap_or(&authority))
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
    fn a_site_is_named_as_git_asks_for_its_credential() {
        for (url, expected) in [
            ("https://org@Host/x", "https://host"),
            ("https://host:443/x", "https://host"),
            ("http://host:8080/x", "http://host:8080"),
            ("https://[2001:DB8::7]:8443/x", "https://[2001:db8::7]:8443"),
        ] {
            assert_eq!(site(&RepositoryUrl::parse(url).unwrap()), expected, "{url}");
        }
    }

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
