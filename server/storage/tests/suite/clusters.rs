//! Clusters and the drafts they are connected from.

use domain::access::{Grant, Place, Principal, Role, Visible};
use domain::cluster::{ClusterFacts, ClusterStatus, ClusterType};
use domain::event::StatusEvent;
use domain::page::PageQuery;
use domain::reason::ConnectionReason;
use domain::service::{ComplianceCounts, ContextView};
use storage::{NewCluster, StorageError, Taken};

use crate::databases::{
    EVERYTHING, connected, databases, failed, new_cluster, offline, somebody, told, uid_of,
};

#[tokio::test]
async fn a_cluster_is_listed_with_its_place_and_how_its_configurations_stand() {
    for database in databases().await {
        let (subscription, group) = database.group(1, "AzureArcTest").await;
        let cluster = database.cluster_in(group, "AzureArcTest1").await;
        database.configuration(cluster, "pending").await;
        let id = database.configuration(cluster, "failed").await;
        let lease = database.lease(id).await;
        database.storage.record(&lease, &failed(database.now())).await.unwrap();
        let page = database.storage.clusters(&EVERYTHING, &PageQuery::default()).await.unwrap();
        assert_eq!(page.total, 1);
        let row = &page.items[0];
        assert_eq!((row.name.as_str(), row.resource_group_name.as_str()), ("AzureArcTest1", "AzureArcTest"));
        assert_eq!(row.place, Place::Cluster(subscription, group, cluster));
        assert_eq!(row.configurations, ComplianceCounts { installed: 0, pending: 1, failed: 1 });
        assert_eq!(row.last_seen, Some(database.now()));
    }
}

#[tokio::test]
async fn cluster_names_keep_their_case_and_are_one_in_any_case() {
    for database in databases().await {
        let (_, group) = database.group(1, "group").await;
        database.cluster_in(group, "Cluster").await;
        let mut unit = database.begin().await;
        let error = unit.create_cluster(&new_cluster(group, "cLUSTER")).await.unwrap_err();
        assert!(matches!(error, StorageError::Taken(Taken::ClusterName)), "{error}");
        let other_type =
            NewCluster { cluster_type: ClusterType::ManagedClusters, ..new_cluster(group, "Cluster") };
        unit.create_cluster(&other_type).await.unwrap();
    }
}

#[tokio::test]
async fn clusters_out_of_sight_are_not_listed() {
    for database in databases().await {
        let (subscription, group) = database.group(1, "mine").await;
        let (_, other) = database.group(1, "other").await;
        let mine = database.cluster_in(group, "mine").await;
        let hidden = database.cluster_in(other, "hidden").await;
        let visible = Visible::Places(vec![Place::ResourceGroup(subscription, group)]);
        let page = database.storage.clusters(&visible, &PageQuery::default()).await.unwrap();
        assert_eq!(page.items.iter().map(|row| row.id).collect::<Vec<_>>(), [mine]);
        assert_eq!(page.total, 1);
        let rows = database.storage.cluster_rows(&visible, &[mine, hidden]).await.unwrap();
        assert_eq!(rows.iter().map(|row| row.id).collect::<Vec<_>>(), [mine]);
    }
}

#[tokio::test]
async fn a_status_that_says_nothing_new_changes_no_version_but_the_time_last_seen() {
    for database in databases().await {
        let cluster = database.cluster("one").await;
        let mut events = database.storage.signals().events();
        database.pass(1000);
        database.storage.update_cluster_status(cluster, &connected()).await.unwrap();
        let row = database.storage.cluster(cluster).await.unwrap().unwrap();
        assert_eq!((row.version, row.last_seen), (1, Some(database.now())));
        assert!(events.try_recv().is_err());
        let facts = ClusterFacts {
            kubernetes_version: "v1.35.4".to_owned(),
            node_count: 1,
            core_count: 2,
            distribution: "k3s".to_owned(),
        };
        let status = ClusterStatus { facts: Some(facts.clone()), ..connected() };
        database.storage.update_cluster_status(cluster, &status).await.unwrap();
        assert_eq!(events.try_recv(), Ok(StatusEvent::Cluster { id: cluster, version: 2 }));
        // a look that fails keeps the facts of the last one that did not
        database.storage.update_cluster_status(cluster, &offline()).await.unwrap();
        let row = database.storage.cluster(cluster).await.unwrap().unwrap();
        assert_eq!(row.status, ClusterStatus { facts: Some(facts), ..offline() });
    }
}

#[tokio::test]
async fn going_offline_and_coming_back_changes_its_configurations_once_each() {
    for database in databases().await {
        let cluster = database.cluster("one").await;
        let id = database.configuration(cluster, "config").await;
        let mut events = database.storage.signals().events();
        let left = database.now();
        database.storage.update_cluster_status(cluster, &offline()).await.unwrap();
        database.pass(1000);
        let status = ClusterStatus { detail: Some("no route to host".to_owned()), ..offline() };
        database.storage.update_cluster_status(cluster, &status).await.unwrap();
        assert_eq!(told(&mut events), [(id, 2)]);
        let state = database.storage.configuration_summary(id).await.unwrap().unwrap().state;
        assert_eq!(state.offline_since, Some(left));
        database.storage.update_cluster_status(cluster, &connected()).await.unwrap();
        assert_eq!(told(&mut events), [(id, 3)]);
        let state = database.storage.configuration_summary(id).await.unwrap().unwrap().state;
        assert_eq!(state.offline_since, None);
    }
}

