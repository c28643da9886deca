//! Who may do what where. Pure: every use case passes through [`authorize`] and nothing else decides.

use serde::{Deserialize, Serialize};

use crate::id::{ClusterId, ResourceGroupId, SubscriptionId, UserId};

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
}

/// A role at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// What.
    pub role: Role,
    /// Where, and below.
    pub place: Place,
}

/// Who asks: made from a session or a token, handed to every use case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The person.
    pub user: UserId,
    /// For the audit and the page.
    pub name: String,
    /// The administrator is Owner of everything.
    pub administrator: bool,
    /// Everybody else has what was granted.
    pub grants: Vec<Grant>,
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
    /// Make subscriptions' and resource groups' contents and grant roles.
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
        if self.administrator {
            return Some(Role::Owner);
        }
        self.grants.iter().filter(|grant| grant.place.contains(place)).map(|grant| grant.role).max()
    }

    /// What lists are filtered by, in the database.
    pub fn visible(&self) -> Visible {
        if self.administrator {
            Visible::Everything
        } else {
            Visible::Places(self.grants.iter().map(|grant| grant.place).collect())
        }
    }
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
    use uuid::Uuid;

    use super::*;

    const SUBSCRIPTION: SubscriptionId = SubscriptionId(Uuid::from_u128(1));
    const OTHER: SubscriptionId = SubscriptionId(Uuid::from_u128(2));
    const GROUP: ResourceGroupId = ResourceGroupId(Uuid::from_u128(3));
    const CLUSTER: ClusterId = ClusterId(Uuid::from_u128(4));

    fn actor(grants: &[(Role, Place)]) -> Actor {
        let grants = grants.iter().map(|(role, place)| Grant { role: *role, place: *place }).collect();
        Actor { user: UserId(Uuid::nil()), name: "ada".to_owned(), administrator: false, grants }
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
}
