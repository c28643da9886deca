//! The port through which kubeconfigs are read and clusters looked at, before there is a cluster to speak of.
//!
//! Implemented in the server over the `cluster` crate, so that this crate never sees Kubernetes.

use async_trait::async_trait;
use domain::cluster::{ClusterStatus, ClusterUid, Preflight};
use domain::outbound::Narrowing;
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

/// A pasted kubeconfig: what is shown of it, and what of it waits, encrypted, until a context is chosen.
pub struct ReadKubeconfig {
    /// All contexts, each with the fields that refuse it.
    pub contexts: Vec<ContextView>,
    /// The credentials of those that can be chosen, and nothing else of the file.
    pub waiting: SecretString,
}

/// Reads kubeconfigs and asks clusters, where `outbound` and the server's own policy let it.
#[async_trait]
pub trait ClusterProbe: Send + Sync {
    /// Reads what was pasted.
    fn read(&self, kubeconfig: &str) -> Result<ReadKubeconfig, Violations>;

    /// One context of a [`ReadKubeconfig::waiting`], when nothing refuses it.
    fn choose(&self, waiting: &SecretString, context: &str) -> Result<ChosenContext, Violations>;

    /// What the credential may do, read from the cluster.
    async fn preflight(&self, credential: &SecretString, outbound: &Narrowing) -> Preflight;

    /// Connectivity, facts and identity.
    async fn look(
        &self,
        credential: &SecretString,
        outbound: &Narrowing,
    ) -> (ClusterStatus, Option<ClusterUid>);
}
