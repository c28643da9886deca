//! The policy: which resolved addresses may be connected to.

mod allowance;
#[cfg(any(test, feature = "answers"))]
mod answers;
mod range;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use domain::outbound::Narrowing;
use tokio::net::lookup_host;
use tokio::time::timeout;

use self::allowance::Allowance;
pub use self::allowance::AllowanceError;
use crate::OutboundError;
use crate::host::comparable;

/// A resolver that has not answered by then will not; a form waits for this.
const RESOLVE_TIMEOUT: Duration = Duration::from_secs(5);

/// Names have at most 253 characters (RFC 1035); longer ones are not handed to the resolver.
const HOST_MAX: usize = 253;

/// More addresses of one name are not tried.
const ADDRESSES_MAX: usize = 16;

/// Which addresses may be connected to: everything but the server itself, its links, metadata services, and
/// ranges that are nobody's. Private addresses are allowed, because that is where most clusters are. What the lists of
/// subscriptions ([`Policy::narrowed`]) do not name is refused besides.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    rules: Arc<Rules>,
}

#[derive(Clone, Debug, Default)]
struct Rules {
    allowed: Vec<Allowance>,
    denied: Vec<SocketAddr>,
    /// Each of them has to allow an address; none of them is empty.
    narrowings: Vec<Narrowing>,
    /// What the resolver says in tests, one after the other.
    #[cfg(any(test, feature = "answers"))]
    answers: Option<answers::Answers>,
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

    /// Also refuses whatever a list does not name; an empty list refuses nothing. It never allows what was refused: a
    /// name on it stands for the addresses that are allowed without it.
    #[must_use]
    pub fn narrowed(&self, narrowing: &Narrowing) -> Self {
        if narrowing.is_empty() {
            return self.clone();
        }
        let mut rules = Rules::clone(&self.rules);
        rules.narrowings.push(narrowing.clone());
        Self { rules: Arc::new(rules) }
    }

    /// Whether the lists allow a host whose addresses nobody here knows, because a proxy looks it up: by its name alone.
    pub(crate) fn lists_name(&self, host: &str) -> Result<(), OutboundError> {
        let name = comparable(host);
        let listed = self.rules.narrowings.iter().all(|narrowing| narrowing.covers_name(&name));
        if listed { Ok(()) } else { Err(OutboundError::NotListed { host: shown(host) }) }
    }

    /// The addresses of a host that may be connected to, at least one. Numbers in any spelling count as hosts; they
    /// are checked as what the resolver makes of them.
    pub async fn resolve(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, OutboundError> {
        let name = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
        if name.is_empty() || name.len() > HOST_MAX || name.contains('\0') {
            return Err(OutboundError::NotResolved { host: shown(host) });
        }
        let spelled = comparable(host);
        // Whatever its addresses were: nobody is asked for them.
        if !self.rules.narrowings.iter().all(|list| list.covers_name(&spelled) || list.has_ranges()) {
            return Err(OutboundError::NotListed { host: shown(host) });
        }
        #[cfg(any(test, feature = "answers"))]
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
        let name = comparable(host);
        let (mut any, mut any_allowed) = (false, false);
        let mut permitted = Vec::new();
        for address in found {
            any = true;
            let address = canonical(address);
            let allowed = self.allows(host, address);
            any_allowed |= allowed;
            if allowed
                && self.lists(&name, address)
                && !permitted.contains(&address)
                && permitted.len() < ADDRESSES_MAX
            {
                permitted.push(address);
            }
        }
        let host = || shown(host);
        match (permitted.is_empty(), any_allowed, any) {
            (false, ..) => Ok(permitted),
            (true, true, _) => Err(OutboundError::NotListed { host: host() }),
            (true, false, true) => Err(OutboundError::Refused { host: host() }),
            (true, false, false) => Err(OutboundError::NotResolved { host: host() }),
        }
    }

    /// The server's own decision.
    fn allows(&self, host: &str, address: SocketAddr) -> bool {
        let Rules { allowed, denied, .. } = &*self.rules;
        !denied.iter().any(|denied| names(*denied, address))
            && (!range::is_refused(address.ip())
                || allowed.iter().any(|allowance| allowance.covers(host, address)))
    }

    /// What the lists say besides.
    fn lists(&self, name: &str, address: SocketAddr) -> bool {
        let mut lists = self.rules.narrowings.iter();
        lists.all(|list| list.covers_name(name) || list.covers_address(address.ip()))
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
