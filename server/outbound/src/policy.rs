//! The policy: which resolved addresses may be connected to.

mod allowance;
mod range;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::lookup_host;
use tokio::time::timeout;

use self::allowance::Allowance;
pub use self::allowance::AllowanceError;
use crate::OutboundError;

/// A resolver that has not answered by then will not; a form waits for this.
const RESOLVE_TIMEOUT: Duration = Duration::from_secs(5);

/// Names have at most 253 characters (RFC 1035); longer ones are not handed to the resolver.
const HOST_MAX: usize = 253;

/// More addresses of one name are not tried.
const ADDRESSES_MAX: usize = 16;

/// Which addresses may be connected to: everything but the server itself, its links, metadata services, and
/// ranges that are nobody's. Private addresses are allowed, because that is where most clusters are.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    rules: Arc<Rules>,
}

#[derive(Clone, Debug, Default)]
struct Rules {
    allowed: Vec<Allowance>,
    denied: Vec<SocketAddr>,
    /// What the resolver says in tests, one after the other.
    #[cfg(test)]
    answers: Option<tests::Answers>,
}

impl Policy {
    /// The policy widened by what the administrator wrote: each entry is a network (`127.0.0.0/8`, `::1/128`), an
    /// address, an address with port (`127.0.0.1:6443`, `[::1]:6443`) or a host name with port (`git.local:3000`).
    /// A host name with port allows whatever that name resolves to.
    pub fn allowing<Entry: AsRef<str>>(entries: &[Entry]) -> Result<Self, AllowanceError> {
        let allowed =
            entries.iter().map(|entry| Allowance::parse(entry.as_ref())).collect::<Result<_, _>>()?;
        Ok(Self { rules: Arc::new(Rules { allowed, ..Rules::default() }) })
    }

    /// Also refuses these addresses, for instance those the server itself listens on, whatever is allowed. Of an
    /// unspecified address (`0.0.0.0:3000`) the port is refused on the loopback interface.
    #[must_use]
    pub fn denying(&self, addresses: &[SocketAddr]) -> Self {
        let mut rules = Rules::clone(&self.rules);
        rules.denied.extend(addresses.iter().map(|address| canonical(*address)));
        Self { rules: Arc::new(rules) }
    }

    /// The addresses of a host that may be connected to, at least one. Numbers in any spelling count as hosts; they
    /// are checked as what the resolver makes of them.
    pub async fn resolve(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, OutboundError> {
        let name = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
        if name.is_empty() || name.len() > HOST_MAX || name.contains('\0') {
            return Err(OutboundError::NotResolved { host: shown(host) });
        }
        #[cfg(test)]
        if let Some(answers) = &self.rules.answers {
            return self.permitted(host, answers.next());
        }
        let found = timeout(RESOLVE_TIMEOUT, lookup_host((name, port)))
            .await
            .map_err(|_| OutboundError::ResolveTimeout { host: shown(host) })?
            .map_err(|_| OutboundError::NotResolved { host: shown(host) })?;
        self.permitted(host, found)
    }

    /// Those of the addresses that may be connected to, in the order given; refused when there is none.
    fn permitted(
        &self,
        host: &str,
        found: impl IntoIterator<Item = SocketAddr>,
    ) -> Result<Vec<SocketAddr>, OutboundError> {
        let mut any = false;
        let mut permitted = Vec::new();
        for address in found {
            any = true;
            let address = canonical(address);
            if self.permits(host, address) && !permitted.contains(&address) && permitted.len() < ADDRESSES_MAX
            {
                permitted.push(address);
            }
        }
        match (permitted.is_empty(), any) {
            (false, _) => Ok(permitted),
            (true, true) => Err(OutboundError::Refused { host: shown(host) }),
            (true, false) => Err(OutboundError::NotResolved { host: shown(host) }),
        }
    }

    fn permits(&self, host: &str, address: SocketAddr) -> bool {
        let Rules { allowed, denied, .. } = &*self.rules;
        !denied.iter().any(|denied| names(*denied, address))
            && (!range::is_refused(address.ip())
                || allowed.iter().any(|allowance| allowance.covers(host, address)))
    }
}

/// Whether a denied address means this one.
fn names(denied: SocketAddr, address: SocketAddr) -> bool {
    let local = address.ip().is_loopback() || address.ip().is_unspecified();
    denied == address || (denied.port() == address.port() && denied.ip().is_unspecified() && local)
}

/// The v4 address behind a v4-mapped one: what the connection would go to.
fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

/// What of a host is repeated in an error: no control characters, and not more than a name can have.
fn shown(host: &str) -> String {
    host.chars().filter(|character| !character.is_control()).take(HOST_MAX).collect()
}

#[cfg(test)]
pub(crate) mod tests;
