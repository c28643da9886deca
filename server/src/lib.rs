//! The composition root: the only crate that knows all the others, and that nobody depends on.
//!
//! - [`settings`] what can be set, [`cli`] the command line
//! - [`composition`] builds the parts and hands them to each other
//! - [`rest`] the REST API: ARM's routes and our own
//! - [`router`] which request goes where, [`middleware`] what each passes on its way
//! - [`adapters`] the ports of `service` and `reconciler`, implemented over `cluster`, `vault` and `storage`
//! - [`keys`] where the key ring comes from and how its keys are exchanged, [`backup`] both halves in and out of files
//! - [`lifecycle`] start and end, `own_process` closes ours to others, [`serving`] connections and their limits, [`tls`] with a certificate of our own
//!
//! To add a route: write its handler below `routes/`, name it in [`router`]; it needs a session until its path
//! stands in [`middleware::guard::PUBLIC_PATHS`].

pub mod adapters;
pub mod backup;
pub mod cli;
pub mod clock;
pub mod composition;
pub mod cookie;
pub mod error;
pub mod keys;
pub mod lifecycle;
pub mod middleware;
mod own_process;
pub mod rest;
pub mod router;
pub mod routes;
pub mod serving;
pub mod settings;
pub mod telemetry;
pub mod tls;
