//! Use cases on places and on the roles that people, service accounts and groups have there.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::ServiceError;
use crate::access::{Actor, Place, Principal, Role};
use crate::clock::Moment;
use crate::id::{ResourceGroupId, RoleAssignmentId, SubscriptionId, UserId};
use crate::quota::{Quota, QuotaDraft, QuotaUse};

/// Longest display name of a subscription or resource group.
pub const DISPLAY_NAME_MAX: usize = 64;
/// People and service accounts whose roles are told at a place.
pub const RESULTING_MAX: usize = 200;

/// Every place the actor sees something of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceList {
    /// By display name.
    pub subscriptions: Vec<SubscriptionRow>,
    /// The actor may make subscriptions.
    pub may_create: bool,
}

/// A subscription with its resource groups, as far as the actor sees them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriptionRow {
    pub id: SubscriptionId,
    /// Display name.
    pub name: String,
    /// The actor's role on all of it; `None` when only something in it is seen.
    pub role: Option<Role>,
    /// By display name.
    pub groups: Vec<ResourceGroupRow>,
}

/// A resource group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceGroupRow {
    pub id: ResourceGroupId,
    /// Part of addresses and scripts.
    pub name: String,
    pub display_name: String,
    /// The actor's role on all of it; `None` when only a cluster in it is seen.
    pub role: Option<Role>,
    /// Clusters that the actor sees.
    pub clusters: u32,
}

/// A place on the way to another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceStep {
    pub place: Place,
    /// Display name of a subscription or resource group, name of a cluster.
    pub name: String,
}

/// One place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceDetail {
    /// Itself, with its name.
    pub step: PlaceStep,
    /// Of a resource group: the name in addresses and scripts.
    pub resource_group: Option<String>,
    /// From the subscription down to the one around it.
    pub way: Vec<PlaceStep>,
    /// The actor's role here.
    pub role: Role,
    /// Of a subscription: its resource groups.
    pub groups: Vec<ResourceGroupRow>,
    /// Who has which role: for owners only.
    pub access: Option<PlaceAccess>,
    /// The actor may delete it once it is empty.
    pub may_delete: bool,
    pub now: Moment,
}

/// Who has which role at a place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceAccess {
    /// Outermost place first, then by name.
    pub assignments: Vec<RoleAssignmentRow>,
    /// What each of them may here when all is taken together, by name; of many the first [`RESULTING_MAX`].
    pub resulting: Vec<ResultingRole>,
    /// There are more.
    pub more: bool,
    /// Those that belong to this very place.
    pub service_accounts: Vec<ServiceAccountRow>,
    /// Identity providers whose groups may be named.
    pub providers: Vec<String>,
}

/// A role somebody has at a place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleAssignmentRow {
    pub id: RoleAssignmentId,
    pub principal: Principal,
    /// Name of that.
    pub name: String,
    pub role: Role,
    /// Where it was assigned, with the names on the way there.
    pub at: Vec<PlaceStep>,
    /// It was assigned further out and holds here too.
    pub inherited: bool,
    pub created_at: Moment,
    pub created_by: String,
}

/// What somebody may at a place, and what that comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultingRole {
    pub principal: Principal,
    /// Name of that.
    pub name: String,
    /// Where, with the names on the way there.
    pub at: Vec<PlaceStep>,
    pub role: Role,
    /// The assignments that give it; none for an administrator, who needs none.
    pub sources: Vec<RoleSource>,
}

/// An assignment that gives somebody a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleSource {
    /// Where it was assigned.
    pub at: Vec<PlaceStep>,
    /// Name of the group that it was assigned to; `None` for oneself.
    pub group: Option<String>,
}

/// A service account of a place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceAccountRow {
    pub id: UserId,
    pub name: String,
    pub created_at: Moment,
}

/// A role that is to be assigned.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AssignmentDraft {
    /// Name of a person, a service account or a group.
    pub principal: String,
    /// Identity provider of a group; empty for a person or service account.
    pub provider: String,
    /// A word of [`Role`].
    pub role: String,
}

