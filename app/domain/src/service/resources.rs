//! The same use cases by the names ARM gives things, for programs: the REST routes call these and nothing else.
//!
//! Names are compared in any case. What one may not see answers as if it did not exist.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{HistoryRow, NewWebhook, PlanView, PruneListView, ServiceError};
use crate::access::Actor;
use crate::clock::Timestamp;
use crate::cluster::{ClusterStatus, ClusterType};
use crate::configuration::{ConfigurationDraft, RepositoryCredentialDraft};
use crate::id::{ConfigurationId, SubscriptionId};
use crate::reason::{ObjectReason, Reason};
use crate::status::{Compliance, MessageLevel, ObjectCounts};

/// Items of one page of a list at most, and unless fewer are asked for: a page's cost is bounded.
pub const RESOURCES_MAX: u32 = 100;
/// Errors that a list tells of one configuration; the rest is on its page.
pub const FIRST_ERRORS: usize = 3;

/// A cluster by its names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterPath {
    pub subscription: SubscriptionId,
    pub resource_group: String,
    /// `None` for whichever there is; names of both types in one group are told apart by it alone.
    pub cluster_type: Option<ClusterType>,
    pub cluster: String,
}

/// A configuration by its names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigurationPath {
    pub cluster: ClusterPath,
    pub configuration: String,
}

/// Of what a list of clusters is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterScope {
    pub subscription: SubscriptionId,
    /// `None` for all of the subscription.
    pub resource_group: Option<String>,
}

/// Which items of a list. A page goes on behind an item, not at a number: what is made or deleted between two pages
/// neither hides nor doubles another.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slice {
    /// At most so many; `None`, and more than [`RESOURCES_MAX`], is that.
    pub top: Option<u32>,
    /// [`Sliced::next`] of the page before.
    pub after: Option<String>,
}

/// A page of a list, by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sliced<T> {
    pub items: Vec<T>,
    /// Where the next page begins; `None` on the last.
    pub next: Option<String>,
}

/// A version of a configuration's spec: what an entity tag is made of. The id is part of it, because one that was
/// deleted and made again begins with version 1 too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpecTag {
    pub id: ConfigurationId,
    pub version: i64,
}

/// What must hold for a change to be made (`If-Match`, `If-None-Match`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Precondition {
    /// Nothing.
    #[default]
    None,
    /// It exists.
    Exists,
    /// It does not exist.
    Absent,
    /// It exists, and its spec is one of these versions.
    Version(Vec<SpecTag>),
}

/// A configuration as programs see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigurationResource {
    /// With the names as stored.
    pub path: ConfigurationPath,
    pub tag: SpecTag,
    /// The spec with its defaults filled in; secrets are never in it.
    pub draft: ConfigurationDraft,
    /// What the Git host has to accept; `None` when no key is in use or none is made yet.
    pub repository_public_key: Option<String>,
    pub standing: Standing,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// How a configuration stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    pub compliance: Compliance,
    pub level: MessageLevel,
    pub reason: Reason,
    pub detail: Option<String>,
    pub revision: Option<String>,
    pub last_sync: Option<Timestamp>,
    pub last_config_applied: Option<Timestamp>,
    pub counts: ObjectCounts,
    /// At most [`FIRST_ERRORS`].
    pub first_errors: Vec<StandingError>,
    pub suspended_since: Option<Timestamp>,
}

/// An object that is not as wanted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandingError {
    /// For instance `apps/Deployment team-a/web`.
    pub object: String,
    pub reason: ObjectReason,
    pub detail: Option<String>,
}

/// A cluster as programs see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterResource {
    /// With the names as stored.
    pub path: ClusterPath,
    pub status: ClusterStatus,
    pub last_seen: Option<Timestamp>,
    pub connected_at: Timestamp,
}

/// What a resource was made by: [`ResourceService::put_configuration`], [`ResourceService::put_cluster`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Put<Resource> {
    /// Made, else replaced.
    pub created: bool,
    pub resource: Resource,
}

