//! Clusters and configurations by the names ARM gives them, page by page.

use domain::access::Visible;
use domain::cluster::ClusterType;
use storage::ClusterRecord;

use crate::databases::{Database, EVERYTHING, databases};

async fn record(database: &Database, name: &str) -> ClusterRecord {
    let id = database.cluster(name).await;
    database.storage.cluster(id).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_list_of_configurations_goes_on_behind_the_last_one_of_a_page() {
    for database in databases().await {
        let cluster = database.cluster("one").await;
        for name in ["b", "a", "c"] {
            database.configuration(cluster, name).await;
        }
        let page = async |after: Option<&str>, top| {
            let (records, next) = database.storage.configurations_after(cluster, after, top).await.unwrap();
            (records.into_iter().map(|record| record.summary.name).collect::<Vec<_>>(), next)
        };
        assert_eq!(page(None, 2).await, (vec!["a".to_owned(), "b".to_owned()], Some("b".to_owned())));
        assert_eq!(page(Some("b"), 2).await, (vec!["c".to_owned()], None));
        assert_eq!(page(Some("B"), 2).await, (vec!["c".to_owned()], None), "names differ in more than case");
        assert_eq!(page(None, 3).await.1, None, "a page that just holds all is the last");
        assert_eq!(page(Some("c"), 3).await, (Vec::new(), None));
    }
}

#[tokio::test]
async fn a_list_of_clusters_has_those_of_a_place_that_one_may_see() {
    for database in databases().await {
        let (one, two) = (record(&database, "One").await, record(&database, "two").await);
        let list = async |visible: &Visible, group, after: Option<&str>| {
            let place = (one.subscription, group);
            let kind = ClusterType::ConnectedClusters;
            let found = database.storage.clusters_after(visible, kind, place, after, 1).await.unwrap();
            (found.0.into_iter().map(|record| record.name).collect::<Vec<_>>(), found.1)
        };
        let (names, next) = list(&EVERYTHING, None, None).await;
        assert_eq!(names, ["One"]);
        assert_eq!(list(&EVERYTHING, None, next.as_deref()).await, (vec!["two".to_owned()], None));
        let only = Visible::Places(vec![two.place]);
        assert_eq!(list(&only, Some(two.resource_group), None).await.0, ["two"]);
        assert_eq!(list(&Visible::Places(Vec::new()), None, None).await.0, [""; 0]);
    }
}

#[tokio::test]
async fn a_cluster_is_found_by_its_name_in_any_case() {
    for database in databases().await {
        let one = record(&database, "One").await;
        let found = database.storage.clusters_named(one.resource_group, "oNE").await.unwrap();
        assert_eq!(found.iter().map(|found| found.id).collect::<Vec<_>>(), [one.id]);
        assert_eq!(database.storage.clusters_named(one.resource_group, "on").await.unwrap(), []);
    }
}
