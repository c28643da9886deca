//! The use cases the pages and the REST API call, and what they give back.
//!
//! The traits are implemented by the server's `service` crate and handed to the pages as context; a page sees
//! nothing else of the server.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::access::{Actor, Role};
use crate::change::Change;
use crate::clock::Moment;
use crate::cluster::{ClusterStatus, ClusterType, Preflight};
use crate::configuration::ConfigurationDraft;
use crate::health::Health;
use crate::id::{ChangeSetId, ClusterDraftId, ClusterId, ConfigurationId};
use crate::object::ObjectKey;
use crate::page::{Page, PageQuery};
use crate::reason::ObjectReason;
use crate::reason::Reason;
use crate::status::{Compliance, MessageLevel, ObjectCounts, SyncStep};
use crate::violation::{KubeconfigRefusal, Violations};

/// Why a use case did not do it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum ServiceError {
    /// The input breaks rules.
    #[error("the input breaks {} rules", .violations.0.len())]
    Invalid {
        /// All of them.
        violations: Violations,
    },
    /// Nobody is signed in.
    #[error("not signed in")]
    Unauthenticated,
    /// It does not exist, or the actor may not know of it.
    #[error("not found")]
    NotFound,
    /// The actor sees it but may not do this.
    #[error("not allowed")]
    Denied,
    /// Somebody else changed it since it was read.
    #[error("changed meanwhile")]
    Stale,
    /// Something else is in the way, for instance a cluster that still has configurations.
    #[error("in the way: {conflict:?}")]
    Conflict {
        /// What.
        conflict: Conflict,
    },
    /// Too many of these at once; try later.
    #[error("busy")]
    Busy,
    /// Something inside failed; the id finds the log line.
    #[error("internal error {id}")]
    Internal {
        /// Quoted on the page and in the log.
        id: String,
    },
}

/// What stands in the way of a use case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "camelCase")]
pub enum Conflict {
    /// The cluster still has configurations.
    ClusterHasConfigurations {
        /// How many.
        count: u32,
    },
    /// The same cluster (by its identity) is connected already, in a place the actor may see or not.
    ClusterConnectedAlready {
        /// Its name, where the actor may see it.
        name: Option<String>,
    },
    /// A pasted kubeconfig waits for 15 minutes only.
    DraftExpired,
    /// The preflight failed; the cluster cannot be connected like this.
    PreflightFailed,
    /// The link was used already or is too old.
    LinkUsed,
}

// === configurations ===

/// A row of the list of configurations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigurationRow {
    pub id: ConfigurationId,
    pub cluster: ClusterId,
    pub cluster_name: String,
    pub name: String,
    pub repository_url: String,
    pub branch: String,
    pub operator_instance_name: String,
    pub operator_namespace: String,
    /// `cluster` or `namespace`
    pub operator_scope: String,
    pub state: ConfigurationState,
}

/// What changes in a row while it is looked at: the live stream sends exactly this.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigurationState {
    pub id: ConfigurationId,
    /// Grows with every change; an older one is ignored by the browser.
    pub version: i64,
    pub compliance: Compliance,
    pub level: MessageLevel,
    pub reason: Reason,
    /// Worst health of its objects; `None` without objects.
    pub health: Option<Health>,
    pub revision: Option<String>,
    /// Last sync that ended.
    pub last_sync: Option<Moment>,
    /// Running now.
    pub syncing: Option<SyncStep>,
    /// Objects applied so far and to apply, while [`SyncStep::Apply`] runs; else the counts of the last sync.
    pub counts: ObjectCounts,
    /// The cluster does not answer: what is shown is as old as `last_sync`.
    pub offline_since: Option<Moment>,
    /// Being deleted: the operator objects go, then the row.
    pub deleting: bool,
}

/// How many configurations stand how, for the sentence above a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComplianceCounts {
    pub installed: u32,
    pub pending: u32,
    pub failed: u32,
}

/// A list page and what the sentence above it needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigurationList {
    pub page: Page<ConfigurationRow>,
    /// Of everything the filter's cluster shows, not of this page only.
    pub counts: ComplianceCounts,
    /// The server's now, so that both renderings say the same ages.
    pub now: Moment,
    /// The cluster, when the list is one cluster's.
    pub cluster: Option<ClusterRow>,
    /// Whether the actor may add and delete here.
    pub may_write: bool,
}

