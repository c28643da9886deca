//! The GitOps heart, pure: what a repository's files mean and what has to happen in a cluster.

pub mod desired;
pub mod port;
