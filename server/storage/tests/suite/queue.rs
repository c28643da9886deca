//! What is due, when and in which order.

use std::time::Duration;

use domain::change::ChangeSet;
use domain::id::ConfigurationId;
use storage::{NewChangeSet, RunRecord};

use crate::databases::{Database, TTL, databases, installed, somebody, spec, told};

const MINUTE: i64 = 60_000;

#[tokio::test]
async fn a_recorded_run_is_due_again_at_its_time() {
    for database in databases().await {
        let (id, lease) = database.running("config").await;
        database.finish(lease).await;
        assert_eq!(database.due().await, []);
        let next = database.now().plus_milliseconds(5 * MINUTE);
        assert_eq!(database.storage.next_due().await.unwrap(), Some(next));
        database.pass(5 * MINUTE);
        assert_eq!(database.due().await, [id]);
    }
}

#[tokio::test]
async fn what_runs_is_not_due_until_its_lease_ends() {
    for database in databases().await {
        let (id, lease) = database.running("config").await;
        assert_eq!(database.due().await, []);
        assert_eq!(database.storage.next_due().await.unwrap(), Some(lease.until()));
        database.pass(TTL);
        assert_eq!(database.due().await, [id]);
    }
}

/// Row by row: what the history says of a run that begins after the server had ended in the middle of one.
#[tokio::test]
async fn what_comes_of_an_interrupted_run_is_told_as_resumed_once() {
    for database in databases().await {
        let (id, lease) = database.running("config").await;
        database.finish(lease).await;
        let database = database.restart().await;
        assert!(!told_as_resumed(&database, id).await, "nothing ran");
        drop(database.lease(id).await);
        let database = database.restart().await;
        let lease = database.lease(id).await;
        // The cluster does not answer yet.
        let untold = RunRecord { change_set: None, failures: 1, ..installed(database.now()) };
        database.storage.record(&lease, &untold).await.unwrap();
        database.storage.release_lease(lease).await.unwrap();
        assert!(told_as_resumed(&database, id).await, "it was interrupted");
        assert!(!told_as_resumed(&database, id).await, "the one after it was not");

        drop(database.lease(id).await);
        let database = database.restart().await;
        let lease = database.lease(id).await;
        database.storage.postpone(&lease, database.now()).await.unwrap();
        database.storage.release_lease(lease).await.unwrap();
        assert!(!told_as_resumed(&database, id).await, "nothing was left to do");

        let lease = database.lease(id).await;
        database.storage.record(&lease, &installed(database.now())).await.unwrap();
        let database = database.restart().await;
        assert!(!told_as_resumed(&database, id).await, "it had come to its end");
    }
}

/// Runs once more, and looks at what the history says of it.
async fn told_as_resumed(database: &Database, id: ConfigurationId) -> bool {
    let lease = database.lease(id).await;
    let change_set = NewChangeSet {
        run_key: "1".to_owned(),
        started_at: database.now(),
        change_set: ChangeSet::default(),
    };
    let record = RunRecord { change_set: Some(change_set), ..installed(database.now()) };
    database.storage.record(&lease, &record).await.unwrap();
    database.storage.release_lease(lease).await.unwrap();
    database.storage.history(id, 1).await.unwrap()[0].resumed
}

#[tokio::test]
async fn an_empty_queue_has_no_next_time() {
    for database in databases().await {
        assert_eq!(database.storage.next_due().await.unwrap(), None);
        assert_eq!(database.due().await, []);
    }
}

#[tokio::test]
async fn a_wish_for_a_sync_makes_it_due_and_is_told_from_a_poll() {
    for database in databases().await {
        let (id, lease) = database.running("config").await;
        database.finish(lease).await;
        let mut unit = database.begin().await;
        assert!(unit.request_sync(id).await.unwrap());
        unit.commit().await.unwrap();
        let due = database.storage.due(10).await.unwrap();
        assert_eq!(due.iter().map(|due| (due.id, due.requested)).collect::<Vec<_>>(), [(id, true)]);
        let lease = database.lease(id).await;
        database.finish(lease).await;
        assert_eq!(database.due().await, []);
    }
}

#[tokio::test]
async fn a_wish_during_a_run_leads_to_another_run() {
    for database in databases().await {
        let (id, lease) = database.running("config").await;
        let mut unit = database.begin().await;
        unit.request_sync(id).await.unwrap();
        unit.commit().await.unwrap();
        database.finish(lease).await;
        assert_eq!(database.due().await, [id]);
    }
}

#[tokio::test]
async fn a_hint_during_a_run_leads_to_another_run() {
    for database in databases().await {
        let (id, lease) = database.running("config").await;
        let soon = database.now().plus_milliseconds(1000);
        database.storage.hasten(&[id], soon).await.unwrap();
        database.finish(lease).await;
        assert_eq!(database.storage.next_due().await.unwrap(), Some(soon));
    }
}