#[tokio::test]
async fn a_cluster_with_configurations_is_not_forgotten() {
    for database in databases().await {
        let cluster = database.cluster("one").await;
        database.configuration(cluster, "config").await;
        let mut unit = database.begin().await;
        assert_eq!(unit.configurations_of(cluster).await.unwrap(), 1);
        assert!(unit.delete_cluster(cluster).await.is_err());
        drop(unit);
        assert!(database.storage.cluster(cluster).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn a_forgotten_cluster_takes_the_roles_on_it_along() {
    for database in databases().await {
        let (subscription, group) = database.group(1, "group").await;
        let cluster = database.cluster_in(group, "one").await;
        let user = database.user("ada").await;
        let mut unit = database.begin().await;
        let place = Place::Cluster(subscription, group, cluster);
        let grant = Grant { role: Role::Reader, place };
        unit.assign(&Principal::Person(user), grant, "admin").await.unwrap();
        unit.commit().await.unwrap();
        let mut unit = database.begin().await;
        assert!(unit.delete_cluster(cluster).await.unwrap());
        assert!(!unit.delete_cluster(cluster).await.unwrap());
        unit.commit().await.unwrap();
        assert_eq!(database.storage.cluster(cluster).await.unwrap(), None);
        assert_eq!(database.storage.grants(user).await.unwrap(), []);
    }
}

#[tokio::test]
async fn a_cluster_connected_twice_is_found_by_its_uid() {
    for database in databases().await {
        let (_, one) = database.group(1, "one").await;
        let (_, two) = database.group(2, "two").await;
        let first = database.cluster_in(one, "same").await;
        let again = database.cluster_in(two, "same").await;
        let mut unit = database.begin().await;
        let mut found = unit.clusters_with_uid(&uid_of("same")).await.unwrap();
        found.sort();
        let mut expected = [first, again];
        expected.sort();
        assert_eq!(found, expected);
        drop(unit);
        assert_eq!(database.storage.clusters_by_uid(&uid_of("same")).await.unwrap().len(), 2);
    }
}

#[tokio::test]
async fn an_unreadable_cluster_status_is_shown_as_a_failed_connection() {
    for database in databases().await {
        let cluster = database.cluster("one").await;
        database.tamper("UPDATE clusters SET facts = '[]', preflight = '{'").await;
        let row = database.storage.cluster(cluster).await.unwrap().unwrap();
        assert_eq!(row.status.reason, ConnectionReason::Failed);
        assert_eq!(row.preflight, None);
    }
}

fn context(name: &str) -> ContextView {
    ContextView {
        name: name.to_owned(),
        server: "https://10.0.0.1:6443".to_owned(),
        user: "ada".to_owned(),
        namespace: None,
        refused: Vec::new(),
    }
}

#[tokio::test]
async fn a_draft_is_its_owners_until_it_expires() {
    for database in databases().await {
        let (ada, bob) = (database.user("ada").await, database.user("bob").await);
        let contexts = [context("one"), context("two")];
        let mut unit = database.begin().await;
        let expires_at = database.now().plus_milliseconds(900_000);
        let draft = unit.create_cluster_draft(ada, &contexts, expires_at).await.unwrap();
        unit.commit().await.unwrap();
        let found = database.storage.cluster_draft(draft, ada).await.unwrap().unwrap();
        assert_eq!(found.contexts, contexts);
        assert_eq!(database.storage.cluster_draft(draft, bob).await.unwrap(), None);
        assert_eq!(database.storage.purge_cluster_drafts().await.unwrap(), 0);
        database.pass(900_000);
        assert_eq!(database.storage.cluster_draft(draft, ada).await.unwrap(), None);
        assert_eq!(database.storage.purge_cluster_drafts().await.unwrap(), 1);
    }
}

#[tokio::test]
async fn a_draft_is_used_once() {
    for database in databases().await {
        let ada = database.user("ada").await;
        let mut unit = database.begin().await;
        let expires_at = database.now().plus_milliseconds(1);
        let draft = unit.create_cluster_draft(ada, &[], expires_at).await.unwrap();
        assert!(unit.delete_cluster_draft(draft).await.unwrap());
        assert!(!unit.delete_cluster_draft(draft).await.unwrap());
    }
}

#[tokio::test]
async fn a_preflight_is_kept_and_told_when_it_differs() {
    for database in databases().await {
        let cluster = database.cluster("one").await;
        let preflight = new_cluster(domain::id::ResourceGroupId(somebody().0), "x").preflight;
        let mut events = database.storage.signals().events();
        database.storage.set_preflight(cluster, &preflight).await.unwrap();
        assert!(events.try_recv().is_err());
        let changed = domain::cluster::Preflight { uid: Some(uid_of("one")), ..preflight };
        database.storage.set_preflight(cluster, &changed).await.unwrap();
        assert_eq!(events.try_recv(), Ok(StatusEvent::Cluster { id: cluster, version: 2 }));
        let row = database.storage.cluster(cluster).await.unwrap().unwrap();
        assert_eq!(row.preflight, Some(changed));
    }
}
