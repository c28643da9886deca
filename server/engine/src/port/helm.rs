//! The helm program and its charts, as far as releases need them.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::outbound::Narrowing;
use serde_json::Value;

use super::release::LentKubeconfig;
use super::source::{HttpsCredential, Tree};

/// The version of the helm program that is installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HelmVersion {
    /// 3 or 4.
    pub major: u32,
    /// As it says itself, such as `v3.17.2`.
    pub text: String,
}

/// Helm, as far as a release needs it. One call of a method is at most one process.
#[async_trait]
pub trait Helm: Send + Sync {
    /// What is installed; else the sentence that says how to get it.
    fn installed(&self) -> Result<HelmVersion, HelmError>;

    /// The version that a request means now: an exact one is itself, and asks nobody.
    async fn chart_version(&self, request: &ChartRequest) -> Result<String, HelmError>;

    /// A document of values at a URL, at most `limit` bytes, within the server's policy and the subscription's list.
    async fn document(&self, url: &str, limit: u64, outbound: &Narrowing) -> Result<Vec<u8>, HelmError>;

    /// A chart of a repository or registry, fetched unless it is kept already.
    async fn chart(&self, request: &ChartRequest) -> Result<Arc<dyn Chart>, HelmError>;

    /// A chart that lies in a folder of a Git tree. Its missing dependencies are fetched when `dependencies` says so.
    async fn chart_of_tree(
        &self,
        tree: Arc<dyn Tree>,
        path: &str,
        dependencies: Option<&ChartAccess>,
    ) -> Result<Arc<dyn Chart>, HelmError>;

    /// Installs the release, or upgrades it.
    async fn deploy(&self, call: &Call<'_>, deploy: &Deploy<'_>) -> Result<Deployed, HelmError>;

    /// Makes the release what an earlier revision of it was.
    async fn rollback(&self, call: &Call<'_>, rollback: &Rollback) -> Result<(), HelmError>;

    /// Removes what the release has made, and its history unless that is to be kept.
    async fn uninstall(&self, call: &Call<'_>, keep_history: bool) -> Result<(), HelmError>;

    /// Runs the tests of the chart; gives back what they said.
    async fn test(&self, call: &Call<'_>) -> Result<String, HelmError>;

    /// The latest revision as helm keeps it.
    async fn get(&self, call: &Call<'_>, revision: Option<u32>) -> Result<Deployed, HelmError>;

    /// All revisions that helm keeps, oldest first.
    async fn history(&self, call: &Call<'_>) -> Result<Vec<Revision>, HelmError>;
}

/// Which release, as whom, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct Call<'call> {
    /// Namespace of the release's storage.
    pub namespace: &'call str,
    /// The release.
    pub release: &'call str,
    /// The operator's kubeconfig.
    pub kubeconfig: &'call LentKubeconfig,
    /// `--timeout`: of every single Kubernetes operation, and with some more the bound of the process.
    pub timeout: Duration,
}

/// What an install or upgrade is made of.
#[expect(clippy::struct_excessive_bools, reason = "helm's own flags, each by its name")]
pub struct Deploy<'deploy> {
    /// The chart.
    pub chart: &'deploy dyn Chart,
    /// Values, merged.
    pub values: &'deploy Value,
    /// Whether the values of the release before count where these say nothing (`resetValues: false`).
    pub reuse_values: bool,
    /// Revisions that helm keeps; 0 keeps all.
    pub max_history: u32,
    /// Waits until what it made is ready.
    pub wait: bool,
    /// Replaces what cannot be changed (`forceUpgrade`).
    pub force: bool,
    /// Leaves the chart's definitions out (`skipCRDs`).
    pub skip_crds: bool,
    /// `disableOpenAPIValidation`
    pub skip_validation: bool,
    /// Nothing is written.
    pub dry_run: bool,
}

/// How a rollback goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "helm's own flags, each by its name")]
pub struct Rollback {
    /// To which revision; the one before when `None`.
    pub revision: Option<u32>,
    /// Waits until what it made is ready.
    pub wait: bool,
    /// Replaces what cannot be changed.
    pub force: bool,
    /// Leaves the chart's hooks out.
    pub skip_hooks: bool,
    /// Restarts pods (helm 3 alone knows it).
    pub recreate: bool,
    /// Revisions that helm keeps.
    pub max_history: u32,
}

/// A release as helm tells of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deployed {
    /// Counts from 1.
    pub revision: u32,
    /// Helm's word, such as `deployed`.
    pub status: String,
    /// What the chart tells whoever installs it; a stranger's text.
    pub notes: String,
    /// What was applied, YAML.
    pub manifest: String,
    /// The values that were given, which may hold secrets.
    pub values: Value,
}

/// One revision of a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// Counts from 1.
    pub revision: u32,
    /// When, in helm's own writing of RFC 3339.
    pub updated: String,
    /// Helm's word.
    pub status: String,
    /// `NAME-VERSION`
    pub chart: String,
    /// The application's version, as the chart says.
    pub app_version: String,
    /// What helm says of it.
    pub description: String,
}

/// A chart that lies ready on the server's disk.
pub trait Chart: Send + Sync {
    /// Its name.
    fn name(&self) -> &str;
    /// Its version.
    fn version(&self) -> &str;
    /// Changes with its content and that of its dependencies.
    fn digest(&self) -> &str;
    /// A file of it, at most `limit` bytes; `None` when there is none.
    fn read(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, HelmError>;
    /// The folder that helm reads; it is there as long as this value.
    fn folder(&self) -> &Path;
}

/// A chart of a repository.
#[derive(Clone, Debug)]
pub struct ChartRequest {
    /// `https://…`, `http://…` or `oci://…`
    pub repository: String,
    /// Its name there.
    pub name: String,
    /// A version, or what Helm takes for one: `^1.2`, `>=1 <2`.
    pub version: String,
    /// On whose behalf.
    pub access: ChartAccess,
    /// How old the repository's index may be.
    pub index_age: Duration,
}

/// On whose behalf charts are fetched, and what hosts are shown.
#[derive(Clone, Debug, Default)]
pub struct ChartAccess {
    /// Charts are never shared between tenants: the resource group's id.
    pub tenant: String,
    /// Tells the credentials of one tenant apart and says nothing of them.
    pub identity: String,
    /// Shown to one host alone.
    pub credential: Option<HttpsCredential>,
    /// Any URL of the host that the credential is for.
    pub credential_origin: String,
    /// PEM of the authorities that hosts' certificates are checked with, beside the public ones.
    pub authorities: Option<String>,
    /// Where the subscription may lead to; it narrows what the server allows.
    pub outbound: Narrowing,
}

/// Why helm could not do what a release needs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct HelmError {
    /// What to do about it depends on this.
    pub fault: HelmFault,
    /// One sentence, scrubbed and bounded.
    pub message: String,
}

/// What kind of failure it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HelmFault {
    /// There is no helm, or none of a version that is known.
    Missing,
    /// The chart could not be had.
    Chart,
    /// Helm refused, or the cluster did; what it had begun is recorded in its storage.
    Refused,
    /// It did not end in time.
    TimedOut,
    /// Something inside failed: a disk, a limit, a killed process.
    Internal,
}

impl HelmError {
    /// A failure with its sentence.
    pub fn new(fault: HelmFault, message: impl fmt::Display) -> Self {
        Self { fault, message: message.to_string() }
    }
}
