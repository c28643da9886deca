//! Places, people and the audit of the made-up world.

use async_trait::async_trait;
use domain::access::{Actor, Place, Principal, Role, Via};
use domain::id::{ResourceGroupId, RoleAssignmentId, SubscriptionId, UserId};
use domain::outbound::Narrowing;
use domain::quota::{Quota, QuotaDraft, QuotaUse};
use domain::service::{
    AccessService, ActivityChange, ActivityList, ActivityQuery, ActivityRow, ActivityService,
    AssignmentDraft, GroupRef, NewLink, OUTCOME_REFUSED, OutboundView, PeopleService, PersonDetail,
    PersonList, PersonRow, PlaceAccess, PlaceDetail, PlaceList, PlaceStep, QuotaView, ResourceGroupRow,
    ResultingRole, RoleAssignmentRow, RoleSource, ServiceAccountRow, ServiceError, SubscriptionRow,
};
use domain::violation::{Field, Violations};
use uuid::Uuid;

use crate::sample::Sample;
use crate::world::moment;

const SUBSCRIPTION: SubscriptionId = SubscriptionId(Uuid::from_u128(1));
const GROUP: ResourceGroupId = ResourceGroupId(Uuid::from_u128(2));
pub(crate) const ACCOUNT: UserId = UserId(Uuid::from_u128(3));

pub(crate) fn way() -> Vec<PlaceStep> {
    vec![
        PlaceStep { place: Place::Subscription(SUBSCRIPTION), name: "Demo".to_owned() },
        PlaceStep { place: Place::ResourceGroup(SUBSCRIPTION, GROUP), name: "Team A".to_owned() },
    ]
}

fn group() -> ResourceGroupRow {
    ResourceGroupRow {
        id: GROUP,
        name: "team-a".to_owned(),
        display_name: "Team A".to_owned(),
        role: Some(Role::Owner),
        clusters: 2,
    }
}

fn assignment() -> RoleAssignmentRow {
    RoleAssignmentRow {
        id: RoleAssignmentId(Uuid::from_u128(4)),
        principal: Principal::Person(UserId(Uuid::from_u128(5))),
        name: "grace".to_owned(),
        role: Role::Contributor,
        at: way(),
        inherited: false,
        created_at: moment(60_000),
        created_by: "ada".to_owned(),
    }
}

fn resulting() -> ResultingRole {
    let RoleAssignmentRow { principal, name, role, at, .. } = assignment();
    let through = RoleSource { at: at.clone(), group: Some("operations".to_owned()) };
    let sources = vec![RoleSource { at: at.clone(), group: None }, through];
    ResultingRole { principal, name, at, role, sources }
}

fn person() -> PersonRow {
    PersonRow {
        id: UserId(Uuid::from_u128(5)),
        name: "grace".to_owned(),
        administrator: false,
        has_password: true,
        created_at: moment(60_000),
        last_seen: None,
    }
}

// === impl AccessService ===

#[async_trait]
impl AccessService for Sample {
    async fn places(&self, _actor: &Actor) -> Result<PlaceList, ServiceError> {
        let (id, name) = (SUBSCRIPTION, "Demo".to_owned());
        let subscription = SubscriptionRow { id, name, role: Some(Role::Owner), groups: vec![group()] };
        Ok(PlaceList { subscriptions: vec![subscription], may_create: true })
    }

    async fn place(&self, _actor: &Actor, id: Uuid) -> Result<PlaceDetail, ServiceError> {
        let mut way = way();
        way.retain(|step| step.place.id() == id || step.place == Place::Subscription(SUBSCRIPTION));
        let step = way.pop().filter(|step| step.place.id() == id).ok_or(ServiceError::NotFound)?;
        let account = ServiceAccountRow { id: ACCOUNT, name: "wall".to_owned(), created_at: moment(0) };
        Ok(PlaceDetail {
            resource_group: (id == GROUP.0).then(|| "team-a".to_owned()),
            groups: if step.place.id() == SUBSCRIPTION.0 { vec![group()] } else { Vec::new() },
            step,
            way,
            role: Role::Owner,
            access: Some(PlaceAccess {
                assignments: vec![assignment()],
                resulting: vec![resulting()],
                more: false,
                service_accounts: vec![account],
                providers: vec!["company".to_owned()],
            }),
            may_delete: true,
            now: moment(0),
        })
    }

    async fn create_subscription(
        &self,
        _actor: &Actor,
        _id: &str,
        _name: &str,
    ) -> Result<SubscriptionId, ServiceError> {
        Ok(SUBSCRIPTION)
    }

    async fn rename(&self, _actor: &Actor, _place: Uuid, _name: &str) -> Result<(), ServiceError> {
        Ok(())
    }

    async fn delete_subscription(&self, _actor: &Actor, _id: SubscriptionId) -> Result<(), ServiceError> {
        Ok(())
    }

    async fn create_resource_group(
        &self,
        _actor: &Actor,
        _subscription: SubscriptionId,
        _name: &str,
    ) -> Result<ResourceGroupId, ServiceError> {
        Ok(GROUP)
    }