#[tokio::test]
async fn a_spec_changed_during_a_run_leads_to_another_run() {
    for database in databases().await {
        for postponed in [false, true] {
            let (id, lease) = database.running(&format!("config-{postponed}")).await;
            let mut unit = database.begin().await;
            let spec = spec(&format!("config-{postponed}"));
            unit.replace_configuration(id, &spec, 1, somebody()).await.unwrap();
            unit.commit().await.unwrap();
            if postponed {
                let later = database.now().plus_milliseconds(5 * MINUTE);
                database.storage.postpone(&lease, later).await.unwrap();
                database.storage.release_lease(lease).await.unwrap();
            } else {
                database.finish(lease).await;
            }
            assert_eq!(database.due().await, [id], "postponed: {postponed}");
            let lease = database.lease(id).await;
            let record = RunRecord { generation: 2, ..installed(database.now()) };
            database.storage.record(&lease, &record).await.unwrap();
            database.storage.release_lease(lease).await.unwrap();
            assert_eq!(database.due().await, [], "postponed: {postponed}");
        }
    }
}

#[tokio::test]
async fn a_hint_only_ever_moves_a_sync_forward() {
    for database in databases().await {
        let (id, lease) = database.running("config").await;
        database.finish(lease).await;
        let due = database.now().plus_milliseconds(5 * MINUTE);
        database.storage.hasten(&[id], due.plus_milliseconds(MINUTE)).await.unwrap();
        assert_eq!(database.storage.next_due().await.unwrap(), Some(due));
        database.storage.hasten(&[id], due.plus_milliseconds(-MINUTE)).await.unwrap();
        assert_eq!(database.storage.next_due().await.unwrap(), Some(due.plus_milliseconds(-MINUTE)));
    }
}

#[tokio::test]
async fn a_cluster_that_is_back_hastens_its_own_configurations() {
    for database in databases().await {
        let cluster = database.cluster("one").await;
        let id = database.configuration(cluster, "config").await;
        let (_, other) = database.running("other").await;
        let lease = database.lease(id).await;
        database.finish(lease).await;
        database.finish(other).await;
        database.storage.hasten_cluster(cluster, database.now()).await.unwrap();
        assert_eq!(database.due().await, [id]);
    }
}

#[tokio::test]
async fn a_crowd_on_one_cluster_leaves_room_for_the_others() {
    for database in databases().await {
        let crowded = database.cluster("crowded").await;
        for number in 0..5 {
            database.configuration(crowded, &format!("crowd-{number}")).await;
        }
        database.pass(1000);
        let quiet = database.cluster("quiet").await;
        let late = database.configuration(quiet, "late").await;
        let due = database.storage.due(2).await.unwrap();
        assert_eq!(due.len(), 2);
        assert_eq!(due[1].id, late);
    }
}

#[tokio::test]
async fn a_restart_makes_interrupted_runs_due_at_once() {
    for database in databases().await {
        let (id, lease) = database.running("config").await;
        database.storage.record_step(&lease, domain::status::SyncStep::Apply, None).await.unwrap();
        let version = database.version(id).await;
        let database = database.restart().await;
        assert_eq!(database.due().await, [id]);
        let state = database.storage.configuration_summary(id).await.unwrap().unwrap().state;
        assert_eq!((state.syncing, state.version), (None, version + 1));
        let error = database.storage.record(&lease, &installed(database.now())).await.unwrap_err();
        assert!(matches!(error, storage::StorageError::LeaseLost { .. }), "{error}");
    }
}

#[tokio::test]
async fn a_commit_that_makes_work_wakes_the_queue() {
    for database in databases().await {
        let cluster = database.cluster("one").await;
        let mut events = database.storage.signals().events();
        let id = database.configuration(cluster, "config").await;
        // the wake-up is kept for whoever waits next
        tokio::time::timeout(Duration::from_secs(30), database.storage.signals().woken()).await.unwrap();
        assert_eq!(told(&mut events), [(id, 1)]);
    }
}

#[tokio::test]
async fn a_suspended_configuration_is_never_due_and_at_once_when_it_is_resumed() {
    for database in databases().await {
        let (id, lease) = database.running("config").await;
        database.finish(lease).await;
        let suspend = async |suspended| {
            let mut unit = database.begin().await;
            assert!(unit.suspend_configuration(id, suspended).await.unwrap());
            unit.commit().await.unwrap();
        };
        suspend(true).await;
        let since = database.now();
        database.pass(60 * MINUTE);
        suspend(true).await;
        let state = database.storage.configuration_summary(id).await.unwrap().unwrap().state;
        assert_eq!(state.suspended_since, Some(since), "since it was first asked for");
        assert_eq!(database.due().await, []);
        assert_eq!(database.storage.next_due().await.unwrap(), None);
        suspend(false).await;
        assert_eq!(database.due().await, [id]);
        let state = database.storage.configuration_summary(id).await.unwrap().unwrap().state;
        assert_eq!(state.suspended_since, None);
    }
}
