//! What a run writes: steps, claims, outcomes, the record and the history.

use domain::change::{Action, Change, ChangeSet};
use domain::health::Health;
use domain::id::ConfigurationId;
use domain::object::{ObjectKey, ResourceKind};
use domain::reason::{ObjectReason, Reason};
use domain::status::{Compliance, ObjectCounts, SyncStep};
use storage::{
    Applied, AppliedObject, ForeignClaim, IntendedObject, InventoryItem, InventoryState, LeftOut,
    NewChangeSet, RunRecord, StorageError, Taken,
};

use crate::databases::{Database, databases, failed, installed, told, uid_of};

pub(crate) fn object(name: &str) -> ObjectKey {
    ObjectKey {
        group: "apps".to_owned(),
        kind: "Deployment".to_owned(),
        namespace: Some("team-a".to_owned()),
        name: name.to_owned(),
    }
}

pub(crate) fn deployments() -> ResourceKind {
    ResourceKind {
        group: "apps".to_owned(),
        version: "v1".to_owned(),
        kind: "Deployment".to_owned(),
        plural: "deployments".to_owned(),
        namespaced: true,
    }
}

pub(crate) fn intended(name: &str) -> IntendedObject {
    IntendedObject { object: object(name), kind: deployments(), place: format!("{name}.yaml:1") }
}

pub(crate) fn accepted(name: &str) -> AppliedObject {
    let outcome = Applied::Accepted {
        uid: format!("uid-{name}"),
        manifest_hash: "m1".to_owned(),
        own_fields_hash: "f1".to_owned(),
        checksum: "c1".to_owned(),
        mark: Some("mark-1".to_owned()),
        health: None,
    };
    AppliedObject { object: object(name), outcome }
}

async fn inventory(database: &Database, id: ConfigurationId) -> Vec<InventoryItem> {
    database.storage.inventory(id).await.unwrap()
}

async fn inventory_names(database: &Database, id: ConfigurationId) -> Vec<String> {
    inventory(database, id).await.into_iter().map(|item| item.object.name).collect()
}

#[tokio::test]
async fn a_step_is_told_once() {
    for database in databases().await {
        let (id, lease) = database.running("config").await;
        let mut events = database.storage.signals().events();
        let counts = ObjectCounts { total: 3, created: 1, ..ObjectCounts::default() };
        for (step, counts) in [
            (SyncStep::Fetch, None),
            (SyncStep::Fetch, None),
            (SyncStep::Apply, Some(counts)),
            (SyncStep::Apply, Some(counts)),
            (SyncStep::Apply, None),
        ] {
            database.storage.record_step(&lease, step, counts).await.unwrap();
        }
        assert_eq!(told(&mut events), [(id, 2), (id, 3)]);
        let state = database.storage.configuration_summary(id).await.unwrap().unwrap().state;
        assert_eq!((state.syncing, state.counts), (Some(SyncStep::Apply), counts));
    }
}

#[tokio::test]
async fn everything_intended_is_in_the_inventory_before_it_is_applied() {
    for database in databases().await {
        let (id, lease) = database.running("config").await;
        let storage = &database.storage;
        assert_eq!(storage.record_intent(&lease, &[intended("a"), intended("b")]).await.unwrap(), []);
        let items = inventory(&database, id).await;
        assert_eq!(items.iter().map(|item| item.state).collect::<Vec<_>>(), [InventoryState::Intent; 2]);
        assert_eq!(items[0].kind, deployments());
        // what was intended before stays: the next load may not have it, but it may have been applied
        storage.record_intent(&lease, &[intended("b"), intended("c")]).await.unwrap();
        assert_eq!(inventory_names(&database, id).await, ["a", "b", "c"]);
    }
}

