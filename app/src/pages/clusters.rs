//! Clusters: list, connecting one, one of them.

pub mod connect;
pub mod detail;
pub mod facts;
pub mod list;
pub mod preflight;
pub mod renew;
pub mod retirements;

pub use connect::Connect;
pub use detail::ClusterPage;
pub use list::Clusters;
