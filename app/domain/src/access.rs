//! Who may do what where. Pure: every use case passes through [`authorize`] and nothing else decides.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::id::{ClusterId, ResourceGroupId, SubscriptionId, UserId};

mod resulting;

pub use resulting::resulting;

/// Rights on a place and everything below it; each includes the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Role {
    /// Sees.
    Reader,
    /// Changes configurations.
    Contributor,
    /// Changes clusters and rights too.
    Owner,
}

impl Role {
    /// The word as stored: the variant's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reader => "Reader",
            Self::Contributor => "Contributor",
            Self::Owner => "Owner",
        }
    }

    /// From the word.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Reader, Self::Contributor, Self::Owner].into_iter().find(|role| role.as_str() == text)
    }
}

/// Where a thing is: a place contains itself and everything below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Place {
    /// A whole subscription.
    Subscription(SubscriptionId),
    /// A resource group of it.
    ResourceGroup(SubscriptionId, ResourceGroupId),
    /// A connected cluster of that; its configurations are at this place too.
    Cluster(SubscriptionId, ResourceGroupId, ClusterId),
}

impl Place {
    /// Whether `inner` is this place or lies below it.
    pub fn contains(&self, inner: &Self) -> bool {
        match (self, inner) {
            (
                Self::Subscription(outer),
                Self::Subscription(subscription)
                | Self::ResourceGroup(subscription, _)
                | Self::Cluster(subscription, ..),
            ) => outer == subscription,
            (
                Self::ResourceGroup(outer_subscription, outer_group),
                Self::ResourceGroup(subscription, group) | Self::Cluster(subscription, group, _),
            ) => (outer_subscription, outer_group) == (subscription, group),
            (Self::Cluster(..), Self::Cluster(..)) => self == inner,
            _ => false,
        }
    }

    /// What is in both: the inner one of two places, when one contains the other.
    pub fn common(&self, other: &Self) -> Option<Self> {
        if self.contains(other) { Some(*other) } else { other.contains(self).then_some(*self) }
    }

    /// The subscription it is in, or is.
    pub fn subscription(&self) -> SubscriptionId {
        match self {
            Self::Subscription(id) | Self::ResourceGroup(id, _) | Self::Cluster(id, ..) => *id,
        }
    }

    /// Its own id, whatever it is.
    pub fn id(&self) -> Uuid {
        match self {
            Self::Subscription(SubscriptionId(id))
            | Self::ResourceGroup(_, ResourceGroupId(id))
            | Self::Cluster(_, _, ClusterId(id)) => *id,
        }
    }
}

/// A role at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// What.
    pub role: Role,
    /// Where, and below.
    pub place: Place,
}

/// What kind of user somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum UserKind {
    /// Signs in.
    Person,
    /// Has tokens only, and belongs to the place whose owners look after it.
    ServiceAccount,
}

impl UserKind {
    /// The word as stored: the variant's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Person => "Person",
            Self::ServiceAccount => "ServiceAccount",
        }
    }
}

/// Who a role is assigned to.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Principal {
    /// Somebody.
    Person(UserId),
    /// Some program.
    ServiceAccount(UserId),
    /// Everybody whom an identity provider says to be in it.
    Group {
        /// The provider's name here.
        provider: String,
        /// As the provider spells it.
        name: String,
    },
}

impl Principal {
    /// A user of this kind.
    pub fn of_user(kind: UserKind, user: UserId) -> Self {
        match kind {
            UserKind::Person => Self::Person(user),
            UserKind::ServiceAccount => Self::ServiceAccount(user),
        }
    }
}

/// How a request came, for the audit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Via {
    /// Where it came from, as far as it is known.
    pub address: Option<String>,
    /// Finds the log lines of the request.
    pub request_id: Option<String>,
    /// Name and beginning of the token that was shown; `None` for a session.
    pub token: Option<String>,
    /// Origin of the page around the frame that asked; `None` outside of frames.
    pub parent: Option<String>,
}