/// Use cases by name.
#[async_trait]
pub trait ResourceService: Send + Sync {
    /// Refuses unless the actor sees something of the subscription.
    async fn subscription(&self, actor: &Actor, id: SubscriptionId) -> Result<(), ServiceError>;
    /// A page of the connected clusters the actor may see; refused when there is no such place.
    async fn clusters(
        &self,
        actor: &Actor,
        scope: &ClusterScope,
        slice: &Slice,
    ) -> Result<Sliced<ClusterResource>, ServiceError>;
    /// One cluster.
    async fn cluster(&self, actor: &Actor, path: &ClusterPath) -> Result<ClusterResource, ServiceError>;
    /// Connects a cluster in one step, or gives a connected one another kubeconfig that leads to it; an empty context
    /// is the kubeconfig's only one.
    async fn put_cluster(
        &self,
        actor: &Actor,
        path: &ClusterPath,
        kubeconfig: &str,
        context: &str,
    ) -> Result<Put<ClusterResource>, ServiceError>;
    /// Forgets a cluster; `false` when there is none. Refused while it has configurations.
    async fn disconnect_cluster(&self, actor: &Actor, path: &ClusterPath) -> Result<bool, ServiceError>;
    /// A page of a cluster's configurations, by name.
    async fn configurations(
        &self,
        actor: &Actor,
        path: &ClusterPath,
        slice: &Slice,
    ) -> Result<Sliced<ConfigurationResource>, ServiceError>;
    /// One configuration.
    async fn configuration(
        &self,
        actor: &Actor,
        path: &ConfigurationPath,
    ) -> Result<ConfigurationResource, ServiceError>;
    /// Makes it or replaces its spec, and keeps or changes what its repository is read with. The draft's name is the
    /// path's.
    async fn put_configuration(
        &self,
        actor: &Actor,
        path: &ConfigurationPath,
        draft: &ConfigurationDraft,
        credential: &RepositoryCredentialDraft,
        precondition: &Precondition,
    ) -> Result<Put<ConfigurationResource>, ServiceError>;
    /// Deletes it; `false` when there is none.
    async fn delete_configuration(
        &self,
        actor: &Actor,
        path: &ConfigurationPath,
        precondition: &Precondition,
    ) -> Result<bool, ServiceError>;
    /// Asks for a sync as soon as possible.
    async fn sync_configuration(&self, actor: &Actor, path: &ConfigurationPath) -> Result<(), ServiceError>;
    /// Stops its syncs, or lets them go on.
    async fn suspend_configuration(
        &self,
        actor: &Actor,
        path: &ConfigurationPath,
        suspended: bool,
    ) -> Result<ConfigurationResource, ServiceError>;
    /// Its recorded syncs, newest first.
    async fn history(&self, actor: &Actor, path: &ConfigurationPath)
    -> Result<Vec<HistoryRow>, ServiceError>;
    /// Its objects that left Git and are kept until a person says that they may go.
    async fn prune_lists(
        &self,
        actor: &Actor,
        path: &ConfigurationPath,
    ) -> Result<Vec<PruneListView>, ServiceError>;
    /// Lets the objects of the list with this hash be deleted, and no others; stale when the list is another by now.
    async fn confirm_prune(
        &self,
        actor: &Actor,
        path: &ConfigurationPath,
        hash: &str,
    ) -> Result<(), ServiceError>;
    /// Makes its webhook, or a new secret for the one it has.
    async fn make_webhook(&self, actor: &Actor, path: &ConfigurationPath)
    -> Result<NewWebhook, ServiceError>;
    /// Removes its webhook; `false` when it has none.
    async fn remove_webhook(&self, actor: &Actor, path: &ConfigurationPath) -> Result<bool, ServiceError>;
    /// What a sync of this branch or commit would do, without doing it.
    async fn plan(
        &self,
        actor: &Actor,
        path: &ConfigurationPath,
        revision: &str,
    ) -> Result<PlanView, ServiceError>;
}
