//! What the watches see.

use domain::health::Health;
use domain::id::ConfigurationId;
use storage::HealthUpdate;

use crate::databases::{Database, databases, told, uid_of};
use crate::runs::{accepted, deployments, intended, object};

fn seen(name: &str, health: Health, message: Option<&str>) -> HealthUpdate {
    HealthUpdate { object: object(name), health, message: message.map(str::to_owned) }
}

/// A configuration on cluster `one` that applied these objects.
async fn with_objects(database: &Database, names: &[&str]) -> ConfigurationId {
    let cluster = database.cluster("one").await;
    let id = database.configuration(cluster, "config").await;
    let lease = database.lease(id).await;
    let intents: Vec<_> = names.iter().map(|name| intended(name)).collect();
    database.storage.record_intent(&lease, &intents).await.unwrap();
    let applied: Vec<_> = names.iter().map(|name| accepted(name)).collect();
    database.storage.record_applied(&lease, &applied).await.unwrap();
    database.finish(lease).await;
    id
}

async fn health(database: &Database, id: ConfigurationId) -> Option<Health> {
    database.storage.configuration_summary(id).await.unwrap().unwrap().state.health
}

#[tokio::test]
async fn the_health_of_a_configuration_is_that_of_its_worst_object() {
    for database in databases().await {
        let id = with_objects(&database, &["a", "b"]).await;
        assert_eq!(health(&database, id).await, Some(Health::Unknown));
        let updates = [seen("a", Health::Healthy, None), seen("b", Health::Degraded, Some("crash loop"))];
        database.storage.update_health(&uid_of("one"), &updates).await.unwrap();
        assert_eq!(health(&database, id).await, Some(Health::Degraded));
        let better = [seen("b", Health::Healthy, None)];
        database.storage.update_health(&uid_of("one"), &better).await.unwrap();
        assert_eq!(health(&database, id).await, Some(Health::Healthy));
        let items = database.storage.inventory(id).await.unwrap();
        assert_eq!(items[1].message, None);
    }
}

#[tokio::test]
async fn one_batch_is_one_version_and_nothing_new_is_none() {
    for database in databases().await {
        let id = with_objects(&database, &["a", "b"]).await;
        let before = database.version(id).await;
        let mut events = database.storage.signals().events();
        let updates = [seen("a", Health::Healthy, None), seen("b", Health::Progressing, Some("1 of 2"))];
        for _ in 0..2 {
            database.storage.update_health(&uid_of("one"), &updates).await.unwrap();
        }
        let message = [seen("b", Health::Progressing, Some("2 of 2"))];
        database.storage.update_health(&uid_of("one"), &message).await.unwrap();
        assert_eq!(told(&mut events), [(id, before + 1), (id, before + 2)]);
    }
}

#[tokio::test]
async fn objects_of_other_clusters_and_of_nobody_are_ignored() {
    for database in databases().await {
        let id = with_objects(&database, &["a"]).await;
        let mut events = database.storage.signals().events();
        let storage = &database.storage;
        storage.update_health(&uid_of("two"), &[seen("a", Health::Degraded, None)]).await.unwrap();
        storage.update_health(&uid_of("one"), &[seen("x", Health::Degraded, None)]).await.unwrap();
        storage.update_health(&uid_of("one"), &[]).await.unwrap();
        assert_eq!(told(&mut events), []);
        assert_eq!(health(&database, id).await, Some(Health::Unknown));
    }
}

#[tokio::test]
async fn an_object_that_was_never_applied_has_no_say() {
    for database in databases().await {
        let (id, lease) = database.running("config").await;
        database.storage.record_intent(&lease, &[intended("a")]).await.unwrap();
        database.finish(lease).await;
        assert_eq!(health(&database, id).await, None);
    }
}

#[tokio::test]
async fn watches_learn_which_kinds_and_objects_are_ours() {
    for database in databases().await {
        let id = with_objects(&database, &["a", "b"]).await;
        let cluster = database.storage.clusters_by_uid(&uid_of("one")).await.unwrap()[0].id;
        assert_eq!(database.storage.kinds_in_use(cluster).await.unwrap(), [deployments()]);
        let all = database.storage.managed_objects(&uid_of("one"), None).await.unwrap();
        assert_eq!(all.len(), 2);
        let asked = [object("b"), object("x")];
        let some = database.storage.managed_objects(&uid_of("one"), Some(&asked)).await.unwrap();
        assert_eq!(some.iter().map(|managed| managed.object.name.as_str()).collect::<Vec<_>>(), ["b"]);
        assert_eq!((some[0].configuration, some[0].syncing), (id, false));
        assert_eq!(some[0].own_fields_hash.as_deref(), Some("f1"));
        let _lease = database.lease(id).await;
        let all = database.storage.managed_objects(&uid_of("one"), None).await.unwrap();
        assert!(all.iter().all(|managed| managed.syncing));
    }
}
