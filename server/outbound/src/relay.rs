//! The relay: how programs that we start get into the network, and the only way that they are given.
//!
//! It is an HTTP proxy on a free port of the loopback interface. Whoever asks it shows the word of a [`Pass`], which
//! is made for one call of a program and holds for the destinations of that call alone. What the program asks for is
//! resolved, judged and connected to here, by the same [`Connector`] that our own clients use, so that the address
//! that was checked is the address that is reached.
//!
//! ```text
//! program ──CONNECT host:port──────► serve (head, pass, destination) ─► upstream (policy, proxies) ─► tunnel
//!         ──GET http://host:port/x─►                                                              └─► forward
//! ```
//!
//! A request without a pass is answered by 407, one for another destination by 403, and one that came to nothing by
//! 403 or 502 without a word about why: the program's input is a stranger's. Our own side learns it from
//! [`Pass::take_refusal`]. TLS and ssh go through as they are.
//!
//! To lead another program through it: a pass with its destinations, whose word reaches the program in a file that
//! only we read, for arguments and variables are seen by others.

mod forward;
mod pass;
mod serve;
#[cfg(test)]
mod tests;
mod traffic;
mod tunnel;
pub(crate) mod upstream;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::AbortHandle;

use self::pass::Passes;
pub use self::pass::{Destination, Pass};
use crate::{Connector, Policy, Proxies};

/// The relay of one server. Clones are the same one; it ends with the last of them and the last pass.
#[derive(Clone, Debug)]
pub struct Relay {
    running: Arc<Running>,
}

#[derive(Debug)]
struct Running {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: AbortHandle,
}

/// What every connection needs.
#[derive(Debug)]
struct Shared {
    passes: Passes,
    proxies: Proxies,
    bounds: Bounds,
    places: Arc<Semaphore>,
}

/// How much a program may take up.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    /// Connections at once; more of them wait.
    connections: usize,
    /// Until the head of a request has come.
    head: Duration,
    /// Without a byte either way; a connection is closed then, at the latest after twice that.
    idle: Duration,
}

impl Default for Bounds {
    /// A git call has one or two connections. No host counts its objects for longer without a sign of life.
    fn default() -> Self {
        Self { connections: 256, head: Duration::from_secs(10), idle: Duration::from_mins(10) }
    }
}

impl Relay {
    /// Listens from now on; to be called where the runtime is. Behind `proxies`, it asks these to connect.
    pub fn start(proxies: Proxies) -> io::Result<Self> {
        Self::within(proxies, Bounds::default())
    }

    fn within(proxies: Proxies, bounds: Bounds) -> io::Result<Self> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let listener = TcpListener::from_std(listener)?;
        let address = listener.local_addr()?;
        let places = Arc::new(Semaphore::new(bounds.connections));
        let shared = Arc::new(Shared { passes: Passes::default(), proxies, bounds, places });
        let accepting = tokio::spawn(serve::accept(listener, Arc::clone(&shared))).abort_handle();
        Ok(Self { running: Arc::new(Running { address, shared, accepting }) })
    }

    /// Lets whoever knows its word connect to these destinations, as far as the policy allows, as long as it lives. The
    /// relay itself is no destination, whatever is allowed.
    pub fn pass(&self, policy: &Policy, destinations: Vec<Destination>) -> Result<Pass, getrandom::Error> {
        let connector = Connector::new(policy.denying(&[self.running.address]));
        Pass::new(self.clone(), connector, destinations)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.running.address
    }

    fn passes(&self) -> &Passes {
        &self.running.shared.passes
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}