    async fn quota(&self, _actor: &Actor, _group: &GroupRef) -> Result<QuotaView, ServiceError> {
        let quota = Quota { configurations: Some(12), syncs_per_hour: Some(30), ..Quota::default() };
        let usage = QuotaUse { configurations: 12, clusters: 2, objects_per_sync: 47, syncs_per_hour: 3 };
        Ok(QuotaView { quota, version: 1, usage, may_change: true })
    }

    async fn set_quota(
        &self,
        actor: &Actor,
        group: &GroupRef,
        draft: &QuotaDraft,
        _version: Option<i64>,
    ) -> Result<QuotaView, ServiceError> {
        draft.validate().map_err(|violations| ServiceError::Invalid { violations })?;
        self.quota(actor, group).await
    }

    async fn outbound(&self, _actor: &Actor, _id: SubscriptionId) -> Result<OutboundView, ServiceError> {
        let hosts = ["git.example.com", "*.internal.example.com", "10.1.0.0/16"].map(str::to_owned).to_vec();
        Ok(OutboundView { hosts, version: 1, may_change: true })
    }

    async fn set_outbound(
        &self,
        actor: &Actor,
        id: SubscriptionId,
        hosts: &[String],
        _version: Option<i64>,
    ) -> Result<OutboundView, ServiceError> {
        Narrowing::parse(hosts).map_err(|rule| {
            let mut violations = Violations::default();
            violations.push(Field::OutboundHosts, rule);
            ServiceError::Invalid { violations }
        })?;
        self.outbound(actor, id).await
    }

    async fn delete_resource_group(&self, _actor: &Actor, _id: ResourceGroupId) -> Result<(), ServiceError> {
        Ok(())
    }

    async fn assign(
        &self,
        _actor: &Actor,
        _place: Uuid,
        _draft: &AssignmentDraft,
    ) -> Result<RoleAssignmentId, ServiceError> {
        Ok(assignment().id)
    }

    async fn unassign(&self, _actor: &Actor, _id: RoleAssignmentId) -> Result<(), ServiceError> {
        Ok(())
    }

    async fn create_service_account(
        &self,
        _actor: &Actor,
        _place: Uuid,
        _name: &str,
        _role: &str,
    ) -> Result<UserId, ServiceError> {
        Ok(ACCOUNT)
    }

    async fn delete_service_account(&self, _actor: &Actor, _id: UserId) -> Result<(), ServiceError> {
        Ok(())
    }
}

// === impl PeopleService ===

#[async_trait]
impl PeopleService for Sample {
    async fn people(&self, _actor: &Actor, _after: &str) -> Result<PersonList, ServiceError> {
        Ok(PersonList { people: vec![person()], next: None, now: moment(0) })
    }

    async fn person(&self, _actor: &Actor, _id: UserId) -> Result<PersonDetail, ServiceError> {
        Ok(PersonDetail {
            row: person(),
            assignments: vec![assignment()],
            resulting: vec![resulting()],
            oneself: false,
            now: moment(0),
        })
    }

    async fn create_person(&self, _actor: &Actor, name: &str) -> Result<NewLink, ServiceError> {
        Ok(NewLink { name: name.to_owned(), path: "/set-password?link=fresh".to_owned() })
    }

    async fn reset_password(&self, actor: &Actor, _id: UserId) -> Result<NewLink, ServiceError> {
        self.create_person(actor, "grace").await
    }

    async fn delete_person(&self, _actor: &Actor, _id: UserId) -> Result<(), ServiceError> {
        Ok(())
    }
}

// === impl ActivityService ===

#[async_trait]
impl ActivityService for Sample {
    async fn refused(&self, _: Option<&Actor>, _: &Via, _: &str) {}

    async fn list(&self, _actor: &Actor, query: &ActivityQuery) -> Result<ActivityList, ServiceError> {
        let changed = |field: &str, after: &str| ActivityChange {
            field: field.to_owned(),
            before: None,
            after: Some(after.to_owned()),
        };
        let entry = ActivityRow {
            seq: 7,
            at: moment(0),
            actor: "ada".to_owned(),
            token: Some("ci (flp_AbCdEf…)".to_owned()),
            parent: Some("https://dashboard.example.com".to_owned()),
            address: Some("192.0.2.7".to_owned()),
            action: "configuration.create".to_owned(),
            refused: false,
            target_kind: "configuration".to_owned(),
            target_id: "x".to_owned(),
            target: "cluster-config".to_owned(),
            request_id: Some("0123".to_owned()),
            changes: vec![changed("repositoryUrl", "https://git.example.com/a")],
        };
        let entries = if query.outcome == OUTCOME_REFUSED { Vec::new() } else { vec![entry] };
        Ok(ActivityList { entries, next: Some(7), now: moment(0) })
    }

    async fn export(&self, _actor: &Actor, _query: &ActivityQuery) -> Result<String, ServiceError> {
        Ok(String::new())
    }
}