#[tokio::test]
async fn an_object_belongs_to_one_configuration_of_the_installation() {
    for database in databases().await {
        let (_, one) = database.group(1, "one").await;
        let (_, two) = database.group(2, "two").await;
        let first = database.cluster_in(one, "same").await;
        let again = database.cluster_in(two, "same").await;
        let (holder, second) =
            (database.configuration(first, "holder").await, database.configuration(again, "second").await);
        let holder_lease = database.lease(holder).await;
        let lease = database.lease(second).await;
        let storage = &database.storage;
        storage.record_intent(&holder_lease, &[intended("a")]).await.unwrap();
        let foreign = storage.record_intent(&lease, &[intended("a"), intended("b")]).await.unwrap();
        let claim = ForeignClaim { object: object("a"), configuration: holder, name: "holder".to_owned() };
        assert_eq!(foreign, [claim]);
        assert_eq!(inventory_names(&database, second).await, ["b"]);
        assert_eq!(storage.manager_of(&uid_of("same"), &object("a")).await.unwrap(), Some(holder));

        // forced all the same, the record is refused as a whole
        let items = inventory(&database, holder).await;
        let record = RunRecord { inventory: Some(items), ..installed(database.now()) };
        let error = storage.record(&lease, &record).await.unwrap_err();
        assert!(matches!(error, StorageError::Taken(Taken::Object)), "{error}");
        assert_eq!(inventory_names(&database, second).await, ["b"]);
    }
}

#[tokio::test]
async fn one_object_on_two_clusters_is_two_objects() {
    for database in databases().await {
        for name in ["one", "two"] {
            let (_, lease) = database.running(name).await;
            assert_eq!(database.storage.record_intent(&lease, &[intended("a")]).await.unwrap(), []);
        }
    }
}

#[tokio::test]
async fn objects_of_a_deleted_configuration_are_free_for_others() {
    for database in databases().await {
        let cluster = database.cluster("one").await;
        let id = database.configuration(cluster, "first").await;
        let lease = database.lease(id).await;
        database.storage.record_intent(&lease, &[intended("a")]).await.unwrap();
        let mut unit = database.begin().await;
        unit.delete_configuration(id, crate::databases::somebody()).await.unwrap();
        unit.commit().await.unwrap();
        let next = database.configuration(cluster, "second").await;
        let lease = database.lease(next).await;
        assert_eq!(database.storage.record_intent(&lease, &[intended("a")]).await.unwrap(), []);
    }
}

#[tokio::test]
async fn outcomes_are_kept_while_the_run_is_on() {
    for database in databases().await {
        let (id, lease) = database.running("config").await;
        let storage = &database.storage;
        storage.record_intent(&lease, &[intended("a"), intended("b")]).await.unwrap();
        let reason = ObjectReason::Forbidden;
        let refused = AppliedObject {
            object: object("b"),
            outcome: Applied::Refused { reason: reason.clone(), detail: Some("may not".to_owned()) },
        };
        storage.record_applied(&lease, &[accepted("a"), refused]).await.unwrap();
        let items = inventory(&database, id).await;
        assert_eq!(items[0].state, InventoryState::Applied);
        assert_eq!(items[0].uid.as_deref(), Some("uid-a"));
        assert_eq!((items[1].state, items[1].reason.clone()), (InventoryState::Intent, Some(reason)));
        storage.record_applied(&lease, &[accepted("b")]).await.unwrap();
        let items = inventory(&database, id).await;
        assert_eq!((items[1].state, items[1].reason.clone()), (InventoryState::Applied, None));
    }
}

#[tokio::test]
async fn a_record_stores_status_inventory_and_history_together() {
    for database in databases().await {
        let (id, lease) = database.running("config").await;
        let storage = &database.storage;
        storage.record_intent(&lease, &[intended("a"), intended("gone")]).await.unwrap();
        storage.record_applied(&lease, &[accepted("a")]).await.unwrap();
        let mut items = inventory(&database, id).await;
        items.retain(|item| item.object.name != "gone");
        items[0].place = "moved.yaml:7".to_owned();
        items[0].reason = Some(ObjectReason::Ignored);
        let left_out = LeftOut {
            object: object("foreign"),
            place: "f.yaml:1".to_owned(),
            reason: ObjectReason::UnknownKind,
            detail: None,
        };
        let change = Change {
            object: object("a"),
            action: Action::Create,
            place: "a.yaml:1".to_owned(),
            reason: None,
            detail: None,
        };
        let mut record = RunRecord {
            inventory: Some(items.clone()),
            left_out: Some(vec![left_out.clone()]),
            tree_id: Some("tree".to_owned()),
            change_set: Some(NewChangeSet {
                run_key: "1/a".to_owned(),
                started_at: database.now().plus_milliseconds(-500),
                change_set: ChangeSet { changes: vec![change.clone()] },
            }),
            ..installed(database.now())
        };
        record.status.counts = ObjectCounts { total: 2, created: 1, left_out: 1, ..ObjectCounts::default() };
        record.status.syncing = Some(SyncStep::Record);
        storage.record(&lease, &record).await.unwrap();

        assert_eq!(inventory(&database, id).await, items);
        let stored = storage.configuration(id).await.unwrap().unwrap();
        assert_eq!(stored.left_out, [left_out]);
        assert_eq!(stored.summary.state.compliance, Compliance::Installed);
        assert_eq!(stored.summary.state.counts, record.status.counts);
        let work = storage.work(id).await.unwrap().unwrap();
        record.status.syncing = None;
        assert_eq!(work.status, record.status);
        assert_eq!((work.tree_id.as_deref(), work.generation), (Some("tree"), 1));
        let history = storage.history(id, 20).await.unwrap();
        assert_eq!(history.len(), 1);
        assert_eq!((history[0].compliance, &history[0].reason), (Compliance::Installed, &Reason::Installed));
        assert_eq!(history[0].ended_at.milliseconds_since(history[0].started_at), 500);
        let last = storage.last_change_set(id).await.unwrap().unwrap();
        assert_eq!(last.changes, [change]);
    }
}

