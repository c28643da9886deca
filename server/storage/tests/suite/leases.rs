//! The lease: one run at a time, and none that was overtaken.

use domain::status::SyncStep;
use storage::{OperatorOfCluster, StorageError};

use crate::databases::{TTL, databases, installed, somebody, told};

#[tokio::test]
async fn a_lease_is_given_once_until_it_ends_or_comes_back() {
    for database in databases().await {
        let (id, lease) = database.running("config").await;
        for holder in ["process-1", "process-2"] {
            assert_eq!(database.storage.acquire_lease(id, holder, TTL).await.unwrap(), None, "{holder}");
        }
        database.storage.release_lease(lease.clone()).await.unwrap();
        let second = database.storage.acquire_lease(id, "process-2", TTL).await.unwrap().unwrap();
        assert_eq!(second.epoch(), lease.epoch() + 1);
        database.pass(TTL);
        let third = database.storage.acquire_lease(id, "process-1", TTL).await.unwrap().unwrap();
        assert_eq!(third.epoch(), lease.epoch() + 2);
    }
}

#[tokio::test]
async fn the_term_before_and_the_one_that_begins_are_known_whoever_uses_the_operator() {
    for database in databases().await {
        let (id, lease) = database.running("config").await;
        let work = database.storage.work(id).await.unwrap().unwrap();
        let operator = OperatorOfCluster {
            cluster: &work.cluster_uid,
            namespace: &work.spec.operator_namespace,
            instance: &work.spec.operator_instance_name,
        };
        let storage = &database.storage;
        assert!(storage.operator_terms(operator).await.unwrap().is_empty());
        let one = storage.begin_term(&lease, operator, None).await.unwrap();
        assert_eq!(storage.operator_terms(operator).await.unwrap(), [one.as_str()]);
        let two = storage.begin_term(&lease, operator, Some(&one)).await.unwrap();
        assert_eq!(storage.operator_terms(operator).await.unwrap(), [one.as_str(), two.as_str()]);
        let three = storage.begin_term(&lease, operator, Some(&one)).await.unwrap();
        assert_eq!(storage.operator_terms(operator).await.unwrap(), [one, three], "the second never came");
        let mut unit = database.begin().await;
        unit.delete_configuration(id, somebody()).await.unwrap();
        unit.commit().await.unwrap();
        assert_eq!(storage.operator_terms(operator).await.unwrap().len(), 2, "the Lease is still there");
        assert!(storage.begin_term(&lease, operator, None).await.is_err(), "a run that was overtaken");
    }
}

#[tokio::test]
async fn a_renewed_lease_holds_longer() {
    for database in databases().await {
        let (id, lease) = database.running("config").await;
        database.pass(TTL / 2);
        let renewed = database.storage.renew_lease(&lease, TTL).await.unwrap();
        assert_eq!(renewed.epoch(), lease.epoch());
        database.pass(TTL / 2);
        assert_eq!(database.storage.acquire_lease(id, "process-2", TTL).await.unwrap(), None);
    }
}

#[tokio::test]
async fn every_write_of_an_overtaken_run_is_refused() {
    for database in databases().await {
        let (id, late) = database.running("config").await;
        database.pass(TTL);
        let current = database.storage.acquire_lease(id, "process-2", TTL).await.unwrap().unwrap();
        let storage = &database.storage;
        let before = storage.configuration(id).await.unwrap();
        let record = installed(database.now());
        let refusals = [
            storage.record_step(&late, SyncStep::Apply, None).await,
            storage.record_operator(&late, &[]).await,
            storage.record_intent(&late, &[]).await.map(|_| ()),
            storage.record_applied(&late, &[]).await,
            storage.record(&late, &record).await,
            storage.postpone(&late, database.now()).await,
            storage.renew_lease(&late, TTL).await.map(|_| ()),
        ];
        for (index, refusal) in refusals.into_iter().enumerate() {
            let error = refusal.unwrap_err();
            assert!(
                matches!(error, StorageError::LeaseLost { configuration } if configuration == id),
                "{index}"
            );
        }
        storage.release_lease(late).await.unwrap();
        assert_eq!(storage.configuration(id).await.unwrap(), before);
        storage.record(&current, &record).await.unwrap();
    }
}

#[tokio::test]
async fn a_run_of_a_deleted_configuration_writes_nothing_more() {
    for database in databases().await {
        let (id, lease) = database.running("config").await;
        let mut unit = database.begin().await;
        unit.delete_configuration(id, somebody()).await.unwrap();
        unit.commit().await.unwrap();
        let error = database.storage.record(&lease, &installed(database.now())).await.unwrap_err();
        assert!(matches!(error, StorageError::LeaseLost { .. }), "{error}");
        assert_eq!(database.storage.acquire_lease(id, "process-1", TTL).await.unwrap(), None);
        database.storage.release_lease(lease).await.unwrap();
    }
}

#[tokio::test]
async fn a_run_given_back_without_a_record_is_due_again_and_no_longer_shown_as_running() {
    for database in databases().await {
        let (id, lease) = database.running("config").await;
        database.storage.record_step(&lease, SyncStep::Fetch, None).await.unwrap();
        let mut events = database.storage.signals().events();
        database.storage.release_lease(lease).await.unwrap();
        assert_eq!(told(&mut events).len(), 1);
        let state = database.storage.configuration_summary(id).await.unwrap().unwrap().state;
        assert_eq!(state.syncing, None);
        assert_eq!(database.due().await, [id]);
    }
}

#[tokio::test]
async fn a_lease_that_is_not_given_takes_up_no_wish() {
    for database in databases().await {
        let (id, _lease) = database.running("config").await;
        let mut unit = database.begin().await;
        unit.request_sync(id).await.unwrap();
        unit.commit().await.unwrap();
        assert_eq!(database.storage.acquire_lease(id, "process-2", TTL).await.unwrap(), None);
        let record = database.storage.configuration(id).await.unwrap().unwrap();
        assert_eq!(record.sync_requested_at, Some(database.now()));
    }
}
