//! Addresses of charts: repositories over HTTP and registries, and which host a credential is for.

use url::{Host, Url};

use super::error::{ChartError, shown};

/// Longer addresses are nobody's.
const LENGTH_MAX: usize = 2_000;

/// What the addresses of registries begin with.
pub(crate) const REGISTRY: &str = "oci://";

/// The registry that this name means, as every client of it knows.
const DOCKER: (&str, &str) = ("docker.io", "registry-1.docker.io");

/// Where charts are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A folder with `index.yaml`; the URL ends in `/`.
    Repository(Url),
    /// A registry, spoken to at this URL, and a path of repositories in it.
    Registry(Url, String),
}

impl Place {
    /// `https://…`, `http://…` or `oci://…`. A registry on the loopback interface is spoken to without TLS, unless there
    /// are authorities to check its certificate with.
    pub(crate) fn parse(written: &str, has_authorities: bool) -> Result<Self, ChartError> {
        let refused = |reason| ChartError::Address { written: shown(written), reason };
        if written.len() > LENGTH_MAX {
            return Err(refused("it is too long"));
        }
        if let Some(rest) = written.strip_prefix(REGISTRY) {
            let url = registry(rest, has_authorities)
                .filter(is_plain)
                .ok_or_else(|| refused("write oci://HOST/PATH, without user and password"))?;
            let path = url.path().trim_matches('/').to_owned();
            if !path.is_empty() && !is_repository(&path) {
                return Err(refused("paths in a registry have lower-case letters, digits, '.', '_' and '-'"));
            }
            let root = url.join("/").map_err(|_| refused("it has no host"))?;
            return Ok(Self::Registry(root, path));
        }
        let url = web(written)?;
        Ok(Self::Repository(as_folder(url)))
    }
}

/// A URL of a document or a repository over HTTP.
pub(crate) fn web(written: &str) -> Result<Url, ChartError> {
    let refused = |reason| ChartError::Address { written: shown(written), reason };
    let url = Url::parse(written).ok().filter(|url| matches!(url.scheme(), "https" | "http"));
    let url = url.ok_or_else(|| refused("write https://…, http://… or oci://…"))?;
    if is_plain(&url) { Ok(url) } else { Err(refused("a user or password does not belong into it")) }
}

fn is_plain(url: &Url) -> bool {
    url.username().is_empty() && url.password().is_none() && url.host().is_some()
}

fn as_folder(mut url: Url) -> Url {
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    url.set_fragment(None);
    url
}

/// The URL at which a registry is spoken to, of what comes behind `oci://`.
fn registry(rest: &str, has_authorities: bool) -> Option<Url> {
    // Else the first part of the path would be taken for the host.
    if rest.starts_with(['/', '\\']) {
        return None;
    }
    let url = Url::parse(&format!("https://{rest}")).ok()?;
    if url.host_str() == Some(DOCKER.0) {
        return Url::parse(&format!("https://{}{}", DOCKER.1, url.path())).ok();
    }
    if is_loopback(&url) && !has_authorities {
        return Url::parse(&format!("http://{rest}")).ok();
    }
    Some(url)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// A name of a repository in a registry, as the distribution specification has it.
pub(crate) fn is_repository(path: &str) -> bool {
    let is_part = |part: &str| {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        part.bytes().next().is_some_and(plain)
            && part.bytes().next_back().is_some_and(plain)
            && part.bytes().all(|byte| plain(byte) || b"._-".contains(&byte))
    };
    path.len() <= 255 && path.split('/').all(is_part)
}

/// Scheme, host and port of a credential's host, which is written as a URL; `None` where it is none.
pub(crate) fn origin(written: &str, has_authorities: bool) -> Option<url::Origin> {
    let url = match written.strip_prefix(REGISTRY) {
        Some(rest) => registry(rest, has_authorities)?,
        None => Url::parse(written).ok().filter(|url| matches!(url.scheme(), "https" | "http"))?,
    };
    Some(url.origin())
}

/// `host:port` for messages.
pub(crate) fn host(url: &Url) -> String {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    shown(&format!("{}{port}", url.host_str().unwrap_or_default()))
}

/// A URL for messages: what comes behind `?` may open something.
pub(crate) fn without_query(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    shown(url.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_lead_to_repositories_and_registries() {
        let repository = |url: &str| Place::Repository(Url::parse(url).expect("a URL"));
        let registry =
            |url: &str, path: &str| Place::Registry(Url::parse(url).expect("a URL"), path.to_owned());
        for (written, place) in [
            ("https://charts.example.com", repository("https://charts.example.com/")),
            ("https://charts.example.com/stable", repository("https://charts.example.com/stable/")),
            ("http://10.0.0.1:8080/a/?b=c", repository("http://10.0.0.1:8080/a/?b=c")),
            ("oci://ghcr.io/team/charts", registry("https://ghcr.io/", "team/charts")),
            ("oci://ghcr.io", registry("https://ghcr.io/", "")),
            ("oci://docker.io/bitnamicharts/", registry("https://registry-1.docker.io/", "bitnamicharts")),
            ("oci://127.0.0.1:5000/team", registry("http://127.0.0.1:5000/", "team")),
            ("oci://localhost:5000/team", registry("http://localhost:5000/", "team")),
            ("oci://10.0.0.1:5000/team", registry("https://10.0.0.1:5000/", "team")),
        ] {
            assert_eq!(Place::parse(written, false), Ok(place), "{written}");
        }
        let checked = Place::parse("oci://127.0.0.1:5000/team", true);
        assert_eq!(checked, Ok(registry("https://127.0.0.1:5000/", "team")));
    }

    #[test]
    fn other_addresses_are_refused() {
        for written in [
            "",
            "charts.example.com",
            "file:///etc",
            "ftp://charts.example.com",
            "git+https://example.com/x@y",
            "https://me:word@charts.example.com",
            "oci://me:word@ghcr.io/x",
            "oci:///x",
            "oci://ghcr.io/../x/Y",
            "oci://ghcr.io/team//charts",
            "stable",
        ] {
            assert!(matches!(Place::parse(written, false), Err(ChartError::Address { .. })), "{written}");
        }
        assert!(Place::parse(&format!("https://example.com/{}", "x".repeat(3_000)), false).is_err());
    }

    #[test]
    fn a_credential_is_for_one_scheme_host_and_port() {
        let own = origin("https://charts.example.com:443", false);
        for (url, same) in [
            ("https://charts.example.com/web-1.0.0.tgz", true),
            ("https://CHARTS.example.com/", true),
            ("http://charts.example.com/", false),
            ("https://charts.example.com:8443/", false),
            ("https://charts.example.com.evil.example/", false),
        ] {
            assert_eq!(own == Url::parse(url).ok().map(|url| url.origin()), same, "{url}");
        }
        assert_eq!(origin("oci://ghcr.io/team", false), origin("https://ghcr.io", false));
        for written in ["null", "", "file:///", "ghcr.io"] {
            assert_eq!(origin(written, false), None, "{written}");
        }
    }
}
