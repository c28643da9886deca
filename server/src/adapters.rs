//! The ports of `service` and `reconciler`, implemented over `cluster`, `vault` and `storage`: the one place
//! where stored credentials become connections and what a host is shown; and of identity providers, over `oidc`.

mod clusters;
mod credentials;
mod hidden;
mod identity;
mod planner;
mod probe;
mod releases;
mod sources;

pub use clusters::ConnectedClusters;
pub use credentials::StoredCredentials;
pub use identity::identity_providers;
pub use planner::RunPlanner;
pub use probe::KubeconfigProbe;
pub use releases::HelmReader;
pub use sources::DiscreetSource;
