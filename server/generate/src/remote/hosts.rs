//! The hosts that the administrator lists.

use std::collections::BTreeSet;

use domain::repository::{RepositoryUrl, Transport};

/// The setting's name, for sentences about it.
pub(crate) const SETTING: &str = "generate_remote_hosts";

/// Hosts, each with a port, from which bases may be read that a kustomization names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RemoteHosts {
    hosts: BTreeSet<(String, u16)>,
}

/// An entry that names no host.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{entry:?} is no host or host:port; write for instance github.com or git.example.com:8443")]
pub struct RemoteHostsError {
    /// As written.
    pub entry: String,
}

impl RemoteHosts {
    /// A list of hosts, separated by commas. Without a port it is that of https: who wants bases to come
    /// unencrypted writes `:80`.
    pub fn parse(list: &str) -> Result<Self, RemoteHostsError> {
        let entries = list.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        let host = |entry: &str| {
            // The same rules as for the host of a repository's URL.
            let url = RepositoryUrl::parse(&format!("https://{entry}/x"));
            let url = url.ok().filter(|_| !entry.contains(['/', '@']));
            let url = url.ok_or_else(|| RemoteHostsError { entry: entry.to_owned() })?;
            Ok((url.host().to_owned(), url.port()))
        };
        Ok(Self { hosts: entries.map(host).collect::<Result<_, _>>()? })
    }

    pub(crate) fn allow(&self, url: &RepositoryUrl) -> bool {
        self.hosts.contains(&(url.host().to_owned(), url.port()))
    }
}

/// The entry that would allow a URL's host.
pub(crate) fn entry(url: &RepositoryUrl) -> String {
    let host = if url.host().contains(':') { format!("[{}]", url.host()) } else { url.host().to_owned() };
    if url.port() == Transport::Https.default_port() { host } else { format!("{host}:{}", url.port()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(list: &str, url: &str) -> bool {
        RemoteHosts::parse(list).unwrap().allow(&RepositoryUrl::parse(url).unwrap())
    }

    #[test]
    fn a_host_is_allowed_at_the_port_of_https_or_at_the_one_that_is_written() {
        for (list, url, allowed) in [
            ("", "https://github.com/a/b", false),
            ("GitHub.com, other.example", "https://github.com/a/b", true),
            ("github.com", "https://github.com:8443/a/b", false),
            ("github.com", "http://github.com/a/b", false),
            ("github.com:80", "http://github.com/a/b", true),
            ("github.com", "https://api.github.com/a/b", false),
            ("github.com", "https://github.com.evil.example/a/b", false),
            ("[::1]:3000", "http://[0::1]:3000/a", true),
        ] {
            assert_eq!(allows(list, url), allowed, "{list} {url}");
        }
    }

    #[test]
    fn an_entry_that_allows_a_url_is_the_one_that_is_proposed() {
        for url in ["https://github.com/a", "http://github.com/a", "https://[::1]:8443/a"] {
            let entry = entry(&RepositoryUrl::parse(url).unwrap());
            assert!(allows(&entry, url), "{entry} {url}");
        }
    }

    #[test]
    fn what_is_no_host_is_named() {
        for entry in
            ["https://github.com", "github.com/org", "user@github.com", "a b", "github.com:", "*.com"]
        {
            assert_eq!(RemoteHosts::parse(entry), Err(RemoteHostsError { entry: entry.to_owned() }));
        }
    }
}
