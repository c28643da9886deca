//! Places and roles: `list` what the actor sees, `place` making and deleting, `assignment` who has which role, `quota` how
//! much a resource group may hold and do, `outbound` which hosts a subscription may lead to, `resulting` what all that was
//! assigned comes to.

mod assignment;
pub(crate) mod list;
mod outbound;
mod place;
mod quota;
pub(crate) mod resulting;

use std::sync::Arc;

use async_trait::async_trait;
use domain::access::{Actor, Permit, Place, Role, authorize};
use domain::clock::Clock;
use domain::id::{ResourceGroupId, RoleAssignmentId, SubscriptionId, UserId};
use domain::quota::QuotaDraft;
use domain::service::{
    AccessService, AssignmentDraft, GroupRef, OutboundView, PlaceDetail, PlaceList, QuotaView, ServiceError,
};
use domain::violation::{Field, Rule};
use storage::{AuditEntry, FieldChange, PlaceRecord, Storage};
use uuid::Uuid;

use crate::error::{invalid, refused, stored};

/// Use cases on places and roles.
#[derive(Clone)]
pub struct Access {
    storage: Arc<Storage>,
    clock: Arc<dyn Clock>,
    /// Names of the identity providers whose groups may have roles.
    providers: Arc<[String]>,
}

impl Access {
    /// Over this database.
    pub fn new(storage: Arc<Storage>, clock: Arc<dyn Clock>, providers: Arc<[String]>) -> Self {
        Self { storage, clock, providers }
    }

    /// The place of this id, if the actor may do this there.
    async fn find_place(&self, actor: &Actor, permit: Permit, id: Uuid) -> Result<PlaceRecord, ServiceError> {
        let record = self.storage.place(id).await.map_err(stored)?.ok_or(ServiceError::NotFound)?;
        authorize(actor, permit, &record.place).map_err(refused)?;
        Ok(record)
    }
}

#[async_trait]
impl AccessService for Access {
    async fn places(&self, actor: &Actor) -> Result<PlaceList, ServiceError> {
        self.list_places(actor).await
    }

    async fn place(&self, actor: &Actor, id: Uuid) -> Result<PlaceDetail, ServiceError> {
        self.place_detail(actor, id).await
    }

    async fn create_subscription(
        &self,
        actor: &Actor,
        id: &str,
        name: &str,
    ) -> Result<SubscriptionId, ServiceError> {
        self.make_subscription(actor, id, name).await
    }

    async fn rename(&self, actor: &Actor, place: Uuid, name: &str) -> Result<(), ServiceError> {
        self.rename_place(actor, place, name).await
    }

    async fn delete_subscription(&self, actor: &Actor, id: SubscriptionId) -> Result<(), ServiceError> {
        self.remove_subscription(actor, id).await
    }

    async fn create_resource_group(
        &self,
        actor: &Actor,
        subscription: SubscriptionId,
        name: &str,
    ) -> Result<ResourceGroupId, ServiceError> {
        self.make_resource_group(actor, subscription, name).await
    }

    async fn quota(&self, actor: &Actor, group: &GroupRef) -> Result<QuotaView, ServiceError> {
        self.view_quota(actor, group).await
    }

    async fn set_quota(
        &self,
        actor: &Actor,
        group: &GroupRef,
        draft: &QuotaDraft,
        version: Option<i64>,
    ) -> Result<QuotaView, ServiceError> {
        self.change_quota(actor, group, draft, version).await
    }

    async fn outbound(&self, actor: &Actor, id: SubscriptionId) -> Result<OutboundView, ServiceError> {
        self.view_outbound(actor, id).await
    }

    async fn set_outbound(
        &self,
        actor: &Actor,
        id: SubscriptionId,
        hosts: &[String],
        version: Option<i64>,
    ) -> Result<OutboundView, ServiceError> {
        self.change_outbound(actor, id, hosts, version).await
    }

    async fn delete_resource_group(&self, actor: &Actor, id: ResourceGroupId) -> Result<(), ServiceError> {
        self.remove_resource_group(actor, id).await
    }

    async fn assign(
        &self,
        actor: &Actor,
        place: Uuid,
        draft: &AssignmentDraft,
    ) -> Result<RoleAssignmentId, ServiceError> {
        self.assign_role(actor, place, draft).await
    }

    async fn unassign(&self, actor: &Actor, id: RoleAssignmentId) -> Result<(), ServiceError> {
        self.take_role(actor, id).await
    }

    async fn create_service_account(
        &self,
        actor: &Actor,
        place: Uuid,
        name: &str,
        role: &str,
    ) -> Result<UserId, ServiceError> {
        self.make_service_account(actor, place, name, role).await
    }

    async fn delete_service_account(&self, actor: &Actor, id: UserId) -> Result<(), ServiceError> {
        self.remove_service_account(actor, id).await
    }
}

/// The role that a form names.
pub(crate) fn role(field: Field, word: &str) -> Result<Role, ServiceError> {
    let all = [Role::Reader, Role::Contributor, Role::Owner];
    let known = Role::parse(word.trim());
    known.ok_or_else(|| {
        let allowed = all.map(|role| role.as_str().to_owned()).to_vec();
        invalid(field, Rule::OneOf { allowed })
    })
}

/// Something that was done at a place.
fn entry(
    actor: &Actor,
    action: &str,
    kind: &str,
    id: impl ToString + Copy,
    name: &str,
    place: Place,
) -> AuditEntry {
    AuditEntry { place: Some(place), ..AuditEntry::done(actor, action, kind, id.to_string(), name) }
}

fn change(field: &str, before: Option<String>, after: Option<String>) -> FieldChange {
    FieldChange { field: field.to_owned(), before, after }
}
