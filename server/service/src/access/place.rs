//! Making, renaming and deleting subscriptions and resource groups.

use domain::access::{Actor, Permit, Place, authorize};
use domain::id::{ResourceGroupId, SubscriptionId};
use domain::name::ResourceGroupName;
use domain::service::{Conflict, DISPLAY_NAME_MAX, ServiceError};
use domain::violation::{Field, Rule};
use storage::{PlaceRecord, StorageError};
use uuid::Uuid;

use super::{Access, change, entry};
use crate::error::{invalid, name_taken, random, stored};

impl Access {
    pub(super) async fn make_subscription(
        &self,
        actor: &Actor,
        id: &str,
        name: &str,
    ) -> Result<SubscriptionId, ServiceError> {
        if !actor.administers() {
            return Err(ServiceError::Denied);
        }
        let name = check_name(name)?;
        let id = match id.trim() {
            "" => new_id()?,
            text => text.parse().map_err(|_| invalid(Field::Subscription, Rule::Uuid))?,
        };
        let mut unit = self.storage.begin().await.map_err(stored)?;
        let made = unit.create_subscription(id, name).await;
        made.map_err(name_taken(Field::Subscription, &id.to_string()))?;
        let place = Place::Subscription(id);
        unit.audit(&entry(actor, "subscription.create", "subscription", id, name, place))
            .await
            .map_err(stored)?;
        unit.commit().await.map_err(stored)?;
        Ok(id)
    }

    pub(super) async fn rename_place(&self, actor: &Actor, id: Uuid, name: &str) -> Result<(), ServiceError> {
        let PlaceRecord {
            place, subscription_name, resource_group_name, resource_group_display_name, ..
        } = self.find_place(actor, Permit::WriteAccess, id).await?;
        let name = check_name(name)?;
        let mut unit = self.storage.begin().await.map_err(stored)?;
        let (renamed, mut entry, before) = match place {
            Place::Subscription(id) => (
                unit.rename_subscription(id, name).await,
                entry(actor, "subscription.rename", "subscription", id, name, place),
                Some(subscription_name),
            ),
            Place::ResourceGroup(_, id) => {
                let known = resource_group_name.unwrap_or_default();
                (
                    unit.rename_resource_group(id, name).await,
                    entry(actor, "resource-group.rename", "resource group", id, &known, place),
                    resource_group_display_name,
                )
            }
            // A cluster's name is part of its ARM id.
            Place::Cluster(..) => return Err(ServiceError::NotFound),
        };
        if !renamed.map_err(stored)? {
            return Err(ServiceError::NotFound);
        }
        entry.changes = vec![change("displayName", before, Some(name.to_owned()))];
        unit.audit(&entry).await.map_err(stored)?;
        unit.commit().await.map_err(stored)
    }

    pub(super) async fn remove_subscription(
        &self,
        actor: &Actor,
        id: SubscriptionId,
    ) -> Result<(), ServiceError> {
        let record = self.find_place(actor, Permit::WriteAccess, id.0).await?;
        if !may_delete(actor, &record.place) {
            return Err(ServiceError::Denied);
        }
        let mut unit = self.storage.begin().await.map_err(stored)?;
        let deleted = unit.delete_subscription(id).await.map_err(in_use)?;
        if !deleted {
            return Err(ServiceError::NotFound);
        }
        let name = &record.subscription_name;
        unit.audit(&entry(actor, "subscription.delete", "subscription", id, name, record.place))
            .await
            .map_err(stored)?;
        unit.commit().await.map_err(stored)
    }

    pub(super) async fn make_resource_group(
        &self,
        actor: &Actor,
        subscription: SubscriptionId,
        name: &str,
    ) -> Result<ResourceGroupId, ServiceError> {
        self.find_place(actor, Permit::WriteAccess, subscription.0).await?;
        let name =
            ResourceGroupName::parse(name.trim()).map_err(|rule| invalid(Field::ResourceGroupName, rule))?;
        let mut unit = self.storage.begin().await.map_err(stored)?;
        let made = unit.create_resource_group(subscription, &name).await;
        let id = made.map_err(name_taken(Field::ResourceGroupName, name.as_str()))?;
        let place = Place::ResourceGroup(subscription, id);
        unit.audit(&entry(actor, "resource-group.create", "resource group", id, name.as_str(), place))
            .await
            .map_err(stored)?;
        unit.commit().await.map_err(stored)?;
        Ok(id)
    }

    pub(super) async fn remove_resource_group(
        &self,
        actor: &Actor,
        id: ResourceGroupId,
    ) -> Result<(), ServiceError> {
        let record = self.find_place(actor, Permit::WriteAccess, id.0).await?;
        let mut unit = self.storage.begin().await.map_err(stored)?;
        let deleted = unit.delete_resource_group(id).await.map_err(in_use)?;
        if !deleted {
            return Err(ServiceError::NotFound);
        }
        let name = record.resource_group_name.unwrap_or_default();
        unit.audit(&entry(actor, "resource-group.delete", "resource group", id, &name, record.place))
            .await
            .map_err(stored)?;
        unit.commit().await.map_err(stored)
    }
}

/// Whether the actor may delete a place once it is empty: its owners may, a subscription administrators alone. A cluster is
/// disconnected instead.
pub(super) fn may_delete(actor: &Actor, place: &Place) -> bool {
    match place {
        Place::Subscription(_) => actor.administers(),
        Place::ResourceGroup(..) => authorize(actor, Permit::WriteAccess, place).is_ok(),
        Place::Cluster(..) => false,
    }
}

fn in_use(error: StorageError) -> ServiceError {
    match error {
        StorageError::InUse => ServiceError::Conflict { conflict: Conflict::PlaceNotEmpty },
        other => stored(other),
    }
}

fn check_name(name: &str) -> Result<&str, ServiceError> {
    let name = name.trim();
    match crate::text::single_line(name, DISPLAY_NAME_MAX) {
        Ok(()) => Ok(name),
        Err(rule) => Err(invalid(Field::DisplayName, rule)),
    }
}

fn new_id() -> Result<SubscriptionId, ServiceError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| random(error.into()))?;
    Ok(SubscriptionId(uuid::Builder::from_random_bytes(bytes).into_uuid()))
}
