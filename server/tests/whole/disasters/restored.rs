//! A database of last week comes back to life.

use http::Method;
use testbed::{Browser, ConfigurationFields, ConfigurationView, Portal};

use crate::keys::Desk;
use crate::keys::halves::{back_up, empty, restore};
use crate::scene::{Stage, eventually};

/// Server starts between the backup and the end of that week.
const STARTS: [usize; 3] = [0, 1, 2];

/// Both halves of a backup.
async fn backed_up(portal: &Portal) -> Desk {
    let desk = Desk::new();
    back_up(portal, &desk, "database.age", &[]).await;
    back_up(portal, &desk, "keys.age", &["--keys"]).await;
    desk
}

/// Another portal with what was backed up, not started yet.
async fn put_back(desk: &Desk, of: &Portal) -> Portal {
    let restored = empty(of);
    restore(&restored, desk, "database.age", "passphrase").await.unwrap();
    restore(&restored, desk, "keys.age", "passphrase").await.unwrap();
    restored
}

#[tokio::test]
async fn d32_a_database_from_an_old_backup_writes_nothing_until_a_person_says_so_and_then_deletes_nothing() {
    for n_starts in STARTS {
        restored_after(n_starts).await;
    }
}

async fn restored_after(n_starts: usize) {
    let mut stage = Stage::start(&[]).await;
    let repository = stage.git.repository("manifests").await.unwrap();
    let fields = ConfigurationFields::named_apart("d32", repository.url()).unwrap();
    let fields = fields.with("sync_garbage_collection", "true");
    let name = fields.value("name").to_owned();
    let map = |object: &str| format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}-{object}\n");
    let path = |object: &str| format!("/api/v1/namespaces/default/configmaps/{name}-{object}");
    repository.commit(&[("old.yaml", &map("old")), ("kept.yaml", &map("kept"))], "Begin").await.unwrap();
    let id = stage.browser.add_configuration(&stage.cluster_id, &fields).await.unwrap();
    stage.browser.until_installed(&id).await.unwrap();
    let desk = backed_up(&stage.portal).await;

    // A week goes by.
    let mut last = String::new();
    for number in 0..2 {
        if number < n_starts {
            stage.portal.stop().await.unwrap();
            stage.portal.start_again().await.unwrap();
        }
        let file = format!("new-{number}.yaml");
        last = repository.commit(&[(&file, &map(&format!("new-{number}")))], "Add").await.unwrap();
        let browser = stage.portal.sign_in().await.unwrap();
        browser.sync_now(&id).await.unwrap();
        let arrived = |view: &ConfigurationView| view.is_quiet() && view.revision() == last;
        browser.until(&id, "the addition is in place", arrived).await.unwrap();
    }
    stage.portal.stop().await.unwrap();
    let uid = stage.cluster.object(&path("new-0")).await.unwrap().unwrap()["metadata"]["uid"].clone();

    let restored = put_back(&desk, &stage.portal).await;
    let mark = stage.cluster.audit_mark().await.unwrap();
    restored.start_again().await.unwrap();
    let browser = restored.sign_in().await.unwrap();
    browser.sync_now(&id).await.unwrap();
    let view = browser.until_reason(&id, "managedElsewhere").await.unwrap();
    assert_eq!(view.compliance(), "Failed");
    assert!(view.detail().contains("delete the Lease"), "it says what to do: {}", view.summary());
    let events = stage.cluster.audit(mark).await.unwrap();
    let concerns = |found: &Option<String>| found.as_deref().is_some_and(|found| found.starts_with(&name));
    let written: Vec<_> = events
        .iter()
        .filter(|event| event.is_write() && (concerns(&event.name) || concerns(&event.namespace)))
        .collect();
    assert!(written.is_empty(), "{written:#?}");

    let mark = stage.cluster.audit_mark().await.unwrap();
    let lease = format!("/apis/coordination.k8s.io/v1/namespaces/{name}/leases/{name}");
    assert_eq!(stage.cluster.ask(Method::DELETE, &lease, None).await.unwrap().0, 200);
    browser.sync_now(&id).await.unwrap();
    let right =
        |view: &ConfigurationView| view.is_quiet() && view.revision() == last && view.reason() == "installed";
    browser.until(&id, "everything is as Git says", right).await.unwrap();
    for object in ["old", "kept", "new-0", "new-1"] {
        assert!(stage.cluster.object(&path(object)).await.unwrap().is_some(), "{object} is gone");
    }
    let same = stage.cluster.object(&path("new-0")).await.unwrap().unwrap()["metadata"]["uid"].clone();
    assert_eq!(same, uid);
    let events = stage.cluster.audit(mark).await.unwrap();
    let deleted: Vec<_> = events
        .iter()
        .filter(|event| {
            event.verb.starts_with("delete") && event.resource == "configmaps" && concerns(&event.name)
        })
        .collect();
    assert!(deleted.is_empty(), "{deleted:#?}");
}

