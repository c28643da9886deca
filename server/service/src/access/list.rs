//! What the actor sees of places and roles.

use domain::access::{Actor, Permit, Place, authorize};
use domain::id::SubscriptionId;
use domain::service::{
    PlaceAccess, PlaceDetail, PlaceList, PlaceStep, ResourceGroupRow, RoleAssignmentRow, ServiceAccountRow,
    ServiceError, SubscriptionRow,
};
use storage::{ListedPlace, PlaceRecord, RoleAssignment, ServiceAccountRecord};
use uuid::Uuid;

use super::Access;
use super::place::may_delete;
use crate::error::stored;
use crate::moment::moment;

impl Access {
    pub(super) async fn list_places(&self, actor: &Actor) -> Result<PlaceList, ServiceError> {
        let places = self.storage.places(&actor.visible()).await.map_err(stored)?;
        let mut subscriptions: Vec<SubscriptionRow> = Vec::new();
        for ListedPlace {
            place,
            subscription_name,
            resource_group_name,
            resource_group_display_name,
            clusters,
        } in places
        {
            let id = place.subscription();
            if subscriptions.last().is_none_or(|last| last.id != id) {
                let role = actor.role_at(&Place::Subscription(id));
                subscriptions.push(SubscriptionRow { id, name: subscription_name, role, groups: Vec::new() });
            }
            if let (Place::ResourceGroup(_, id), Some(name)) = (place, resource_group_name)
                && let Some(last) = subscriptions.last_mut()
            {
                let display_name = resource_group_display_name.unwrap_or_default();
                let role = actor.role_at(&place);
                last.groups.push(ResourceGroupRow { id, name, display_name, role, clusters });
            }
        }
        Ok(PlaceList { subscriptions, may_create: actor.administers() })
    }

    pub(super) async fn place_detail(&self, actor: &Actor, id: Uuid) -> Result<PlaceDetail, ServiceError> {
        let record = self.find_place(actor, Permit::Read, id).await?;
        let role = actor.role_at(&record.place).ok_or(ServiceError::NotFound)?;
        let groups = match record.place {
            Place::Subscription(subscription) => self.groups_of(actor, subscription).await?,
            Place::ResourceGroup(..) | Place::Cluster(..) => Vec::new(),
        };
        let owner = authorize(actor, Permit::WriteAccess, &record.place).is_ok();
        let access = if owner { Some(self.access_at(&record).await?) } else { None };
        let mut way = steps(&record);
        let step = way.pop().ok_or(ServiceError::NotFound)?;
        let may_delete = may_delete(actor, &record.place);
        let resource_group = match record.place {
            Place::ResourceGroup(..) => record.resource_group_name,
            Place::Subscription(_) | Place::Cluster(..) => None,
        };
        let now = moment(self.clock.now());
        Ok(PlaceDetail { step, resource_group, way, role, groups, access, may_delete, now })
    }

    async fn groups_of(
        &self,
        actor: &Actor,
        subscription: SubscriptionId,
    ) -> Result<Vec<ResourceGroupRow>, ServiceError> {
        let list = self.list_places(actor).await?;
        let found = list.subscriptions.into_iter().find(|row| row.id == subscription);
        Ok(found.map(|row| row.groups).unwrap_or_default())
    }

    async fn access_at(&self, record: &PlaceRecord) -> Result<PlaceAccess, ServiceError> {
        let assignments = self.storage.assignments_at(&record.place).await.map_err(stored)?;
        let accounts = self.storage.service_accounts(&record.place).await.map_err(stored)?;
        let (resulting, more) = self.resulting_at(record, &assignments).await?;
        let row = |assignment: RoleAssignment| {
            let inherited = assignment.place.place != record.place;
            assignment_row(assignment, inherited)
        };
        Ok(PlaceAccess {
            assignments: assignments.into_iter().map(row).collect(),
            resulting,
            more,
            service_accounts: accounts.into_iter().map(account_row).collect(),
            providers: self.providers.to_vec(),
        })
    }
}

/// From the subscription to the place itself.
pub(crate) fn steps(record: &PlaceRecord) -> Vec<PlaceStep> {
    let step = |place, name: &Option<String>| PlaceStep { place, name: name.clone().unwrap_or_default() };
    let subscription = record.place.subscription();
    let name = record.subscription_name.clone();
    let mut steps = vec![PlaceStep { place: Place::Subscription(subscription), name }];
    if let Place::ResourceGroup(_, group) | Place::Cluster(_, group, _) = record.place {
        steps.push(step(Place::ResourceGroup(subscription, group), &record.resource_group_display_name));
    }
    if let Place::Cluster(..) = record.place {
        steps.push(step(record.place, &record.cluster_name));
    }
    steps
}

/// An assignment as people see it.
pub(crate) fn assignment_row(assignment: RoleAssignment, inherited: bool) -> RoleAssignmentRow {
    let RoleAssignment { id, principal, principal_name, role, place, created_at, created_by } = assignment;
    RoleAssignmentRow {
        id,
        principal,
        name: principal_name,
        role,
        at: steps(&place),
        inherited,
        created_at: moment(created_at),
        created_by,
    }
}

fn account_row(record: ServiceAccountRecord) -> ServiceAccountRow {
    let ServiceAccountRecord { id, name, place: _, created_at } = record;
    ServiceAccountRow { id, name, created_at: moment(created_at) }
}
