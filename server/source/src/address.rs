//! What a repository's URL says about the way to its host.

use domain::repository::{RepositoryUrl, Transport};
use outbound::Destination;

use crate::host_key;

/// The one host that git is led to in one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    /// Our own spelling of the URL: grammar checked, nothing of the user's but host and path; for ssh the user too.
    pub(crate) url: String,
    /// The one protocol of the call.
    pub(crate) transport: Transport,
    /// How git names an http(s) host when it asks for a credential: `https://host:8443`.
    pub(crate) site: String,
    /// How `known_hosts` names an ssh host.
    pub(crate) host_key_name: String,
    /// Where the relay connects to.
    pub(crate) destination: Destination,
}

impl Address {
    pub(crate) fn of(url: &RepositoryUrl) -> Self {
        let transport = url.transport();
        let (host, port) = (url.host(), url.port());
        let destination = Destination { scheme: transport.scheme(), host: host.to_owned(), port };
        let http = matches!(transport, Transport::Http | Transport::Https);
        Self {
            url: if http { url.without_user() } else { url.normalised() },
            transport,
            site: site(&destination, transport.default_port()),
            host_key_name: host_key::name(host, port, transport.default_port()),
            destination,
        }
    }
}

fn site(destination: &Destination, default_port: u16) -> String {
    let authority = destination.authority();
    let default = format!(":{default_port}");
    format!("{}://{}", destination.scheme, authority.strip_suffix(&default).unwrap_or(&authority))
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
            assert_eq!(Address::of(&RepositoryUrl::parse(url).unwrap()).site, expected, "{url}");
        }
    }
}
