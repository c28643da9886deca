//! Where Fairlead may connect to: one policy for every address that people name (repositories, clusters).
//!
//! - [`Policy`] decides on *resolved* addresses, so that a name, a number or an odd spelling that leads to the
//!   server itself is refused as well.
//! - [`Policy::resolve`] hands out checked addresses only. Whoever connects uses these and never resolves the
//!   name a second time, so that a name cannot change its mind between check and use.
//! - [`Proxies`] tells which of the administrator's proxies leads to a host.
//! - [`Connector`] does both for HTTP clients of the hyper family.
//!
//! To refuse a further range: add it to `policy/range.rs` with its reason and a line in its test.
//!
//! Architecture invariant: no other crate opens a connection to an address that came from a person.

mod connector;
mod error;
mod policy;
mod proxies;

pub use self::connector::Connector;
pub use self::error::OutboundError;
pub use self::policy::{AllowanceError, Policy};
pub use self::proxies::{Proxies, Proxy, ProxyError};
