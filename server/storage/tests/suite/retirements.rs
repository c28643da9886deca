//! Operators that have to go.

use domain::configuration::OperatorScope;
use domain::id::ConfigurationId;
use domain::object::{ObjectKey, ResourceKind};
use domain::reason::RetirementState;
use storage::{OperatorObject, RunRecord};

use crate::databases::{Database, databases, installed, somebody, spec, spec_with, uid_of};

fn service_account(uid: &str) -> OperatorObject {
    OperatorObject {
        object: ObjectKey {
            group: String::new(),
            kind: "ServiceAccount".to_owned(),
            namespace: Some("config".to_owned()),
            name: "config".to_owned(),
        },
        kind: ResourceKind {
            group: String::new(),
            version: "v1".to_owned(),
            kind: "ServiceAccount".to_owned(),
            plural: "serviceaccounts".to_owned(),
            namespaced: true,
        },
        uid: uid.to_owned(),
        created: true,
    }
}

/// A configuration `config` whose operator was made and synced.
async fn synced(database: &Database) -> ConfigurationId {
    let cluster = database.cluster("one").await;
    let id = database.configuration(cluster, "config").await;
    let lease = database.lease(id).await;
    database.storage.record_operator(&lease, &[service_account("u1")]).await.unwrap();
    database.finish(lease).await;
    id
}

async fn delete(database: &Database, id: ConfigurationId) {
    let mut unit = database.begin().await;
    unit.delete_configuration(id, somebody()).await.unwrap();
    unit.commit().await.unwrap();
}

#[tokio::test]
async fn a_deletion_leaves_word_of_what_has_to_go_and_who_wished_it() {
    for database in databases().await {
        let id = synced(&database).await;
        delete(&database, id).await;
        let due = database.storage.due_retirements(10).await.unwrap();
        assert_eq!(due.len(), 1);
        let retirement = &due[0];
        assert_eq!((retirement.configuration, retirement.configuration_name.as_str()), (id, "config"));
        assert_eq!(retirement.objects, [service_account("u1")]);
        assert_eq!((retirement.requested_by, retirement.requested_at), (somebody(), database.now()));
        assert_eq!(retirement.cluster_uid, uid_of("one"));
        assert_eq!(retirement.operator_scope, OperatorScope::Cluster);
        assert!(!retirement.operator_in_use && !retirement.namespace_in_use);
    }
}

#[tokio::test]
async fn a_failed_retirement_comes_back_and_a_finished_one_does_not() {
    for database in databases().await {
        let id = synced(&database).await;
        delete(&database, id).await;
        let storage = &database.storage;
        let retirement = storage.due_retirements(10).await.unwrap().remove(0);
        let later = database.now().plus_milliseconds(1000);
        storage.fail_retirement(retirement.id, "cluster offline", later).await.unwrap();
        assert_eq!(storage.due_retirements(10).await.unwrap(), []);
        database.pass(1000);
        let again = storage.due_retirements(10).await.unwrap().remove(0);
        assert_eq!((again.failures, again.last_error.as_deref()), (1, Some("cluster offline")));
        storage.finish_retirement(again.id, &RetirementState::NamespaceInUse).await.unwrap();
        assert_eq!(storage.due_retirements(10).await.unwrap(), []);
        let shown = storage.retirements(again.cluster).await.unwrap();
        assert_eq!(shown[0].state, RetirementState::NamespaceInUse);
        assert_eq!(shown[0].finished_at, Some(database.now()));
    }
}

#[tokio::test]
async fn a_wish_that_was_too_old_is_not_due_until_somebody_renews_it() {
    for database in databases().await {
        let id = synced(&database).await;
        delete(&database, id).await;
        let storage = &database.storage;
        let retirement = storage.due_retirements(10).await.unwrap().remove(0);
        assert_eq!(retirement.requested_by_name, None, "nobody of this id is here");
        let mut unit = database.begin().await;
        assert!(!unit.renew_retirement(retirement.id, somebody()).await.unwrap(), "it is carried out");
        drop(unit);
        storage.fail_retirement(retirement.id, "cluster offline", database.now()).await.unwrap();
        storage.expire_retirement(retirement.id).await.unwrap();
        database.pass(1000);
        assert_eq!(storage.due_retirements(10).await.unwrap(), []);
        let shown = storage.retirements(retirement.cluster).await.unwrap().remove(0);
        assert_eq!((&shown.state, shown.finished_at), (&RetirementState::WishTooOld, None));

        let ada = database.user("ada").await;
        let mut unit = database.begin().await;
        assert!(unit.renew_retirement(retirement.id, ada).await.unwrap());
        assert!(!unit.renew_retirement(retirement.id, somebody()).await.unwrap(), "once");
        unit.commit().await.unwrap();
        let renewed = storage.due_retirements(10).await.unwrap().remove(0);
        assert_eq!((renewed.requested_at, renewed.requested_by), (database.now(), ada));
        assert_eq!(renewed.requested_by_name.as_deref(), Some("ada"));
        assert_eq!((renewed.state, renewed.failures), (RetirementState::Waiting, 0));
        storage.finish_retirement(renewed.id, &RetirementState::Gone).await.unwrap();
        let mut unit = database.begin().await;
        assert!(!unit.renew_retirement(renewed.id, ada).await.unwrap(), "it has ended");
    }
}

