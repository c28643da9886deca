//! A newer version of the server takes over what an earlier one has applied.

use serde_json::Value;
use testbed::{ConfigurationFields, ConfigurationView};

use crate::hostile::write;
use crate::scene::Stage;

const OBJECTS: [&str; 3] = ["first", "second", "third"];

/// Of a tool that tells its objects by another rule in each version, others have lost their monitoring (rancher 38672).
#[tokio::test]
async fn d11_a_version_that_reads_and_compares_otherwise_than_the_one_before_changes_no_object() {
    let mut stage = Stage::start(&[]).await;
    let repository = stage.git.repository("manifests").await.unwrap();
    let fields = ConfigurationFields::named_apart("d11", repository.url()).unwrap();
    let fields = fields.with("sync_garbage_collection", "true");
    let name = fields.value("name").to_owned();
    let map = |object: &str| {
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}-{object}\ndata:\n  key: one\n")
    };
    let files = OBJECTS.map(|object| (format!("{object}.yaml"), map(object)));
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    repository.commit(&files, "Begin").await.unwrap();
    let id = stage.browser.add_configuration(&stage.cluster_id, &fields).await.unwrap();
    let installed = stage.browser.until_installed(&id).await.unwrap().last_sync();
    let before = identities(&stage, &name).await;

    stage.portal.stop().await.unwrap();
    // The words by which an earlier version knew a tree, a manifest and its own fields again: this one finds none of them.
    write(&stage, "UPDATE configuration_status SET tree_id = 'of an earlier version'");
    for object in OBJECTS {
        let statement = "UPDATE inventory SET manifest_hash = 'earlier', own_fields_hash = 'earlier'";
        write(&stage, &format!("{statement} WHERE name = '{name}-{object}'"));
    }
    let mark = stage.cluster.audit_mark().await.unwrap();
    stage.portal.start_again().await.unwrap();
    stage.browser.sync_now(&id).await.unwrap();
    let done = |view: &ConfigurationView| {
        view.is_quiet() && view.reason() == "installed" && view.last_sync() > installed
    };
    stage.browser.until(&id, "the newer version has synced", done).await.unwrap();
    assert_eq!(identities(&stage, &name).await, before);
    let events = stage.cluster.audit(mark).await.unwrap();
    let deleted =
        |event: &&testbed::AuditEvent| event.verb.starts_with("delete") && event.resource == "configmaps";
    let ours =
        |event: &&testbed::AuditEvent| event.name.as_deref().is_some_and(|found| found.starts_with(&name));
    let deleted: Vec<_> = events.iter().filter(deleted).filter(ours).collect();
    assert!(deleted.is_empty(), "{deleted:#?}");
}

/// Which objects they are, and which versions of them.
async fn identities(stage: &Stage, name: &str) -> Vec<(Value, Value)> {
    let mut found = Vec::new();
    for object in OBJECTS {
        let path = format!("/api/v1/namespaces/default/configmaps/{name}-{object}");
        let metadata = stage.cluster.object(&path).await.unwrap().unwrap()["metadata"].clone();
        found.push((metadata["uid"].clone(), metadata["resourceVersion"].clone()));
    }
    found
}