#[tokio::test]
async fn a_run_that_never_came_to_the_load_keeps_inventory_and_what_was_left_out() {
    for database in databases().await {
        let (id, lease) = database.running("config").await;
        let storage = &database.storage;
        storage.record_intent(&lease, &[intended("a")]).await.unwrap();
        let mut record = failed(database.now());
        record.failures = 3;
        storage.record(&lease, &record).await.unwrap();
        assert_eq!(inventory_names(&database, id).await, ["a"]);
        assert_eq!(storage.work(id).await.unwrap().unwrap().failures, 3);
        assert_eq!(storage.history(id, 20).await.unwrap(), []);
    }
}

#[tokio::test]
async fn a_record_never_turns_back_the_health_a_watch_has_seen() {
    for database in databases().await {
        let cluster = database.cluster("one").await;
        let id = database.configuration(cluster, "config").await;
        let lease = database.lease(id).await;
        let storage = &database.storage;
        storage.record_intent(&lease, &[intended("a")]).await.unwrap();
        storage.record_applied(&lease, &[accepted("a")]).await.unwrap();
        let mut items = inventory(&database, id).await;
        let update = storage::HealthUpdate { object: object("a"), health: Health::Healthy, message: None };
        storage.update_health(&uid_of("one"), &[update]).await.unwrap();
        items[0].checksum = Some("c2".to_owned());
        let record = RunRecord { inventory: Some(items), ..installed(database.now()) };
        storage.record(&lease, &record).await.unwrap();
        let stored = inventory(&database, id).await;
        assert_eq!((stored[0].health, stored[0].checksum.as_deref()), (Health::Healthy, Some("c2")));
        let state = storage.configuration_summary(id).await.unwrap().unwrap().state;
        assert_eq!(state.health, Some(Health::Healthy));
    }
}

#[tokio::test]
async fn recording_one_run_twice_is_one_entry_and_old_runs_are_forgotten() {
    for database in databases().await {
        let (id, lease) = database.running("config").await;
        let storage = &database.storage;
        let record = |key: &str| RunRecord {
            change_set: Some(NewChangeSet {
                run_key: key.to_owned(),
                started_at: database.now(),
                change_set: ChangeSet::default(),
            }),
            ..installed(database.now())
        };
        storage.record(&lease, &record("1")).await.unwrap();
        storage.record(&lease, &record("1")).await.unwrap();
        storage.release_lease(lease).await.unwrap();
        assert_eq!(storage.history(id, 200).await.unwrap().len(), 1);
        for run in 0..105 {
            let lease = database.lease(id).await;
            storage.record(&lease, &record(&run.to_string())).await.unwrap();
            storage.release_lease(lease).await.unwrap();
        }
        assert_eq!(storage.history(id, 200).await.unwrap().len(), 50);
        assert_eq!(storage.last_change_set(id).await.unwrap(), None, "none of them changed anything");
    }
}

#[tokio::test]
async fn a_postponed_run_changes_nothing_that_a_page_shows() {
    for database in databases().await {
        let (id, lease) = database.running("config").await;
        let mut events = database.storage.signals().events();
        let later = database.now().plus_milliseconds(1000);
        database.storage.postpone(&lease, later).await.unwrap();
        database.storage.release_lease(lease).await.unwrap();
        assert_eq!(told(&mut events), []);
        assert_eq!(database.version(id).await, 1);
        assert_eq!(database.storage.next_due().await.unwrap(), Some(later));
    }
}
