//! Which hosts a subscription may lead to.

use domain::outbound::Narrowing;
use storage::{OutboundRecord, StorageError};

use crate::databases::databases;

fn list(entries: &[&str]) -> Narrowing {
    Narrowing::parse(entries).unwrap()
}

#[tokio::test]
async fn the_list_of_a_subscription_holds_for_its_clusters_and_configurations_and_for_no_others() {
    for database in databases().await {
        let (subscription, group) = database.group(1, "listed").await;
        let (other_subscription, other_group) = database.group(2, "free").await;
        let cluster = database.cluster_in(group, "a").await;
        let other_cluster = database.cluster_in(other_group, "b").await;
        let configuration = database.configuration(cluster, "one").await;
        let other = database.configuration(other_cluster, "two").await;
        let storage = &database.storage;
        assert_eq!(storage.outbound(subscription).await.unwrap(), Some(OutboundRecord::default()));

        let hosts = list(&["git.example.com", "10.1.0.0/16"]);
        let mut unit = database.begin().await;
        assert_eq!(unit.lock_outbound(subscription).await.unwrap(), Some(OutboundRecord::default()));
        let version = unit.set_outbound(subscription, &hosts).await.unwrap();
        unit.commit().await.unwrap();
        assert_eq!(version, 1);
        let record = Some(OutboundRecord { hosts: hosts.clone(), version });
        assert_eq!(storage.outbound(subscription).await.unwrap(), record);
        let of_cluster = async |id| storage.outbound_of_cluster(id).await.unwrap().map(|(record, _)| record);
        assert_eq!(of_cluster(cluster).await, record);
        assert_eq!(storage.work(configuration).await.unwrap().unwrap().outbound, hosts);
        assert_eq!(storage.outbound(other_subscription).await.unwrap(), Some(OutboundRecord::default()));
        assert_eq!(of_cluster(other_cluster).await, Some(OutboundRecord::default()));
        assert!(storage.work(other).await.unwrap().unwrap().outbound.is_empty());
    }
}

#[tokio::test]
async fn a_list_that_cannot_be_read_lets_nobody_lead_anywhere() {
    for database in databases().await {
        let (subscription, group) = database.group(1, "damaged").await;
        let cluster = database.cluster_in(group, "a").await;
        let configuration = database.configuration(cluster, "one").await;
        database.tamper("UPDATE subscriptions SET outbound_hosts = '[\"a b\"]'").await;
        let storage = &database.storage;
        let unreadable = |error: StorageError| matches!(error, StorageError::Unreadable { .. });
        assert!(unreadable(storage.outbound(subscription).await.unwrap_err()));
        assert!(unreadable(storage.outbound_of_cluster(cluster).await.unwrap_err()));
        assert!(unreadable(storage.work(configuration).await.unwrap_err()));
    }
}
