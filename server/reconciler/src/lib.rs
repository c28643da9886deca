//! Brings clusters to what Git says: which configuration is due, who may run it, and the run itself.
//!
//! - [`queue`](Reconciler::run) takes what is due, fairly ([`fairness`]), each under a lease (`worker`)
//! - `reconcile` is the run, one line per stage; each stage has its file below `stage/`
//! - `preview` is the run up to its plan, for a revision that is not synced yet
//! - `watch` follows what the clusters' watches see: health is stored, drift makes a configuration due; `operators`
//!   does the same for the operators' own objects, `follow` starts both for every cluster that answers
//! - `releases` keeps Helm releases, beside the syncs that apply their `HelmRelease` objects
//! - `connectivity` looks at every cluster on a timer, `retire` removes operators that are no longer wanted,
//!   `tidy` mirrors that nobody reads
//!
//! Architecture invariant: this crate and `service` never see each other. They meet in stored spec and status,
//! and in a wake-up that carries nothing.
//!
//! To add a stage: a file below `stage/` with one function that takes the [`run::Run`], a line in `reconcile`
//! with its [`abort::abort_at`] point, and the point in the server's test of interrupted syncs.

mod abort;
mod backoff;
mod changes;
mod connectivity;
mod fairness;
mod follow;
mod operators;
mod port;
mod preview;
mod progress;
mod queue;
mod reconcile;
mod releases;
mod retire;
mod run;
mod stage;
mod tidy;
mod watch;
mod worker;

pub use port::{Clusters, Credential, Credentials, Look};
pub use preview::Unplanned;
pub use queue::{Outside, Reconciler, Settings};