/// Who asks: made from a session or a token, handed to every use case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The person or service account.
    pub user: UserId,
    /// For the audit and the page.
    pub name: String,
    /// The administrator is Owner of everything.
    pub administrator: bool,
    /// Everybody else has what was granted, to them or to a group they are in.
    pub grants: Vec<Grant>,
    /// What a token narrows all of that to: at most this role, at this place and below.
    pub limit: Option<Grant>,
    /// How the request came.
    pub via: Via,
}

/// What somebody wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Permit {
    /// See that a thing exists and how it is.
    Read,
    /// Make, change, delete or sync a configuration.
    WriteConfiguration,
    /// Connect, change or disconnect a cluster.
    WriteCluster,
    /// Make, rename and delete resource groups, rename the subscription, see and assign roles.
    WriteAccess,
}

impl Permit {
    fn needs(self) -> Role {
        match self {
            Self::Read => Role::Reader,
            Self::WriteConfiguration => Role::Contributor,
            Self::WriteCluster | Self::WriteAccess => Role::Owner,
        }
    }
}

/// Why not. What one may not see does not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The actor may not even see the place: answer as if it did not exist.
    Hidden,
    /// The actor sees it, but may not do this.
    Denied,
}

/// The one decision about rights.
pub fn authorize(actor: &Actor, permit: Permit, place: &Place) -> Result<(), Refusal> {
    match actor.role_at(place) {
        None => Err(Refusal::Hidden),
        Some(role) if role >= permit.needs() => Ok(()),
        Some(_) => Err(Refusal::Denied),
    }
}

impl Actor {
    /// The highest role at a place, inherited from above.
    pub fn role_at(&self, place: &Place) -> Option<Role> {
        let role = if self.administrator { Some(Role::Owner) } else { granted(&self.grants, place) };
        match &self.limit {
            None => role,
            Some(limit) if limit.place.contains(place) => role.map(|role| role.min(limit.role)),
            Some(_) => None,
        }
    }

    /// Whether two requests come from the same user with the same rights, however they came.
    pub fn is_alike(&self, other: &Self) -> bool {
        let rights = |actor: &Self| Self { via: Via::default(), ..actor.clone() };
        rights(self) == rights(other)
    }

    /// Whether what belongs to no place may be done: making subscriptions, seeing all people.
    pub fn administers(&self) -> bool {
        self.administrator && self.limit.is_none()
    }

    /// Whether the request comes out of a frame of another origin's page.
    pub fn is_framed(&self) -> bool {
        self.via.parent.is_some()
    }

    /// Whether it has less than the person it is of: what one did elsewhere and owns oneself is not shown to it.
    pub fn is_narrowed(&self) -> bool {
        self.limit.is_some() || self.is_framed()
    }

    /// What lists are filtered by, in the database.
    pub fn visible(&self) -> Visible {
        match &self.limit {
            None if self.administrator => Visible::Everything,
            None => Visible::Places(self.grants.iter().map(|grant| grant.place).collect()),
            Some(limit) if self.administrator => Visible::Places(vec![limit.place]),
            Some(limit) => {
                let narrowed = self.grants.iter().filter_map(|grant| grant.place.common(&limit.place));
                Visible::Places(narrowed.collect())
            }
        }
    }
}

/// The highest of the roles that hold at a place.
pub fn granted(grants: &[Grant], place: &Place) -> Option<Role> {
    grants.iter().filter(|grant| grant.place.contains(place)).map(|grant| grant.role).max()
}

