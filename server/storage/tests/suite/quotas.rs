//! What a resource group may hold and do.

use domain::id::{ConfigurationId, ResourceGroupId};
use domain::quota::{Quota, QuotaKind, QuotaReached, QuotaUse};
use storage::{Storage, StorageError};

use crate::databases::{Database, databases, new_cluster, somebody, spec};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
/// How many ask at once.
const CROWD: usize = 8;

async fn limit(database: &Database, group: ResourceGroupId, quota: Quota) -> i64 {
    let mut unit = database.begin().await;
    unit.lock_quota(group).await.unwrap().unwrap();
    let version = unit.set_quota(group, &quota).await.unwrap();
    unit.commit().await.unwrap();
    version
}

fn syncs(limit: u32) -> Quota {
    Quota { syncs_per_hour: Some(limit), ..Quota::default() }
}

/// Tells how many of a crowd were let in, and what the others were told.
async fn crowd<F, Made>(make: impl Fn(usize) -> F) -> (usize, Vec<QuotaReached>)
where
    F: Future<Output = Result<Made, StorageError>> + Send + 'static,
    Made: Send + 'static,
{
    let tasks: Vec<_> = (0..CROWD).map(|number| tokio::spawn(make(number))).collect();
    let (mut made, mut refused) = (0, Vec::new());
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => made += 1,
            Err(StorageError::QuotaExceeded(reached)) => refused.push(reached),
            Err(error) => panic!("{error}"),
        }
    }
    (made, refused)
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_crowd_that_makes_configurations_at_once_no_more_come_in_than_the_quota_says() {
    for database in databases().await {
        let (_, group) = database.group(1, "crowded").await;
        let clusters = [database.cluster_in(group, "a").await, database.cluster_in(group, "b").await];
        limit(&database, group, Quota { configurations: Some(3), ..Quota::default() }).await;
        let storage = &database.storage;
        let (made, refused) = crowd(|number| {
            let (storage, cluster): (Storage, _) = (storage.clone(), clusters[number % 2]);
            async move {
                let mut unit = storage.begin().await?;
                unit.create_configuration(cluster, &spec(&format!("c{number}")), somebody()).await?;
                unit.commit().await
            }
        })
        .await;
        assert_eq!((made, refused.len()), (3, CROWD - 3));
        let reached = QuotaReached { quota: QuotaKind::Configurations, limit: 3, used: 3 };
        assert!(refused.iter().all(|told| *told == reached), "{refused:?}");
        assert_eq!(storage.quota_use(group).await.unwrap().configurations, 3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nor_do_more_clusters_and_another_group_is_not_concerned() {
    for database in databases().await {
        let (_, group) = database.group(1, "crowded").await;
        let (_, other) = database.group(1, "other").await;
        limit(&database, group, Quota { clusters: Some(1), ..Quota::default() }).await;
        let storage = &database.storage;
        let (made, refused) = crowd(|number| {
            let storage = storage.clone();
            async move {
                let mut unit = storage.begin().await?;
                unit.create_cluster(&new_cluster(group, &format!("k{number}"))).await?;
                unit.commit().await
            }
        })
        .await;
        assert_eq!((made, refused.len()), (1, CROWD - 1));
        database.cluster_in(other, "free").await;
        database.cluster_in(other, "free-too").await;
    }
}

#[tokio::test]
async fn a_quota_is_kept_with_its_version_and_counts_what_is_there() {
    for database in databases().await {
        let (_, group) = database.group(1, "group").await;
        let cluster = database.cluster_in(group, "a").await;
        database.configuration(cluster, "one").await;
        let before = database.storage.quota(group).await.unwrap().unwrap();
        assert_eq!((before.quota, before.version), (Quota::default(), 0));
        let quota = Quota {
            configurations: Some(0),
            clusters: Some(1),
            objects_per_sync: Some(2),
            syncs_per_hour: Some(3),
            repository_mebibytes: Some(4),
        };
        assert_eq!(limit(&database, group, quota).await, 1);
        assert_eq!(database.storage.quota(group).await.unwrap().unwrap().quota, quota);
        let usage = database.storage.quota_use(group).await.unwrap();
        assert_eq!(usage, QuotaUse { configurations: 1, clusters: 1, ..QuotaUse::default() });
    }
}

/// Configurations in one group.
async fn group_of(database: &Database, names: &[&str]) -> (ResourceGroupId, Vec<ConfigurationId>) {
    let (_, group) = database.group(1, "group").await;
    let cluster = database.cluster_in(group, "a").await;
    let mut ids = Vec::new();
    for name in names {
        ids.push(database.configuration(cluster, name).await);
    }
    (group, ids)
}

/// Begins a run; `None` when it has its turn, else the minutes from now until it has.
async fn run(database: &Database, id: ConfigurationId, revision: Option<&str>) -> Option<i64> {
    let lease = database.lease(id).await;
    let put_off = database.storage.take_turn(&lease, revision).await.unwrap();
    match put_off {
        None => database.finish(lease).await,
        Some(_) => database.storage.release_lease(lease).await.unwrap(),
    }
    put_off.map(|put_off| put_off.until.milliseconds_since(database.now()) / MINUTE)
}

#[tokio::test]
async fn those_who_wait_for_a_turn_get_one_each_and_are_due_then() {
    for database in databases().await {
        let (group, ids) = group_of(&database, &["a", "b", "c", "d"]).await;
        limit(&database, group, syncs(2)).await;
        assert_eq!(run(&database, ids[0], None).await, None);
        database.pass(10 * MINUTE);
        assert_eq!(run(&database, ids[1], None).await, None);
        database.pass(10 * MINUTE);
        assert_eq!(run(&database, ids[2], None).await, Some(40), "when the first sync is an hour old");
        assert_eq!(run(&database, ids[3], None).await, Some(50), "another waits already");
        let summary = database.storage.configuration_summary(ids[2]).await.unwrap().unwrap();
        let put_off = summary.state.put_off.unwrap();
        assert_eq!((put_off.until, put_off.limit), (database.now().plus_milliseconds(40 * MINUTE), 2));
        assert!(!database.due().await.contains(&ids[2]));
        database.pass(40 * MINUTE);
        assert!(database.due().await.contains(&ids[2]));
        assert!(database.storage.work(ids[2]).await.unwrap().unwrap().put_off_until.is_some());
        assert_eq!(run(&database, ids[2], None).await, None);
        assert_eq!(database.storage.work(ids[2]).await.unwrap().unwrap().put_off_until, None);
    }
}

#[tokio::test]
async fn a_run_is_counted_once_and_so_is_a_revision_however_often_it_is_tried() {
    for database in databases().await {
        let (group, ids) = group_of(&database, &["a", "b"]).await;
        limit(&database, group, syncs(1)).await;
        let lease = database.lease(ids[0]).await;
        for revision in [Some("one"), Some("one"), None] {
            assert_eq!(database.storage.take_turn(&lease, revision).await.unwrap(), None, "{revision:?}");
        }
        database.finish(lease).await;
        assert_eq!(database.storage.quota_use(group).await.unwrap().syncs_per_hour, 1);
        assert_eq!(run(&database, ids[0], Some("one")).await, None, "it is fetched already");
        assert_eq!(run(&database, ids[1], Some("one")).await, Some(60), "another's is not");
        assert_eq!(run(&database, ids[0], Some("two")).await, Some(60));
        database.pass(HOUR);
        assert_eq!(run(&database, ids[0], Some("two")).await, None);
        assert_eq!(database.storage.quota_use(group).await.unwrap().syncs_per_hour, 1);
    }
}

#[tokio::test]
async fn what_waits_is_due_at_once_when_the_quota_changes_or_the_spec_does() {
    for database in databases().await {
        let (group, ids) = group_of(&database, &["a", "b", "c"]).await;
        limit(&database, group, syncs(1)).await;
        assert_eq!(run(&database, ids[0], None).await, None);
        assert_eq!(run(&database, ids[1], None).await, Some(60));
        assert_eq!(run(&database, ids[2], None).await, Some(60));
        let mut unit = database.begin().await;
        assert!(unit.request_sync(ids[1]).await.unwrap());
        let told = unit.turn_of(ids[1]).await.unwrap().unwrap();
        assert_eq!(told.until, database.now().plus_milliseconds(HOUR), "the moment it was told before");
        unit.commit().await.unwrap();
        // A wish before the turn is kept for it.
        let lease = database.lease(ids[1]).await;
        database.storage.wait_for_turn(&lease).await.unwrap();
        database.storage.release_lease(lease).await.unwrap();
        assert_eq!(database.due().await, []);
        let mut unit = database.begin().await;
        assert!(unit.replace_configuration(ids[2], &spec("c"), 1, somebody()).await.unwrap());
        unit.commit().await.unwrap();
        assert_eq!(database.due().await, [ids[2]]);
        limit(&database, group, Quota::default()).await;
        assert!(database.due().await.contains(&ids[1]));
        assert!(database.storage.work(ids[1]).await.unwrap().unwrap().put_off_until.is_some());
        assert_eq!(run(&database, ids[1], None).await, None);
    }
}
