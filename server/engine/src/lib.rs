//! The `GitOps` heart, pure: what a repository's files mean and what has to happen in a cluster.
//!
//! ```text
//! Tree ─ load ─► Load ─ resolve ─► Desired… ─ plan ─► Plan<Proposed> ─ approve ─► Plan<Approved> ─► stages
//!        files,         scope, namespace,      compared with inventory                what the reconciler
//!        Lists          marks, left out        and what the watches saw               does, in order
//!                                                        outcomes ─ assess ─► compliance, level, reason, counts
//! ```
//!
//! What left Git goes by [`prune`] alone: a proof of a complete read, a guard, a last look at the live object.
//!
//! Beside the walk: [`tree_id`] tells whether a new revision can change anything at all, [`health`] judges live
//! objects by kstatus rules, [`own_fields`] tells whether somebody changed what we applied.
//!
//! Architecture invariant: no IO of its own, no clock, no randomness. Files come through [`port::source::Tree`],
//! everything about a cluster is plain data.
//!
//! To teach it a kind's health: a function in `health/`, a line in [`health`]'s table, the spec fields it reads in
//! `health/reduce.rs`, a table test. To give a kind another place in the order of application: `order.rs`.
//! To read more kinds of files: `load/walk.rs` decides which, `load/document.rs` what they say; count up
//! [`tree_id::LOAD_VERSION`], or unchanged trees are not read again.

pub mod assess;
pub mod builtin;
mod canonical;
pub mod desired;
pub mod difference;
pub mod health;
pub mod helm;
pub mod hidden;
pub mod limits;
pub mod load;
pub mod marks;
pub mod order;
pub mod own_fields;
pub mod plan;
pub mod port;
pub mod prune;
pub mod resolve;
pub mod takeover;
#[cfg(test)]
mod testing;
pub mod tree_id;
pub mod warning;
