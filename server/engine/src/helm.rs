//! `HelmRelease` of the Flux Helm operator v1 (`helm.fluxcd.io/v1`), pure: what its spec means and what has to be done.
//!
//! ```text
//! object ─ spec ─► HelmRelease ─ values ─► merged      Situation ─ decide ─► Decision      Phase ─ status ─► conditions
//!                    └─ names of the release and its namespace
//! ```
//!
//! To add a field of the spec: `spec.rs` with a row in its test, and the definition that the `cluster` crate makes.

pub mod decide;
pub mod manifest;
pub mod spec;
pub mod status;
pub mod values;
