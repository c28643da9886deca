//! Where Fairlead may connect to, and the one way there: for every address that people name (repositories, clusters,
//! identity providers), by our own clients and by the programs that we start.
//!
//! - [`Policy`] decides on *resolved* addresses, so that a name, a number or an odd spelling that leads to the
//!   server itself is refused as well. The list of a subscription narrows it ([`Policy::narrowed`]).
//! - [`Connector`] resolves, asks the policy and connects to that very address in one step, so that a name cannot change
//!   its mind between check and use. It is what HTTP clients of the hyper family connect with.
//! - [`Route`] is the same for clients that take the administrator's proxies: each of these leads to a checked host.
//! - [`Relay`] does the same for programs: a proxy of our own on the loopback interface, which each call of a program
//!   may use by a [`Pass`], for its own [`Destination`]s and as long as it runs.
//! - [`Proxies`] tells which of the administrator's proxies leads to a host.
//!
//! To refuse a further range: add it to `policy/range.rs` with its reason and a line in its test.
//!
//! Architecture invariant: no other crate opens a connection to an address that came from a person, and no program
//! that we start is told of another way into the network than the relay.

mod connector;
mod error;
mod host;
mod policy;
mod proxies;
mod relay;
mod route;

pub use self::connector::Connector;
pub use self::error::OutboundError;
pub use self::policy::{AllowanceError, Policy};
pub use self::proxies::{Proxies, Proxy, ProxyError};
pub use self::relay::{Destination, Pass, Relay};
pub use self::route::{Route, Routed};
