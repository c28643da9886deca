//! Where a request comes from: the other end of the connection, or what a proxy that is trusted says it was.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use domain::access::Via;
use domain::service::Visit;
use http::{HeaderMap, header};
use ipnet::IpNet;

use super::request_id::RequestId;

/// What proxies write; each adds the address that it was called from at the end.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// The proxies whose word is taken.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(Arc<[IpNet]>);

impl TrustedProxies {
    /// Networks and addresses, by commas.
    pub fn parse(list: &str) -> Result<Self, ipnet::AddrParseError> {
        let entries = list.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        let network = |entry: &str| match entry.parse::<IpAddr>() {
            Ok(address) => Ok(IpNet::from(address)),
            Err(_) => entry.parse(),
        };
        entries.map(network).collect::<Result<Vec<_>, _>>().map(|networks| Self(networks.into()))
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    /// The first address, from the end of the way on, that no trusted proxy has: everything before it may be made up.
    fn visitor(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let named: Vec<&str> = headers
            .get_all(FORWARDED_FOR)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .collect();
        let mut last = peer.to_canonical();
        for name in named.into_iter().rev() {
            if !self.trusts(last) {
                break;
            }
            let Ok(address) = name.trim().parse::<IpAddr>() else { break };
            last = address.to_canonical();
        }
        last
    }
}

/// Puts a [`Visit`] into the request. Comes behind the request's id.
pub async fn identify_visitor(
    State(proxies): State<TrustedProxies>,
    mut request: Request,
    next: Next,
) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
    let address = peer.map(|peer| proxies.visitor(peer, request.headers()).to_string());
    let request_id = request.extensions().get::<RequestId>().map(|RequestId(id)| id.clone());
    let agent = request.headers().get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    let via = Via { address, request_id, ..Via::default() };
    let visit = Visit { user_agent: agent.map(str::to_owned), via, former: None };
    request.extensions_mut().insert(visit);
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn only_what_a_trusted_proxy_says_is_believed() {
        let proxies = TrustedProxies::parse("10.0.0.0/8, 192.0.2.1").unwrap();
        for (peer, forwarded, visitor) in [
            ("198.51.100.7", "203.0.113.9", "198.51.100.7"),
            ("10.1.2.3", "203.0.113.9", "203.0.113.9"),
            ("10.1.2.3", "1.1.1.1, 203.0.113.9", "203.0.113.9"),
            ("10.1.2.3", "203.0.113.9, 192.0.2.1", "203.0.113.9"),
            ("10.1.2.3", "made up", "10.1.2.3"),
            ("10.1.2.3", "", "10.1.2.3"),
            ("::ffff:10.1.2.3", "2001:db8::1", "2001:db8::1"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(FORWARDED_FOR, HeaderValue::from_static(forwarded));
            let found = proxies.visitor(peer.parse().unwrap(), &headers);
            assert_eq!(found.to_string(), visitor, "{peer} {forwarded}");
        }
        assert!(TrustedProxies::parse("example.com").is_err());
    }
}