/// The places an actor may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Visible {
    /// The administrator.
    Everything,
    /// These and what lies below; may be empty.
    Places(Vec<Place>),
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUBSCRIPTION: SubscriptionId = SubscriptionId(Uuid::from_u128(1));
    const OTHER: SubscriptionId = SubscriptionId(Uuid::from_u128(2));
    const GROUP: ResourceGroupId = ResourceGroupId(Uuid::from_u128(3));
    const CLUSTER: ClusterId = ClusterId(Uuid::from_u128(4));

    fn actor(grants: &[(Role, Place)]) -> Actor {
        let grants = grants.iter().map(|(role, place)| Grant { role: *role, place: *place }).collect();
        Actor {
            user: UserId(Uuid::nil()),
            name: "ada".to_owned(),
            administrator: false,
            grants,
            limit: None,
            via: Via::default(),
        }
    }

    #[test]
    fn a_role_is_inherited_downwards_only() {
        let cluster = Place::Cluster(SUBSCRIPTION, GROUP, CLUSTER);
        let group = Place::ResourceGroup(SUBSCRIPTION, GROUP);
        let owner_of_group = actor(&[(Role::Owner, group)]);
        assert_eq!(authorize(&owner_of_group, Permit::WriteCluster, &cluster), Ok(()));
        assert_eq!(
            authorize(&owner_of_group, Permit::Read, &Place::Subscription(SUBSCRIPTION)),
            Err(Refusal::Hidden)
        );
    }

    #[test]
    fn what_one_may_not_see_is_hidden_and_what_one_may_not_change_is_denied() {
        let group = Place::ResourceGroup(SUBSCRIPTION, GROUP);
        let reader = actor(&[(Role::Reader, group)]);
        assert_eq!(authorize(&reader, Permit::WriteConfiguration, &group), Err(Refusal::Denied));
        let elsewhere = Place::ResourceGroup(OTHER, GROUP);
        assert_eq!(authorize(&reader, Permit::Read, &elsewhere), Err(Refusal::Hidden));
    }

    #[test]
    fn a_contributor_changes_configurations_but_not_clusters() {
        let cluster = Place::Cluster(SUBSCRIPTION, GROUP, CLUSTER);
        let contributor = actor(&[(Role::Contributor, Place::Subscription(SUBSCRIPTION))]);
        assert_eq!(authorize(&contributor, Permit::WriteConfiguration, &cluster), Ok(()));
        assert_eq!(authorize(&contributor, Permit::WriteCluster, &cluster), Err(Refusal::Denied));
    }

    #[test]
    fn somebody_without_grants_sees_no_place() {
        assert_eq!(actor(&[]).visible(), Visible::Places(Vec::new()));
    }

    #[test]
    fn a_limit_takes_away_and_never_gives() {
        let group = Place::ResourceGroup(SUBSCRIPTION, GROUP);
        let cluster = Place::Cluster(SUBSCRIPTION, GROUP, CLUSTER);
        let whole = Place::Subscription(SUBSCRIPTION);
        let limited = |granted: (Role, Place), administrator, role, place| Actor {
            limit: Some(Grant { role, place }),
            administrator,
            ..actor(&[granted])
        };
        let narrowed = limited((Role::Owner, whole), false, Role::Contributor, group);
        assert_eq!(narrowed.role_at(&cluster), Some(Role::Contributor));
        assert_eq!(narrowed.role_at(&whole), None);
        assert_eq!(narrowed.visible(), Visible::Places(vec![group]));
        let no_more = limited((Role::Reader, cluster), false, Role::Owner, whole);
        assert_eq!((no_more.role_at(&cluster), no_more.role_at(&group)), (Some(Role::Reader), None));
        assert_eq!(no_more.visible(), Visible::Places(vec![cluster]));
        let elsewhere = limited((Role::Owner, group), false, Role::Owner, Place::Subscription(OTHER));
        assert_eq!(elsewhere.visible(), Visible::Places(Vec::new()));
        let administrator = limited((Role::Reader, whole), true, Role::Reader, group);
        assert_eq!((administrator.role_at(&group), administrator.administers()), (Some(Role::Reader), false));
        assert_eq!(administrator.visible(), Visible::Places(vec![group]));
    }
}
