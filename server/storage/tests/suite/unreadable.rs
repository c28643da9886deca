//! A run whose configuration cannot be read. (S-F3)

use domain::clock::Timestamp;
use domain::id::ConfigurationId;
use domain::reason::Reason;
use domain::status::{Compliance, MessageLevel};
use storage::{Lease, StorageError};

use crate::databases::{Database, databases, installed, told};

/// A configuration that was installed, another one beside it, and the first one's lease.
async fn after_a_sync(database: &Database) -> (ConfigurationId, Lease) {
    let (id, lease) = database.running("bad").await;
    database.storage.record(&lease, &installed(database.now())).await.unwrap();
    let (_, other) = database.running("good").await;
    database.finish(other).await;
    (id, lease)
}

fn reason(id: ConfigurationId) -> Reason {
    Reason::ConfigurationUnreadable { id: id.to_string() }
}

fn later(database: &Database) -> Timestamp {
    database.now().plus_milliseconds(900_000)
}

#[tokio::test]
async fn a_configuration_that_cannot_be_read_is_recorded_as_failed_and_nothing_else_changes() {
    for database in databases().await {
        let (id, lease) = after_a_sync(&database).await;
        let good = database.list().await.page.items.into_iter().find(|row| row.name == "good");
        database.tamper("UPDATE configurations SET spec = 'no json' WHERE name = 'bad'").await;
        database.pass(1_000);
        let mut events = database.storage.signals().events();
        let version = database.version(id).await;
        database.storage.record_unreadable(&lease, &reason(id), later(&database)).await.unwrap();

        assert_eq!(told(&mut events), [(id, version + 1)], "open pages hear of it");
        let list = database.list().await;
        let state = &list.page.items.iter().find(|row| row.name == "bad").unwrap().state;
        assert_eq!((state.compliance, state.level), (Compliance::Failed, MessageLevel::Error));
        assert_eq!(state.reason, reason(id));
        assert_eq!(state.last_sync, Some(database.now()));
        assert_eq!(state.revision, Some("a".repeat(40)), "what is applied stays applied");
        assert_eq!((list.counts.failed, list.counts.installed), (1, 1));
        assert_eq!(list.page.items.into_iter().find(|row| row.name == "good"), good);
        database.storage.release_lease(lease).await.unwrap();
        assert_eq!(database.due().await, [], "it is not tried in a tight loop");
        database.pass(900_000);
        assert!(database.due().await.contains(&id));
    }
}

#[tokio::test]
async fn a_status_that_cannot_be_read_is_readable_once_its_configuration_is_recorded_as_failed() {
    for database in databases().await {
        let (id, lease) = after_a_sync(&database).await;
        for fault in [
            "UPDATE configuration_status SET compliance = 'Splendid'",
            "UPDATE configuration_status SET level = 'Loud'",
            "UPDATE configuration_status SET reason = '['",
            "UPDATE configuration_status SET counts = '{}'",
            "UPDATE configuration_status SET syncing = 'Dance'",
        ] {
            database.tamper(fault).await;
            let read = database.storage.work(id).await;
            assert!(matches!(read, Err(StorageError::Unreadable { .. })), "{fault}");
            database.storage.record_unreadable(&lease, &reason(id), later(&database)).await.unwrap();
            let status = database.storage.work(id).await.unwrap().unwrap().status;
            assert_eq!((status.compliance, status.reason), (Compliance::Failed, reason(id)), "{fault}");
        }
    }
}

#[tokio::test]
async fn a_run_that_lost_its_lease_does_not_say_that_a_configuration_cannot_be_read() {
    for database in databases().await {
        let (id, lease) = after_a_sync(&database).await;
        database.storage.release_lease(lease.clone()).await.unwrap();
        let refused = database.storage.record_unreadable(&lease, &reason(id), later(&database)).await;
        assert!(matches!(refused, Err(StorageError::LeaseLost { .. })), "{refused:?}");
        let state = database.storage.configuration_summary(id).await.unwrap().unwrap().state;
        assert_eq!(state.reason, Reason::Installed);
    }
}
