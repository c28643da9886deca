//! Subscriptions, resource groups, users and roles.

use domain::access::{Grant, Place, Principal, Role, Visible};
use domain::id::SubscriptionId;
use domain::name::ResourceGroupName;
use storage::{StorageError, Taken};
use uuid::Uuid;

use crate::databases::{EVERYTHING, at, databases};

#[tokio::test]
async fn a_resource_group_keeps_its_case_and_is_found_in_any() {
    for database in databases().await {
        let (subscription, group) = database.group(1, "AzureArcTest").await;
        let found =
            database.storage.resource_group_by_name(subscription, "azurearctest").await.unwrap().unwrap();
        assert_eq!((found.id, found.name.as_str()), (group, "AzureArcTest"));
        assert_eq!(found.place(), at(subscription, group));
        let mut unit = database.begin().await;
        let twin = ResourceGroupName::parse("AZUREARCTEST").unwrap();
        let error = unit.create_resource_group(subscription, &twin).await.unwrap_err();
        assert!(matches!(error, StorageError::Taken(Taken::ResourceGroupName)), "{error}");
    }
}

#[tokio::test]
async fn a_subscription_id_is_taken_once() {
    for database in databases().await {
        database.group(1, "group").await;
        let mut unit = database.begin().await;
        let id = SubscriptionId(Uuid::from_u128(1));
        let error = unit.create_subscription(id, "again").await.unwrap_err();
        assert!(matches!(error, StorageError::Taken(Taken::Subscription)), "{error}");
    }
}

#[tokio::test]
async fn resource_groups_are_listed_as_far_as_they_are_visible() {
    for database in databases().await {
        let (subscription, one) = database.group(1, "one").await;
        let (_, two) = database.group(1, "two").await;
        let (other, three) = database.group(2, "three").await;
        let cluster = database.cluster_in(two, "c").await;
        for (visible, expected) in [
            (EVERYTHING, vec![one, two, three]),
            (Visible::Places(vec![]), vec![]),
            (Visible::Places(vec![Place::Subscription(other)]), vec![three]),
            (Visible::Places(vec![at(subscription, one)]), vec![one]),
            (Visible::Places(vec![Place::Cluster(subscription, two, cluster)]), vec![two]),
        ] {
            let groups = database.storage.resource_groups(&visible).await.unwrap();
            assert_eq!(groups.iter().map(|group| group.id).collect::<Vec<_>>(), expected, "{visible:?}");
        }
    }
}

#[tokio::test]
async fn an_actor_has_what_was_granted_and_not_what_was_taken() {
    for database in databases().await {
        let (subscription, group) = database.group(1, "group").await;
        let user = database.user("ada").await;
        let whole = Grant { role: Role::Reader, place: Place::Subscription(subscription) };
        let part = |role| Grant { role, place: at(subscription, group) };
        let mut unit = database.begin().await;
        for grant in [whole, part(Role::Reader), part(Role::Owner)] {
            unit.assign(&Principal::Person(user), grant, "admin").await.unwrap();
        }
        unit.commit().await.unwrap();
        let actor = database.storage.actor(user).await.unwrap().unwrap();
        assert_eq!((actor.name.as_str(), actor.administrator), ("ada", false));
        assert_eq!(actor.grants, [whole, part(Role::Owner)]);
        let mut unit = database.begin().await;
        let assigned = database.storage.assignments_of(user).await.unwrap();
        let below = assigned.iter().find(|assignment| assignment.place.place == at(subscription, group));
        assert!(unit.unassign(below.unwrap().id).await.unwrap());
        unit.commit().await.unwrap();
        assert_eq!(database.storage.grants(user).await.unwrap(), [whole]);
    }
}

#[tokio::test]
async fn a_role_that_cannot_be_read_grants_nothing() {
    for database in databases().await {
        let (subscription, _) = database.group(1, "group").await;
        let user = database.user("ada").await;
        let mut unit = database.begin().await;
        let place = Place::Subscription(subscription);
        let grant = Grant { role: Role::Owner, place };
        unit.assign(&Principal::Person(user), grant, "admin").await.unwrap();
        unit.commit().await.unwrap();
        database.tamper("UPDATE role_assignments SET role = 'Emperor'").await;
        assert_eq!(database.storage.grants(user).await.unwrap(), []);
    }
}

#[tokio::test]
async fn user_names_are_one_in_any_case() {
    for database in databases().await {
        let user = database.user("Ada").await;
        let found = database.storage.user_by_name(" aDA ").await.unwrap().unwrap();
        assert_eq!((found.id, found.name.as_str()), (user, "Ada"));
        let mut unit = database.begin().await;
        let error = unit.create_user("ADA", false).await.unwrap_err();
        assert!(matches!(error, StorageError::Taken(Taken::UserName)), "{error}");
    }
}

#[tokio::test]
async fn a_new_database_has_no_administrator_and_then_one() {
    for database in databases().await {
        database.user("ada").await;
        assert!(database.storage.administrator().await.unwrap().is_none());
        let mut unit = database.begin().await;
        let id = unit.create_user("admin", true).await.unwrap();
        unit.commit().await.unwrap();
        assert_eq!(database.storage.administrator().await.unwrap().unwrap().id, id);
    }
}
