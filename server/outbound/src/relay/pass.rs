//! What a program shows to be connected, and to where.

use std::collections::HashMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use data_encoding::{BASE64, HEXLOWER};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

use super::Relay;
use crate::host::comparable;
use crate::{Connector, OutboundError};

/// Clients send a name beside the word; it says nothing.
const NAME: &str = "relay";

/// Too much to try.
const WORD_BYTES: usize = 32;

type Fingerprint = [u8; 32];

/// One place that a program may be led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// `http` for requests that name their URL, anything else for tunnels; the proxy is chosen by it.
    pub scheme: &'static str,
    /// Name or address, an IPv6 address with or without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
}

impl Destination {
    /// As HTTP has it: `host:port`, an IPv6 address in brackets.
    pub fn authority(&self) -> String {
        let Self { scheme: _, host, port } = self;
        if host.contains(':') && !host.starts_with('[') {
            format!("[{host}]:{port}")
        } else {
            format!("{host}:{port}")
        }
    }

    /// Whether a program that asks for this means it: clients spell numbers and names in their own way.
    fn is(&self, tunnel: bool, host: &str, port: u16) -> bool {
        tunnel == (self.scheme != "http") && self.port == port && comparable(&self.host) == comparable(host)
    }
}

/// The right of one call of a program to be connected. Dropped, it holds no longer, and what is open by it is closed.
pub struct Pass {
    relay: Relay,
    word: SecretString,
    fingerprint: Fingerprint,
    grant: Arc<Grant>,
}

/// What a pass is good for.
#[derive(Debug)]
pub(super) struct Grant {
    destinations: Vec<Destination>,
    pub(super) connector: Connector,
    pub(super) revoked: CancellationToken,
    refusal: Mutex<Option<OutboundError>>,
}

/// The passes that hold, by the hash of their words: how long looking one up takes tells nothing about a word.
#[derive(Debug, Default)]
pub(super) struct Passes {
    grants: Mutex<HashMap<Fingerprint, Arc<Grant>>>,
}

impl Pass {
    pub(super) fn new(
        relay: Relay,
        connector: Connector,
        destinations: Vec<Destination>,
    ) -> Result<Self, getrandom::Error> {
        let mut bytes = Zeroizing::new([0; WORD_BYTES]);
        getrandom::fill(&mut *bytes)?;
        let word = HEXLOWER.encode(&*bytes);
        let fingerprint = fingerprint(word.as_bytes());
        let grant = Arc::new(Grant {
            destinations,
            connector,
            revoked: CancellationToken::new(),
            refusal: Mutex::default(),
        });
        relay.passes().lock().insert(fingerprint, Arc::clone(&grant));
        Ok(Self { relay, word: word.into(), fingerprint, grant })
    }

    /// The relay as the setting of a client: `http://name:word@address`.
    pub fn proxy_url(&self) -> SecretString {
        format!("http://{NAME}:{}@{}", self.word.expose_secret(), self.relay.address()).into()
    }

    /// The value of `Proxy-Authorization`.
    pub fn authorization(&self) -> SecretString {
        let words = Zeroizing::new(format!("{NAME}:{}", self.word.expose_secret()));
        format!("Basic {}", BASE64.encode(words.as_bytes())).into()
    }

    /// Where the relay listens.
    pub fn relay_address(&self) -> SocketAddr {
        self.relay.address()
    }

    /// Why the last connection by this pass was not made; `None` when it was, and when there was none yet.
    pub fn take_refusal(&self) -> Option<OutboundError> {
        self.grant.refusal().take()
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        self.relay.passes().lock().remove(&self.fingerprint);
        self.grant.revoked.cancel();
    }
}

impl fmt::Debug for Pass {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Pass").field("destinations", &self.grant.destinations).finish_non_exhaustive()
    }
}

impl Grant {
    /// The destination that a program means.
    pub(super) fn destination(&self, tunnel: bool, host: &str, port: u16) -> Option<&Destination> {
        self.destinations.iter().find(|destination| destination.is(tunnel, host, port))
    }

    /// How the last connection went.
    pub(super) fn note(&self, refusal: Option<OutboundError>) {
        *self.refusal() = refusal;
    }

    fn refusal(&self) -> MutexGuard<'_, Option<OutboundError>> {
        self.refusal.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Passes {
    /// What the bearer of this `Proxy-Authorization` may do.
    pub(super) fn grant(&self, authorization: &[u8]) -> Option<Arc<Grant>> {
        let (scheme, encoded) = std::str::from_utf8(authorization).ok()?.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let words = Zeroizing::new(BASE64.decode(encoded.trim().as_bytes()).ok()?);
        let word = words.strip_prefix(NAME.as_bytes())?.strip_prefix(b":")?;
        self.lock().get(&fingerprint(word)).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Fingerprint, Arc<Grant>>> {
        self.grants.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn fingerprint(word: &[u8]) -> Fingerprint {
    Sha256::digest(word).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_known_in_every_spelling_and_no_other_is_taken_for_it() {
        let of = |host: &str| Destination { scheme: "https", host: host.to_owned(), port: 443 };
        for (ours, theirs) in [
            ("host.example.com", "HOST.example.com."),
            ("0x7f.1", "127.0.0.1"),
            ("2001:db8::7", "[2001:DB8:0::7]"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("under_score", "Under_Score"),
        ] {
            assert!(of(ours).is(true, theirs, 443), "{ours} {theirs}");
        }
        assert!(!of("host").is(true, "host", 80));
        assert!(!of("host").is(false, "host", 443));
        assert!(!of("host").is(true, "host.example.com", 443));
        assert!(!of("").is(true, "host", 443));
        assert_eq!(of("2001:db8::7").authority(), "[2001:db8::7]:443");
    }
}