/// Everything the configuration pane shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigurationDetail {
    pub row: ConfigurationRow,
    /// The spec as the form shows it, secrets left out; also what Settings edits.
    pub draft: ConfigurationDraft,
    /// For optimistic saving: sent back with the form.
    pub spec_version: i64,
    pub detail: Option<String>,
    pub revision_subject: Option<String>,
    pub last_config_applied: Option<Moment>,
    pub created_at: Moment,
    /// Flags accepted without effect, as written.
    pub parameters_without_effect: Vec<String>,
    /// Namespaces its objects are in.
    pub namespaces: Vec<String>,
    pub resources: Vec<ResourceRow>,
    /// Last sync that changed something.
    pub last_change_set: Option<ChangeSetView>,
    /// Newest first, bounded.
    pub history: Vec<HistoryRow>,
    pub deletion: DeletionPreview,
    pub now: Moment,
    pub may_write: bool,
}

/// An object of a configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceRow {
    pub object: ObjectKey,
    pub health: Health,
    /// Why it is not healthy, in the object's own words.
    pub message: Option<String>,
    /// File and line in Git.
    pub place: String,
    /// Why it was refused or left out.
    pub reason: Option<ObjectReason>,
    pub detail: Option<String>,
}

/// A recorded sync with its changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeSetView {
    pub id: ChangeSetId,
    pub revision: Option<String>,
    pub ended_at: Moment,
    pub changes: Vec<Change>,
}

/// A recorded sync in the history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryRow {
    pub id: ChangeSetId,
    pub revision: Option<String>,
    pub subject: Option<String>,
    pub compliance: Compliance,
    pub reason: Reason,
    pub ended_at: Moment,
    pub duration_milliseconds: i64,
    pub counts: ObjectCounts,
}

/// What deleting a configuration will and will not remove.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeletionPreview {
    /// Operator objects that go.
    pub removed: Vec<ObjectKey>,
    /// The operator namespace, that goes only when we made it and nothing else is in it.
    pub namespace: String,
    /// Whether it may go at all (we made it, cluster scope, nobody else uses it).
    pub namespace_may_go: bool,
    /// Applied objects that stay.
    pub kept: Vec<ObjectKey>,
}

/// Use cases on configurations.
#[async_trait]
pub trait ConfigurationService: Send + Sync {
    /// A page of the configurations of one cluster, or of all the actor may see.
    async fn list(
        &self,
        actor: &Actor,
        cluster: Option<ClusterId>,
        query: &PageQuery,
    ) -> Result<ConfigurationList, ServiceError>;
    /// One with all that the pane shows.
    async fn get(&self, actor: &Actor, id: ConfigurationId) -> Result<ConfigurationDetail, ServiceError>;
    /// The live states of these, as far as the actor may see them; for the live stream.
    async fn states(
        &self,
        actor: &Actor,
        ids: &[ConfigurationId],
    ) -> Result<Vec<ConfigurationState>, ServiceError>;
    /// Makes one; the first sync begins at once.
    async fn create(
        &self,
        actor: &Actor,
        cluster: ClusterId,
        draft: &ConfigurationDraft,
    ) -> Result<ConfigurationId, ServiceError>;
    /// Replaces the spec, refused as stale unless `spec_version` is the present one.
    async fn replace(
        &self,
        actor: &Actor,
        id: ConfigurationId,
        draft: &ConfigurationDraft,
        spec_version: i64,
    ) -> Result<(), ServiceError>;
    /// Deletes the configuration; applied objects stay.
    async fn delete(&self, actor: &Actor, id: ConfigurationId) -> Result<(), ServiceError>;
    /// Asks for a sync as soon as possible.
    async fn sync_now(&self, actor: &Actor, id: ConfigurationId) -> Result<(), ServiceError>;
}

// === clusters ===

/// A row of the cluster list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterRow {
    pub id: ClusterId,
    pub name: String,
    pub cluster_type: ClusterType,
    /// Display name of the subscription and its id as text.
    pub subscription_name: String,
    pub subscription: String,
    pub resource_group: String,
    pub version: i64,
    pub status: ClusterStatus,
    pub last_seen: Option<Moment>,
    pub configurations: ComplianceCounts,
}

/// A page of clusters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterList {
    pub page: Page<ClusterRow>,
    pub now: Moment,
    /// Whether the actor may connect clusters somewhere.
    pub may_connect: bool,
}

/// A cluster's page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterDetail {
    pub row: ClusterRow,
    /// The address in its kubeconfig; nothing else of it is ever shown.
    pub server: String,
    pub uid: String,
    pub connected_at: Moment,
    /// The last preflight, run at connect and after a refusal.
    pub preflight: Option<Preflight>,
    pub now: Moment,
    pub role: Role,
}

