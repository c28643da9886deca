//! Kubernetes clusters: the one crate that talks to API servers.
//!
//! - [`kubeconfig`] reads what people paste and gives [`Credential`]s.
//! - [`Connection`] is one cluster with one credential; it implements the engine's port
//!   [`engine::port::cluster::Cluster`]. [`Connections`] keeps them open.
//! - Behind it: `transport` (one pool of connections, TLS, impersonation, pace), `call` (one request with its limits
//!   and faults), and one module for each thing that is done in a cluster: `operator`, `discovery`, `apply`,
//!   `prune`, `observer`, `release`, `identity`, `facts`, `preflight`.
//!
//! Architecture invariants:
//! - kube's own kubeconfig loader is never used: it runs programs and reads files that the kubeconfig names.
//! - Every read and write of a sync goes through a client that is the operator's service account; the kubeconfig's own
//!   identity does nothing but `identity`, `operator`, `observer`, `facts`, `preflight` and the definition of `HelmRelease`.
//! - What an API server says is bounded, and of Secrets nothing is repeated.
//!
//! To do a further thing in a cluster: a module with a function that takes an `ApiServer` (which is already somebody),
//! a method of the port, a line in `connection.rs`, a right in `preflight/rights.rs` when the kubeconfig's own
//! identity does it, and a test against the testbed's API server in `tests/`.

mod apply;
mod call;
mod compare;
mod connection;
mod credential;
mod discovery;
mod facts;
mod identity;
pub mod kubeconfig;
mod observer;
mod operator;
mod preflight;
mod prune;
mod reason;
mod registry;
mod release;
mod transport;

pub use self::connection::{Connection, Look};
pub use self::credential::{Credential, UnreadableCredential};
pub use self::registry::{ConnectionVersion, Connections};
