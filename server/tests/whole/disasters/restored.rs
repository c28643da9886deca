//! A database of last week comes back to life.

use http::Method;
use testbed::{ConfigurationFields, ConfigurationView};

use crate::keys::Desk;
use crate::keys::halves::{back_up, empty, restore};
use crate::scene::Stage;

/// Server starts after the backup: each takes the Lease in a newer epoch.
const STARTS: usize = 2;

#[tokio::test]
async fn d32_a_database_from_an_old_backup_writes_nothing_until_a_person_says_so_and_then_deletes_nothing() {
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
    let desk = Desk::new();
    back_up(&stage.portal, &desk, "database.age", &[]).await;
    back_up(&stage.portal, &desk, "keys.age", &["--keys"]).await;

    // A week goes by.
    let mut last = String::new();
    for number in 0..STARTS {
        stage.portal.stop().await.unwrap();
        stage.portal.start_again().await.unwrap();
        let file = format!("new-{number}.yaml");
        last = repository.commit(&[(&file, &map(&format!("new-{number}")))], "Add").await.unwrap();
        let browser = stage.portal.sign_in().await.unwrap();
        browser.sync_now(&id).await.unwrap();
        let arrived = |view: &ConfigurationView| view.is_quiet() && view.revision() == last;
        browser.until(&id, "the addition is in place", arrived).await.unwrap();
    }
    stage.portal.stop().await.unwrap();
    let uid = stage.cluster.object(&path("new-0")).await.unwrap().unwrap()["metadata"]["uid"].clone();

    let restored = empty(&stage.portal);
    restore(&restored, &desk, "database.age", "passphrase").await.unwrap();
    restore(&restored, &desk, "keys.age", "passphrase").await.unwrap();
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
