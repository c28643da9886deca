//! The ports of `service` and `reconciler`, implemented over `cluster`, `vault` and `storage`: the one place
//! where stored credentials become connections.

mod clusters;
mod planner;
mod probe;

pub use clusters::ConnectedClusters;
pub use planner::RunPlanner;
pub use probe::KubeconfigProbe;
