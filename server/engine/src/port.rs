//! The two doors to the outside world, as the engine and the reconciler see them.
//!
//! `source` implements [`source::Source`], `cluster` implements [`cluster::Cluster`]; neither knows the other,
//! and nothing behind these traits is seen on this side: no kube type, no git type, no credential.

pub mod cluster;
pub mod source;