#[tokio::test]
async fn d32_rights_that_were_taken_away_do_not_come_back_with_a_database_from_before() {
    let mut stage = Stage::start(&[]).await;
    let repository = stage.git.repository("manifests").await.unwrap();
    let fields = ConfigurationFields::named_apart("d32-wide", repository.url()).unwrap();
    let name = fields.value("name").to_owned();
    let map = format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n");
    repository.commit(&[("map.yaml", &map)], "Begin").await.unwrap();
    let id = stage.browser.add_configuration(&stage.cluster_id, &fields).await.unwrap();
    stage.browser.until_installed(&id).await.unwrap();
    let desk = backed_up(&stage.portal).await;

    let authorization = "/apis/rbac.authorization.k8s.io/v1";
    let wide = format!("{authorization}/clusterrolebindings/fairlead:{name}:{name}");
    let narrow = format!("{authorization}/namespaces/{name}/rolebindings/{name}");
    let bound = async || {
        let (wide, narrow) = tokio::join!(stage.cluster.object(&wide), stage.cluster.object(&narrow));
        (wide.unwrap().is_some(), narrow.unwrap().is_some())
    };
    assert_eq!(bound().await, (true, false));
    let narrowed = fields.clone().with("operator_scope", "namespace");
    stage.browser.replace_configuration(&id, &narrowed).await.unwrap();
    eventually("it is narrowed", async || bound().await == (false, true)).await;
    stage.browser.until_installed(&id).await.unwrap();
    stage.portal.stop().await.unwrap();

    let restored = put_back(&desk, &stage.portal).await;
    restored.start_again().await.unwrap();
    let browser = restored.sign_in().await.unwrap();
    browser.sync_now(&id).await.unwrap();
    browser.until_reason(&id, "managedElsewhere").await.unwrap();
    assert_eq!(bound().await, (false, true));
}

#[tokio::test]
async fn d32_of_two_servers_with_one_database_copied_the_one_that_comes_second_writes_nothing() {
    let stage = Stage::start(&[]).await;
    let repository = stage.git.repository("manifests").await.unwrap();
    let fields = ConfigurationFields::named_apart("d32-copy", repository.url()).unwrap();
    let name = fields.value("name").to_owned();
    let map = |value: usize| {
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\ndata:\n  value: v{value}\n")
    };
    let commit = async |value| repository.commit(&[("map.yaml", &map(value))], "Set").await.unwrap();
    commit(0).await;
    let id = stage.browser.add_configuration(&stage.cluster_id, &fields).await.unwrap();
    stage.browser.until_installed(&id).await.unwrap();
    let desk = backed_up(&stage.portal).await;
    let copy = put_back(&desk, &stage.portal).await;
    copy.start_again().await.unwrap();
    let copied = copy.sign_in().await.unwrap();

    // Nothing has changed since: the copy is as good as the other, until one of them changes something.
    let revision = commit(1).await;
    copied.sync_now(&id).await.unwrap();
    let arrived = |view: &ConfigurationView| view.is_quiet() && view.revision() == revision;
    let first_wins = async |winner: &Browser, loser: &Browser| {
        winner.until(&id, "the change is in place", arrived).await.unwrap();
        loser.sync_now(&id).await.unwrap();
        loser.until_reason(&id, "managedElsewhere").await.unwrap();
    };
    let quicker = async |browser: &Browser| {
        let settled = |view: &ConfigurationView| view.reason() == "managedElsewhere" || arrived(view);
        browser.until(&id, "it has come to an end", settled).await.unwrap().revision() == revision
    };
    let copy_won = quicker(&copied).await;
    let (winner, loser) = if copy_won { (&copied, &stage.browser) } else { (&stage.browser, &copied) };
    first_wins(winner, loser).await;

    // It does not win by starting often.
    let (loser_portal, mark) =
        (if copy_won { &stage.portal } else { &copy }, stage.cluster.audit_mark().await.unwrap());
    for _ in 0..2 {
        loser_portal.kill();
        loser_portal.start_again().await.unwrap();
        let loser = loser_portal.sign_in().await.unwrap();
        loser.sync_now(&id).await.unwrap();
        loser.until_reason(&id, "managedElsewhere").await.unwrap();
    }
    let events = stage.cluster.audit(mark).await.unwrap();
    let concerns = |found: &Option<String>| found.as_deref() == Some(&name);
    let written: Vec<_> = events
        .iter()
        .filter(|event| event.is_write() && (concerns(&event.name) || concerns(&event.namespace)))
        .collect();
    assert!(written.is_empty(), "{written:#?}");
}