/// A context of a pasted kubeconfig.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContextView {
    pub name: String,
    pub server: String,
    pub user: String,
    pub namespace: Option<String>,
    /// Fields that refuse this context; empty when it can be chosen.
    pub refused: Vec<RefusedField>,
}

/// A refused kubeconfig field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedField {
    /// For instance `users[ada].user.exec`.
    pub field: String,
    pub reason: KubeconfigRefusal,
}

/// A resource group one may connect a cluster to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceChoice {
    /// `<subscription id>/<resource group name>`: the value of the choice.
    pub value: String,
    pub subscription_name: String,
    pub resource_group: String,
}

/// Where connecting a cluster stands: the kubeconfig waits encrypted on the server for 15 minutes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectView {
    pub draft: ClusterDraftId,
    pub contexts: Vec<ContextView>,
    /// The chosen one.
    pub context: Option<String>,
    /// Result of the preflight for it.
    pub preflight: Option<Preflight>,
    /// Proposed from the context.
    pub proposed_name: String,
    pub places: Vec<PlaceChoice>,
}

/// The last step of connecting.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ConnectDraft {
    /// Name of the cluster here.
    pub cluster_name: String,
    /// `connectedClusters` or `managedClusters`; empty is the first.
    pub cluster_type: String,
    /// A [`PlaceChoice::value`].
    pub resource_group: String,
}

/// Use cases on clusters.
#[async_trait]
pub trait ClusterService: Send + Sync {
    /// A page of the clusters the actor may see.
    async fn list(&self, actor: &Actor, query: &PageQuery) -> Result<ClusterList, ServiceError>;
    /// One cluster.
    async fn get(&self, actor: &Actor, id: ClusterId) -> Result<ClusterDetail, ServiceError>;
    /// These clusters' rows, as far as the actor may see them; for the live stream.
    async fn rows(&self, actor: &Actor, ids: &[ClusterId]) -> Result<Vec<ClusterRow>, ServiceError>;
    /// Step 1: reads a kubeconfig and keeps it encrypted; an unreadable one is a violation.
    async fn begin_connect(&self, actor: &Actor, kubeconfig: &str) -> Result<ConnectView, ServiceError>;
    /// The draft again; with a context chosen, its preflight is run.
    async fn draft(
        &self,
        actor: &Actor,
        draft: ClusterDraftId,
        context: Option<&str>,
    ) -> Result<ConnectView, ServiceError>;
    /// Step 3: connects.
    async fn connect(
        &self,
        actor: &Actor,
        draft: ClusterDraftId,
        context: &str,
        connect: &ConnectDraft,
    ) -> Result<ClusterId, ServiceError>;
    /// Forgets the cluster; refused while it has configurations. Nothing in the cluster is touched.
    async fn disconnect(&self, actor: &Actor, id: ClusterId) -> Result<(), ServiceError>;
    /// Runs the preflight again.
    async fn check(&self, actor: &Actor, id: ClusterId) -> Result<ClusterDetail, ServiceError>;
}

// === sign-in ===

/// A new session: the secret goes into the cookie and is stored as a hash only.
#[derive(Clone, PartialEq, Eq)]
pub struct NewSession {
    /// 256 random bits, as text.
    pub secret: String,
    /// Seconds until its absolute end.
    pub max_age_seconds: i64,
}

/// Use cases on people and their sessions.
#[async_trait]
pub trait AccountService: Send + Sync {
    /// Opens a session; wrong name and wrong password answer alike and take equally long.
    async fn sign_in(&self, user_name: &str, password: &str) -> Result<NewSession, ServiceError>;
    /// Ends the session.
    async fn sign_out(&self, secret: &str) -> Result<(), ServiceError>;
    /// Who a session's secret belongs to.
    async fn actor(&self, secret: &str) -> Result<Option<Actor>, ServiceError>;
    /// The user name a one-time link is for; `None` when it was used or is too old.
    async fn link_user(&self, link: &str) -> Result<Option<String>, ServiceError>;
    /// Sets the password by a one-time link and opens a session.
    async fn set_password(
        &self,
        link: &str,
        password: &str,
        password_again: &str,
    ) -> Result<NewSession, ServiceError>;
}

/// Facts that help a page's frame.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Shown in the frame.
    pub name: String,
    /// The administrator.
    pub administrator: bool,
}
