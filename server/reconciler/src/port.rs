//! The door to connected clusters; implemented in the server, where credentials are decrypted.

use std::sync::Arc;

use async_trait::async_trait;
use domain::cluster::{ClusterStatus, ClusterUid, Preflight};
use domain::id::ClusterId;
use engine::port::cluster::{Cluster, ClusterError};

/// Connected clusters by their entry.
#[async_trait]
pub trait Clusters: Send + Sync {
    /// The connection; made when there is none, and made anew when the credential has changed.
    async fn open(&self, cluster: ClusterId) -> Result<Arc<dyn Cluster>, ClusterError>;

    /// Asks the cluster who and how it is. Never an error: what went wrong is the answer.
    async fn look(&self, cluster: ClusterId) -> Look;

    /// Asks what the credential may do, for the page that has to say what is missing. `None` when the cluster
    /// could not be asked.
    async fn preflight(&self, cluster: ClusterId) -> Option<Preflight>;
}

/// What a look at a cluster told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// Connectivity, why, and facts.
    pub status: ClusterStatus,
    /// Who answered.
    pub uid: Option<ClusterUid>,
}
