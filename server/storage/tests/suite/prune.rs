//! Lists of objects that wait for a person.

use domain::prune::{PruneCause, PruneGuard, PruneObject};
use storage::{NewPruneList, PruneList, RunRecord};

use crate::databases::{Database, databases, installed, somebody};
use crate::runs::object;
use domain::id::ConfigurationId;

fn list(cause: PruneCause, hash: &str) -> NewPruneList {
    NewPruneList {
        cause,
        hash: hash.to_owned(),
        guards: vec![PruneGuard::NothingLeft],
        objects: vec![PruneObject { object: object("a"), uid: "uid-a".to_owned() }],
    }
}

async fn record(database: &Database, id: ConfigurationId, lists: &[NewPruneList]) {
    let lease = database.lease(id).await;
    let record = RunRecord { prune_lists: Some(lists.to_vec()), ..installed(database.now()) };
    database.storage.record(&lease, &record).await.unwrap();
    database.storage.release_lease(lease).await.unwrap();
}

async fn lists(database: &Database, id: ConfigurationId) -> Vec<PruneList> {
    database.storage.prune_lists(id).await.unwrap()
}

async fn confirm(database: &Database, id: ConfigurationId, hash: &str) -> bool {
    let mut unit = database.storage.begin().await.unwrap();
    let confirmed = unit.confirm_prune(id, hash, somebody()).await.unwrap();
    unit.commit().await.unwrap();
    confirmed
}

async fn waiting(name: &str, database: &Database) -> ConfigurationId {
    let (id, lease) = database.running(name).await;
    database.storage.release_lease(lease).await.unwrap();
    id
}

#[tokio::test]
async fn a_confirmation_is_of_exactly_one_list_and_stays_while_that_list_does() {
    for database in databases().await {
        let id = waiting("config", &database).await;
        record(&database, id, &[list(PruneCause::Guard, "one"), list(PruneCause::LeftBehind, "two")]).await;
        assert!(!confirm(&database, id, "another").await);
        assert!(confirm(&database, id, "one").await);

        record(&database, id, &[list(PruneCause::Guard, "one"), list(PruneCause::LeftBehind, "two")]).await;
        let stored = lists(&database, id).await;
        assert_eq!(stored.len(), 2);
        assert_eq!(stored[0].list, list(PruneCause::Guard, "one"));
        assert_eq!(stored[0].confirmed.map(|(by, _)| by), Some(somebody()));
        assert_eq!(stored[1].confirmed, None);

        record(&database, id, &[list(PruneCause::Guard, "other")]).await;
        let stored = lists(&database, id).await;
        assert_eq!((stored.len(), stored[0].confirmed), (1, None), "another list was never confirmed");
        record(&database, id, &[]).await;
        assert_eq!(lists(&database, id).await, []);
    }
}

#[tokio::test]
async fn what_is_only_told_cannot_be_confirmed() {
    for database in databases().await {
        let id = waiting("config", &database).await;
        record(&database, id, &[list(PruneCause::Dry, "one")]).await;
        assert!(!confirm(&database, id, "one").await);
    }
}

#[tokio::test]
async fn basis_and_proven_revision_stay_until_another_is_recorded() {
    for database in databases().await {
        let id = waiting("config", &database).await;
        let lease = database.lease(id).await;
        let mut run = RunRecord {
            basis: Some("basis".to_owned()),
            proven_revision: Some("a".repeat(40)),
            ..installed(database.now())
        };
        database.storage.record(&lease, &run).await.unwrap();
        (run.basis, run.proven_revision) = (None, None);
        database.storage.record(&lease, &run).await.unwrap();
        let work = database.storage.work(id).await.unwrap().unwrap();
        assert_eq!((work.basis.as_deref(), work.proven_revision), (Some("basis"), Some("a".repeat(40))));
    }
}
