//! Proxies that stand between the server and the hosts of repositories and charts.

use std::net::IpAddr;

use ipnet::IpNet;

/// Which proxy leads where. They are the administrator's: their own addresses need no permission.
#[derive(Clone, Debug, Default)]
pub struct Proxies {
    http: Option<Proxy>,
    https: Option<Proxy>,
    ssh: Option<Proxy>,
    without: Vec<Without>,
}

/// An HTTP proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proxy {
    /// Name or address, an IPv6 address without brackets.
    pub host: String,
    /// Its port.
    pub port: u16,
}

/// Hosts that are reached without a proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Without {
    Everything,
    Network(IpNet),
    /// The name itself and all below it.
    Domain(String),
}

/// Why a setting is no proxy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProxyError {
    /// Another shape.
    #[error(
        "{written:?} is no proxy: write http://host:port; a proxy that asks for user and password is not supported"
    )]
    Shape {
        /// As written.
        written: String,
    },
    /// No host, domain or network.
    #[error("{written:?} in the list of hosts without proxy is no host, domain, address or network")]
    Without {
        /// As written.
        written: String,
    },
}

impl Proxies {
    /// From settings; empty text is no proxy. `without` is a list by commas: host names and domains (`.example.com`,
    /// `example.com`), addresses, networks, or `*`.
    pub fn new(http: &str, https: &str, ssh: &str, without: &str) -> Result<Self, ProxyError> {
        let without = without.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        Ok(Self {
            http: Proxy::parse(http)?,
            https: Proxy::parse(https)?,
            ssh: Proxy::parse(ssh)?,
            without: without.map(Without::parse).collect::<Result<_, _>>()?,
        })
    }

    /// The proxy that leads to a host by this scheme (`http`, `https`, `ssh`); `None` to go there directly.
    pub fn to(&self, scheme: &str, host: &str) -> Option<&Proxy> {
        let proxy = match scheme {
            "http" => self.http.as_ref(),
            "https" => self.https.as_ref(),
            "ssh" => self.ssh.as_ref(),
            _ => None,
        };
        proxy.filter(|_| !self.without.iter().any(|entry| entry.covers(host)))
    }
}

impl Proxy {
    fn parse(written: &str) -> Result<Option<Self>, ProxyError> {
        let written = written.trim();
        if written.is_empty() {
            return Ok(None);
        }
        let uri = written.parse::<http::Uri>().ok();
        let plain = uri.filter(|uri| {
            uri.scheme_str() == Some("http")
                && matches!(uri.path(), "" | "/")
                && uri.query().is_none()
                && uri.authority().is_some_and(|authority| !authority.as_str().contains('@'))
        });
        let parts = plain.and_then(|uri| Some((uri.host()?.to_owned(), uri.port_u16()?)));
        match parts {
            Some((host, port)) => Ok(Some(Self { host: unbracketed(&host).to_owned(), port })),
            None => Err(ProxyError::Shape { written: written.to_owned() }),
        }
    }

    /// As git and curl take it.
    pub fn url(&self) -> String {
        let Self { host, port } = self;
        if host.contains(':') { format!("http://[{host}]:{port}") } else { format!("http://{host}:{port}") }
    }
}

impl Without {
    fn parse(written: &str) -> Result<Self, ProxyError> {
        if written == "*" {
            return Ok(Self::Everything);
        }
        let address = unbracketed(written);
        if let Ok(network) = address.parse::<IpNet>() {
            return Ok(Self::Network(network));
        }
        if let Ok(address) = address.parse::<IpAddr>() {
            return Ok(Self::Network(address.into()));
        }
        let domain = written.trim_start_matches("*.").trim_start_matches('.').to_ascii_lowercase();
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if domain.is_empty() || !domain.bytes().all(plain) {
            return Err(ProxyError::Without { written: written.to_owned() });
        }
        Ok(Self::Domain(domain))
    }

    fn covers(&self, host: &str) -> bool {
        match self {
            Self::Everything => true,
            Self::Network(network) => {
                unbracketed(host).parse::<IpAddr>().is_ok_and(|address| network.contains(&address))
            }
            Self::Domain(domain) => {
                let host = host.to_ascii_lowercase();
                host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            }
        }
    }
}

fn unbracketed(host: &str) -> &str {
    host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_scheme_has_its_proxy_and_some_hosts_have_none() {
        let without = "internal.example.com, .corp, 10.0.0.0/8, 192.0.2.7";
        let proxies = Proxies::new("", "http://proxy:3128", "http://[2001:db8::1]:3128/", without).unwrap();
        let to = |scheme, host| proxies.to(scheme, host).map(Proxy::url);
        assert_eq!(to("https", "github.com").as_deref(), Some("http://proxy:3128"));
        assert_eq!(to("ssh", "github.com").as_deref(), Some("http://[2001:db8::1]:3128"));
        assert_eq!(to("http", "github.com"), None);
        assert_eq!(to("git", "github.com"), None);
        for host in ["internal.example.com", "git.INTERNAL.example.com", "git.corp", "10.1.2.3", "192.0.2.7"]
        {
            assert_eq!(to("https", host), None, "{host}");
        }
        for host in ["notinternal.example.com", "example.com", "11.0.0.1", "corporate"] {
            assert!(to("https", host).is_some(), "{host}");
        }
        let none = Proxies::new("http://proxy:1", "", "", "*").unwrap();
        assert_eq!(none.to("http", "host"), None);
    }

    #[test]
    fn what_is_no_proxy_is_refused() {
        for written in
            ["proxy:3128", "http://proxy", "https://proxy:1", "http://me:pw@proxy:1", "http://p:1/x"]
        {
            let refused = Proxies::new(written, "", "", "").unwrap_err();
            assert_eq!(refused, ProxyError::Shape { written: written.to_owned() });
        }
        assert!(matches!(Proxies::new("", "", "", "a b"), Err(ProxyError::Without { .. })));
    }
}
