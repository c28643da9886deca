//! Objects that belong to somebody else.

use serde_json::Value;

use crate::garbage::{collecting, deletions};
use crate::scene::Scene;

#[tokio::test]
async fn s_m2_marks_and_owners_that_git_claims_are_not_taken_over() {
    let (other, _) = collecting("owner", &["theirs"]).await;
    let theirs = other.object(&other.config_map_path("theirs")).await.unwrap();
    let (uid, mark) = (&theirs["metadata"]["uid"], &theirs["metadata"]["labels"]["fluxcd.io/sync-gc-mark"]);
    let scene = Scene::shared("claims").await.with("sync_garbage_collection", "true");
    let claims = format!(
        "metadata:
  labels: {{fluxcd.io/sync-gc-mark: {mark}, app.kubernetes.io/managed-by: fairlead, fairlead/created: \"yes\"}}
  annotations: {{fluxcd.io/sync-checksum: \"0000000000000000000000000000000000000000\"}}
  managedFields: [{{manager: kubectl, operation: Apply}}]
  ownerReferences: [{{apiVersion: v1, kind: ConfigMap, name: theirs, uid: {uid}}}]
"
    );
    let map = scene.config_map("claiming", "one").replace("metadata:\n", &claims);
    scene.commit(&[("namespace.yaml", &scene.namespace()), ("map.yaml", &map)]).await;
    let id = scene.add().await;
    let view = scene.browser().until_installed(&id).await.unwrap();

    let path = scene.config_map_path("claiming");
    let metadata = scene.object(&path).await.unwrap()["metadata"].clone();
    assert_eq!(metadata["ownerReferences"], Value::Null, "{metadata:#}");
    assert_eq!(metadata["labels"]["fairlead/created"], Value::Null, "{metadata:#}");
    assert_ne!(metadata["labels"]["fluxcd.io/sync-gc-mark"], *mark);
    assert_ne!(metadata["annotations"]["fluxcd.io/sync-checksum"], "0".repeat(40));
    assert!(view.detail().contains("metadata.ownerReferences is not taken from Git"), "{}", view.detail());
    // The owner's end is not its end.
    other.repository.change().remove("theirs.yaml").commit("Remove").await.unwrap();
    scene.browser().sync(&id).await.unwrap();
    assert!(scene.object(&path).await.is_some());
}

#[tokio::test]
async fn s_m4_d13_who_claims_anothers_object_is_refused_and_never_deletes_it() {
    let (first, first_id) = collecting("first", &["shared"]).await;
    let second = Scene::shared("second").await.with("sync_garbage_collection", "true");
    let claim = first.config_map("shared", "theirs");
    second.commit(&[("namespace.yaml", &second.namespace()), ("claim.yaml", &claim)]).await;
    let id = second.add().await;
    let view = second.until_told(&id, "objectsRefused").await;
    let refused = &view.resource("ConfigMap", "shared").unwrap()["reason"];
    assert_eq!(
        (refused["code"].as_str(), refused["configuration"].as_str()),
        (Some("managedByOther"), Some(first.name.as_str()))
    );
    let uid = async || {
        let object = first.object(&first.config_map_path("shared")).await.expect("it is there");
        (object["metadata"]["uid"].clone(), object["data"]["key"].clone())
    };
    let before = uid().await;
    let audit = first.stage.cluster.audit_mark().await.unwrap();

    // The second one drops its claim, claims again, and goes altogether.
    second.repository.change().remove("claim.yaml").commit("Drop").await.unwrap();
    assert_eq!(second.browser().sync(&id).await.unwrap().reason(), "installed");
    assert_eq!(uid().await, before);
    second.commit(&[("claim.yaml", &claim)]).await;
    second.browser().sync(&id).await.unwrap();
    second.browser().delete_configuration(&id).await.unwrap();
    first.browser().sync(&first_id).await.unwrap();
    assert_eq!(uid().await, before);
    let events = first.stage.cluster.audit(audit).await.unwrap();
    assert!(deletions(&first, &events).is_empty());
}
