//! Use cases on configurations, and what they give back.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{ClusterRow, NewWebhook, ServiceError, WebhookView};
use crate::access::Actor;
use crate::change::Change;
use crate::clock::Moment;
use crate::configuration::{ConfigurationDraft, RepositoryCredentialDraft, StoredAccess};
use crate::health::Health;
use crate::id::{ChangeSetId, ClusterId, ConfigurationId};
use crate::object::ObjectKey;
use crate::page::{Page, PageQuery};
use crate::prune::{PruneCause, PruneGuard};
use crate::quota::{PutOff, QuotaReached};
use crate::reason::{ObjectReason, Reason};
use crate::status::{Compliance, MessageLevel, ObjectCounts, SyncStep};

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
    /// A person has stopped its syncs: nothing is done for it until they go on.
    pub suspended_since: Option<Moment>,
    /// The next sync waits, for those of this hour are used up.
    pub put_off: Option<PutOff>,
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

impl ComplianceCounts {
    /// All of them.
    pub fn total(&self) -> u32 {
        self.installed + self.pending + self.failed
    }
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
    /// The quota that leaves no room for another one here.
    pub reached: Option<QuotaReached>,
}

/// Everything the configuration pane shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigurationDetail {
    pub row: ConfigurationRow,
    /// The spec as the form shows it, secrets left out; also what Settings edits.
    pub draft: ConfigurationDraft,
    /// For optimistic saving: sent back with the form.
    pub spec_version: i64,
    /// Which secrets there are; what they are is never told.
    pub access: StoredAccess,
    /// What the Git host has to accept, in OpenSSH's form; `None` when no ssh key is in use.
    pub repository_public_key: Option<String>,
    pub detail: Option<String>,
    pub revision_subject: Option<String>,
    pub last_config_applied: Option<Moment>,
    pub created_at: Moment,
    /// Flags accepted without effect, as written.
    pub parameters_without_effect: Vec<String>,
    /// The same of the Helm operator's chart values, by name.
    pub chart_values_without_effect: Vec<String>,
    /// Namespaces its objects are in.
    pub namespaces: Vec<String>,
    pub resources: Vec<ResourceRow>,
    /// Last sync that changed something.
    pub last_change_set: Option<ChangeSetView>,
    /// Newest first, bounded.
    pub history: Vec<HistoryRow>,
    pub deletion: DeletionPreview,
    /// Objects that left Git and are kept until a person says that they may go.
    pub prune: Vec<PruneListView>,
    /// It keeps Helm releases, or has kept some.
    pub has_releases: bool,
    /// For those alone who may change it.
    pub webhook: Option<WebhookView>,
    pub now: Moment,
    pub may_write: bool,
    /// Whether the actor may trust a host key.
    pub may_trust: bool,
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
    /// It was begun again after the server had ended in the middle of it.
    pub resumed: bool,
}

/// A list of objects that left Git: all that would be deleted when a person confirms it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PruneListView {
    pub cause: PruneCause,
    /// What speaks against deleting them.
    pub guards: Vec<PruneGuard>,
    pub objects: Vec<ObjectKey>,
    /// What a confirmation names: these objects, each by its UID.
    pub hash: String,
    pub since: Moment,
    /// When somebody confirmed it; the next sync deletes them.
    pub confirmed_at: Option<Moment>,
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
    /// Makes one with access to a private repository; the first sync begins at once.
    async fn create_with_access(
        &self,
        actor: &Actor,
        cluster: ClusterId,
        draft: &ConfigurationDraft,
        credential: &RepositoryCredentialDraft,
    ) -> Result<ConfigurationId, ServiceError>;
    /// Replaces the spec, refused as stale unless `spec_version` is the present one. Secrets that are not sent stay as
    /// long as the repository's host does.
    async fn replace_with_access(
        &self,
        actor: &Actor,
        id: ConfigurationId,
        draft: &ConfigurationDraft,
        credential: &RepositoryCredentialDraft,
        spec_version: i64,
    ) -> Result<(), ServiceError>;
    /// Adds the host key that the last sync was shown to the known hosts, if it still is the one with this fingerprint.
    /// For owners alone.
    async fn trust_host_key(
        &self,
        actor: &Actor,
        id: ConfigurationId,
        fingerprint: &str,
    ) -> Result<(), ServiceError>;
    /// Makes one; the first sync begins at once.
    async fn create(
        &self,
        actor: &Actor,
        cluster: ClusterId,
        draft: &ConfigurationDraft,
    ) -> Result<ConfigurationId, ServiceError> {
        self.create_with_access(actor, cluster, draft, &RepositoryCredentialDraft::default()).await
    }
    /// Replaces the spec, refused as stale unless `spec_version` is the present one.
    async fn replace(
        &self,
        actor: &Actor,
        id: ConfigurationId,
        draft: &ConfigurationDraft,
        spec_version: i64,
    ) -> Result<(), ServiceError> {
        self.replace_with_access(actor, id, draft, &RepositoryCredentialDraft::default(), spec_version).await
    }
    /// Deletes the configuration; applied objects stay.
    async fn delete(&self, actor: &Actor, id: ConfigurationId) -> Result<(), ServiceError>;
    /// Lets the objects of the list with this hash be deleted, and no others; stale when the list is another by now.
    async fn confirm_prune(&self, actor: &Actor, id: ConfigurationId, hash: &str)
    -> Result<(), ServiceError>;
    /// Asks for a sync as soon as possible.
    async fn sync_now(&self, actor: &Actor, id: ConfigurationId) -> Result<(), ServiceError>;
    /// Stops its syncs, or lets them go on.
    async fn suspend(&self, actor: &Actor, id: ConfigurationId, suspended: bool) -> Result<(), ServiceError>;
    /// Makes its webhook, or a new secret for the one it has: the one before opens nothing any more.
    async fn make_webhook(&self, actor: &Actor, id: ConfigurationId) -> Result<NewWebhook, ServiceError>;
    /// Removes its webhook; `false` when it has none.
    async fn remove_webhook(&self, actor: &Actor, id: ConfigurationId) -> Result<bool, ServiceError>;
}