#[tokio::test]
async fn what_an_earlier_version_said_of_an_old_wish_is_still_read() {
    for database in databases().await {
        let id = synced(&database).await;
        delete(&database, id).await;
        let retirement = database.storage.due_retirements(10).await.unwrap().remove(0);
        database
            .tamper(r#"UPDATE retirements SET finished_at = 1, state = '{"code":"namespaceWishTooOld"}'"#)
            .await;
        let shown = database.storage.retirements(retirement.cluster).await.unwrap().remove(0);
        assert_eq!(shown.state, RetirementState::NamespaceKept);
    }
}

#[tokio::test]
async fn an_operator_made_again_keeps_what_it_uses() {
    for database in databases().await {
        let id = synced(&database).await;
        let cluster = database.storage.configuration_summary(id).await.unwrap().unwrap().state.cluster;
        delete(&database, id).await;
        let next = database.configuration(cluster, "config").await;
        let retirement = database.storage.due_retirements(10).await.unwrap().remove(0);
        assert!(retirement.operator_in_use && retirement.namespace_in_use);
        assert_eq!(retirement.objects, [service_account("u1")], "nothing is known of the new one yet");
        let lease = database.lease(next).await;
        database.storage.record_operator(&lease, &[service_account("u1")]).await.unwrap();
        let retirement = database.storage.due_retirements(10).await.unwrap().remove(0);
        assert_eq!(retirement.objects, []);
    }
}

#[tokio::test]
async fn a_renamed_operator_goes_after_the_new_one_was_synced() {
    for database in databases().await {
        let id = synced(&database).await;
        let renamed = spec_with("config", |draft| draft.operator_instance_name = "renamed".to_owned());
        let mut unit = database.begin().await;
        unit.replace_configuration(id, &renamed, 1, somebody()).await.unwrap();
        unit.commit().await.unwrap();
        assert_eq!(database.storage.due_retirements(10).await.unwrap(), []);
        let lease = database.lease(id).await;
        database.storage.record_operator(&lease, &[service_account("u2")]).await.unwrap();
        // A run that could not make the new one leaves the old one in place.
        let mut record = RunRecord { generation: 2, ..installed(database.now()) };
        record.status.observed_generation = 2;
        database.storage.record(&lease, &record).await.unwrap();
        assert_eq!(database.storage.due_retirements(10).await.unwrap(), []);
        database.storage.record_operator_made(&lease, 2).await.unwrap();
        let retirement = database.storage.due_retirements(10).await.unwrap().remove(0);
        assert_eq!(retirement.operator_instance_name, "config");
        assert_eq!(retirement.objects, [service_account("u1")]);
        assert!(!retirement.operator_in_use);
        assert!(retirement.namespace_in_use);
    }
}

#[tokio::test]
async fn a_change_that_leaves_the_operator_alone_retires_nothing() {
    for database in databases().await {
        let id = synced(&database).await;
        let mut unit = database.begin().await;
        unit.replace_configuration(id, &spec("config"), 1, somebody()).await.unwrap();
        unit.commit().await.unwrap();
        let cluster = database.storage.configuration_summary(id).await.unwrap().unwrap().state.cluster;
        assert_eq!(database.storage.retirements(cluster).await.unwrap(), []);
    }
}

#[tokio::test]
async fn an_operator_of_a_disconnected_cluster_goes_when_that_cluster_is_connected_again() {
    for database in databases().await {
        let id = synced(&database).await;
        let cluster = database.storage.configuration_summary(id).await.unwrap().unwrap().state.cluster;
        delete(&database, id).await;
        let mut unit = database.begin().await;
        assert!(unit.delete_cluster(cluster).await.unwrap());
        unit.commit().await.unwrap();
        assert_eq!(database.storage.due_retirements(10).await.unwrap(), [], "there is no way to it");

        let (_, group) = database.group(7, "elsewhere").await;
        let other = database.cluster_in(group, "two").await;
        assert_eq!(database.storage.retirements(other).await.unwrap(), []);
        let again = database.cluster_in(group, "one").await;
        let due = database.storage.due_retirements(10).await.unwrap();
        assert_eq!((due.len(), due[0].cluster, due[0].cluster_uid.clone()), (1, again, uid_of("one")));
        assert_eq!(database.storage.retirements(again).await.unwrap().len(), 1);
    }
}
