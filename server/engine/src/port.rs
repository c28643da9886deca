//! The doors to the outside world, as the engine and the reconciler see them.
//!
//! `source` implements [`source::Source`] and [`remote_base::RemoteBases`], `cluster` implements [`cluster::Cluster`],
//! `generate` implements [`generate::Generate`] and asks for remote bases, `helm` implements [`helm::Helm`]; none knows another,
//! and nothing behind these traits is seen on this side: no kube type, no git type, no credential, no process.

pub mod cluster;
pub mod generate;
pub mod helm;
pub mod release;
pub mod remote_base;
pub mod source;