/// A resource group by its id or by its names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupRef {
    Id(ResourceGroupId),
    Named {
        subscription: SubscriptionId,
        /// In any case.
        name: String,
    },
}

/// How much a resource group may hold and do, and how much of that is used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuotaView {
    pub quota: Quota,
    /// Grows with every change; sent back with one.
    pub version: i64,
    pub usage: QuotaUse,
    /// The actor owns the subscription.
    pub may_change: bool,
}

/// Which hosts a subscription's configurations and clusters may lead to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboundView {
    /// The entries in their order, as they are shown; none is no limit beyond the server's own policy.
    pub hosts: Vec<String>,
    /// Grows with every change; sent back with one.
    pub version: i64,
    /// The actor owns the subscription.
    pub may_change: bool,
}

/// Use cases on places and roles. What one may not see answers as if it did not exist.
#[async_trait]
pub trait AccessService: Send + Sync {
    /// Everything the actor sees something of.
    async fn places(&self, actor: &Actor) -> Result<PlaceList, ServiceError>;
    /// One place, by its own id.
    async fn place(&self, actor: &Actor, id: Uuid) -> Result<PlaceDetail, ServiceError>;
    /// Makes a subscription; for administrators. An empty id takes a new one.
    async fn create_subscription(
        &self,
        actor: &Actor,
        id: &str,
        name: &str,
    ) -> Result<SubscriptionId, ServiceError>;
    /// Gives a subscription or resource group another display name. The name by which addresses and scripts know a
    /// group stays.
    async fn rename(&self, actor: &Actor, place: Uuid, name: &str) -> Result<(), ServiceError>;
    /// Deletes a subscription without resource groups, with the roles on it; for administrators.
    async fn delete_subscription(&self, actor: &Actor, id: SubscriptionId) -> Result<(), ServiceError>;
    /// Makes a resource group.
    async fn create_resource_group(
        &self,
        actor: &Actor,
        subscription: SubscriptionId,
        name: &str,
    ) -> Result<ResourceGroupId, ServiceError>;
    /// How much a resource group may hold and do; for those who see all of it.
    async fn quota(&self, actor: &Actor, group: &GroupRef) -> Result<QuotaView, ServiceError>;
    /// Changes that; for owners of the subscription. With a version only while it is the present one.
    async fn set_quota(
        &self,
        actor: &Actor,
        group: &GroupRef,
        draft: &QuotaDraft,
        version: Option<i64>,
    ) -> Result<QuotaView, ServiceError>;
    /// Which hosts a subscription's configurations and clusters may lead to; for those who see all of it.
    async fn outbound(&self, actor: &Actor, id: SubscriptionId) -> Result<OutboundView, ServiceError>;
    /// Changes that; for owners. With a version only while it is the present one. It holds for every connection that is
    /// made from then on; what is open is made anew.
    async fn set_outbound(
        &self,
        actor: &Actor,
        id: SubscriptionId,
        hosts: &[String],
        version: Option<i64>,
    ) -> Result<OutboundView, ServiceError>;
    /// Deletes a resource group without clusters, with the roles on it.
    async fn delete_resource_group(&self, actor: &Actor, id: ResourceGroupId) -> Result<(), ServiceError>;
    /// Assigns a role at a place, instead of the one the principal has at that very place.
    async fn assign(
        &self,
        actor: &Actor,
        place: Uuid,
        draft: &AssignmentDraft,
    ) -> Result<RoleAssignmentId, ServiceError>;
    /// Takes an assignment back.
    async fn unassign(&self, actor: &Actor, id: RoleAssignmentId) -> Result<(), ServiceError>;
    /// Makes a service account that belongs to a place and has a role there.
    async fn create_service_account(
        &self,
        actor: &Actor,
        place: Uuid,
        name: &str,
        role: &str,
    ) -> Result<UserId, ServiceError>;
    /// Forgets a service account with its tokens and roles.
    async fn delete_service_account(&self, actor: &Actor, id: UserId) -> Result<(), ServiceError>;
}
