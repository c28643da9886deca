//! Use cases on clusters, and what they give back.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{ComplianceCounts, ServiceError};
use crate::access::{Actor, Role};
use crate::clock::Moment;
use crate::cluster::{ClusterStatus, ClusterType, Preflight};
use crate::id::{ClusterDraftId, ClusterId, RetirementId};
use crate::page::{Page, PageQuery};
use crate::quota::QuotaReached;
use crate::reason::RetirementState;
use crate::violation::KubeconfigRefusal;

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
    pub resource_group_display_name: String,
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
    /// Operators that are being removed or were in the last days, newest first.
    pub retirements: Vec<RetirementRow>,
    pub now: Moment,
    pub role: Role,
}

/// An operator that is removed after its configuration was deleted or got another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetirementRow {
    pub id: RetirementId,
    /// Name of the configuration then.
    pub configuration: String,
    /// `<namespace>/<instance name>`
    pub operator: String,
    pub state: RetirementState,
    /// What the last attempt ended with.
    pub detail: Option<String>,
    pub requested_at: Moment,
    /// Who asked for it; none who is gone.
    pub requested_by: Option<String>,
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
    /// Display name of the resource group, with its name where that is another.
    pub resource_group: String,
    /// The quota that leaves no room for another cluster.
    pub reached: Option<QuotaReached>,
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
    /// Gives the cluster another kubeconfig, for instance when the credential of the earlier one has expired. It has to
    /// lead to the same cluster (another one is [`Conflict::KubeconfigOfAnotherCluster`](super::Conflict)) and to pass
    /// the preflight. `context` may be empty when the file has one. A sync under way ends with the credential it began
    /// with.
    async fn replace_kubeconfig(
        &self,
        actor: &Actor,
        id: ClusterId,
        kubeconfig: &str,
        context: &str,
    ) -> Result<(), ServiceError>;
    /// Forgets the cluster; refused while it has configurations. Nothing in the cluster is touched.
    async fn disconnect(&self, actor: &Actor, id: ClusterId) -> Result<(), ServiceError>;
    /// The cluster that answers behind the address now, with this UID, is the one that is meant from here on. What was
    /// applied to the earlier one is forgotten here and stays there. For owners alone.
    async fn confirm_replaced(&self, actor: &Actor, id: ClusterId, uid: &str) -> Result<(), ServiceError>;
    /// Wishes again that an operator goes whose wish has become too old ([`RetirementState::WishTooOld`]); another one is
    /// [`ServiceError::Stale`]. For those who may delete a configuration.
    async fn renew_retirement(
        &self,
        actor: &Actor,
        id: ClusterId,
        retirement: RetirementId,
    ) -> Result<(), ServiceError>;
    /// Runs the preflight again.
    async fn check(&self, actor: &Actor, id: ClusterId) -> Result<ClusterDetail, ServiceError>;
}
