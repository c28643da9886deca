//! The doors to connected clusters and to credentials; implemented in the server, where these are decrypted.

use std::sync::Arc;

use async_trait::async_trait;
use domain::cluster::{ClusterStatus, ClusterUid, Preflight};
use domain::configuration::ConfigurationSpec;
use domain::id::{ClusterId, ConfigurationId};
use engine::port::cluster::{Cluster, ClusterError};
use engine::port::source::{Access, SourceError};

/// Connected clusters by their entry.
#[async_trait]
pub trait Clusters: Send + Sync {
    /// The connection; made when there is none, and made anew when the credential has changed, or
    /// the list of hosts that its subscription allows.
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

/// What configurations' repositories are read with.
#[async_trait]
pub trait Credentials: Send + Sync {
    /// The present credential of a configuration, decrypted for one run.
    async fn open(
        &self,
        configuration: ConfigurationId,
        spec: &ConfigurationSpec,
    ) -> Result<Credential, SourceError>;
}

/// A credential for one run.
#[derive(Clone, Debug)]
pub struct Credential {
    /// What the host is shown.
    pub access: Access,
    /// The host has taken this very credential once, or there is none to take.
    pub accepted: bool,
}
