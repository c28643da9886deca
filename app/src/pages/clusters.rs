//! Clusters.

pub mod list;

pub use list::Clusters;
