//! A Kubernetes cluster, as far as Helm releases need it.

use std::any::Any;
use std::fmt;

use async_trait::async_trait;
use domain::object::{ObjectKey, ResourceKind};
use secrecy::SecretString;
use serde_json::Value;

use super::cluster::{ClusterError, ObjectError};

/// API group of the Helm operator's kind.
pub const HELM_RELEASE_GROUP: &str = "helm.fluxcd.io";
/// The Helm operator's kind.
pub const HELM_RELEASE_KIND: &str = "HelmRelease";

/// How `HelmRelease` is served: its definition is ours to make (Flux Helm operator v1).
pub fn helm_release_kind() -> ResourceKind {
    ResourceKind {
        group: HELM_RELEASE_GROUP.to_owned(),
        version: "v1".to_owned(),
        kind: HELM_RELEASE_KIND.to_owned(),
        plural: "helmreleases".to_owned(),
        namespaced: true,
    }
}

/// What releases read and write besides the helm program, as the operator's service account.
#[async_trait]
pub trait ReleaseClient: Send + Sync {
    /// A kubeconfig for one call of the helm program.
    fn lend(&self) -> Result<LentKubeconfig, ClusterError>;

    /// All `HelmRelease` objects, whole, in one namespace or in all.
    async fn helm_releases(&self, namespace: Option<&str>) -> Result<Vec<Value>, ObjectError>;

    /// One object, whole: for values. `None` when there is none.
    async fn read(&self, kind: &ResourceKind, object: &ObjectKey) -> Result<Option<Value>, ObjectError>;

    /// Our sight of what releases have made: objects of a kind that helm labelled as its own, by their metadata.
    async fn made(
        &self,
        kind: &ResourceKind,
        namespace: Option<&str>,
    ) -> Result<Vec<(ObjectKey, MadeObject)>, ObjectError>;

    /// What Helm keeps of its releases, by the labels of its Secrets; their content is not asked for.
    async fn stored(&self, namespace: Option<&str>) -> Result<Vec<StoredRelease>, ObjectError>;

    /// Writes the status of a `HelmRelease`, and nothing else of it.
    async fn write_status(&self, object: &ObjectKey, status: &Value) -> Result<(), ObjectError>;

    /// Sets one annotation of an object that a release has made; one that is gone needs none.
    async fn annotate(
        &self,
        kind: &ResourceKind,
        object: &ObjectKey,
        annotation: (&str, &str),
    ) -> Result<(), ObjectError>;
}

/// A kubeconfig that is the operator's service account and leads through our relay. It holds as long as this value.
pub struct LentKubeconfig {
    /// For a file that only the program reads.
    pub text: SecretString,
    /// Where the program is led.
    pub relay: std::net::SocketAddr,
    _pass: Box<dyn Any + Send + Sync>,
}

impl LentKubeconfig {
    /// `pass` is what makes it hold.
    pub fn new(text: SecretString, relay: std::net::SocketAddr, pass: Box<dyn Any + Send + Sync>) -> Self {
        Self { text, relay, _pass: pass }
    }
}

impl fmt::Debug for LentKubeconfig {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("LentKubeconfig").field("relay", &self.relay).finish_non_exhaustive()
    }
}

/// An object of a release as its metadata shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeObject {
    /// `metadata.uid`
    pub uid: String,
    /// Hash of helm's own managed fields: unchanged means that nobody changed what helm wrote.
    pub helm_fields: String,
    /// `helm.fluxcd.io/antecedent`: the `HelmRelease` that it belongs to.
    pub antecedent: Option<String>,
}

/// One revision of a release in Helm's own storage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRelease {
    /// Where it is stored, and its objects by default.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Counts from 1.
    pub revision: u32,
    /// Helm's word, such as `deployed`, `superseded` or `pending-upgrade`.
    pub status: String,
    /// When helm wrote it last, in seconds since 1970; 0 where it does not say.
    pub modified_at: i64,
}
