//! The ports of `service` and `reconciler`, implemented over `cluster`, `vault` and `storage`: the one place
//! where stored credentials become connections and what a host is shown.

mod clusters;
mod credentials;
mod hidden;
mod planner;
mod probe;
mod sources;

pub use clusters::ConnectedClusters;
pub use credentials::StoredCredentials;
pub use planner::RunPlanner;
pub use probe::KubeconfigProbe;
pub use sources::DiscreetSource;
