//! The port through which kubeconfigs are read and clusters looked at, before there is a cluster to speak of.
//!
//! Implemented in the server over the `cluster` crate, so that this crate never sees Kubernetes.

use async_trait::async_trait;
use domain::cluster::{ClusterStatus, ClusterUid, Preflight};
use domain::service::ContextView;
use domain::violation::Violations;
use secrecy::SecretString;

/// One context of a kubeconfig, checked and reduced to what a connection needs.
pub struct ChosenContext {
    /// The credential in the form that is sealed and stored.
    pub credential: SecretString,
    /// The API server's address, the only part that is ever shown.
    pub server: String,
}

/// Reads kubeconfigs and asks clusters.
#[async_trait]
pub trait ClusterProbe: Send + Sync {
    /// The contexts of a kubeconfig, each with the fields that refuse it.
    fn contexts(&self, kubeconfig: &str) -> Result<Vec<ContextView>, Violations>;

    /// One context, when nothing refuses it.
    fn choose(&self, kubeconfig: &str, context: &str) -> Result<ChosenContext, Violations>;

    /// What the credential may do, read from the cluster.
    async fn preflight(&self, credential: &SecretString) -> Preflight;

    /// Connectivity, facts and identity.
    async fn look(&self, credential: &SecretString) -> (ClusterStatus, Option<ClusterUid>);
}
