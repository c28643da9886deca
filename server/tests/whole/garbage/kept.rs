//! Objects that are never deleted although they left Git, each by the name of its story.

use http::Method;
use serde_json::{Value, json};
use testbed::ConfigurationView;

use super::{collecting, deletions, without};
use crate::scene::{Scene, eventually};

/// The object is there, listed with this reason, and nothing was deleted.
async fn kept(scene: &Scene, view: &ConfigurationView, reason: &str) {
    assert_eq!(view.object_reason("ConfigMap", "gone"), reason, "{}", view.summary());
    assert!(scene.value("gone").await.is_some());
}

/// Changes metadata as somebody else would.
async fn metadata(scene: &Scene, change: Value) {
    scene.patch(&scene.config_map_path("gone"), &json!({ "metadata": change })).await;
}

#[tokio::test]
async fn an_annotation_on_the_live_object_keeps_it_until_it_goes() {
    for (prefix, name, value) in [
        ("sync-only", "fluxcd.io/ignore", "sync_only"),
        ("ignored", "fluxcd.io/ignore", "true"),
        ("old-prefix", "flux.weave.works/ignore", "sync_only"),
    ] {
        let (scene, id) = collecting(prefix, &["kept", "gone"]).await;
        metadata(&scene, json!({ "annotations": { name: value } })).await;
        let view = without(&scene, &id, &["gone"]).await;
        kept(&scene, &view, "ignored").await;
        assert_eq!(view.reason(), "installed");

        metadata(&scene, json!({ "annotations": { name: null } })).await;
        scene.browser().sync(&id).await.unwrap();
        assert_eq!(scene.value("gone").await, None, "{name}: {value}");
    }
}

#[tokio::test]
async fn what_git_asks_to_sync_only_is_applied_and_not_collected() {
    let (scene, id) = collecting("git-sync-only", &["kept"]).await;
    let manifest = scene
        .config_map("gone", "one")
        .replace("metadata:\n", "metadata:\n  annotations:\n    fluxcd.io/ignore: sync_only\n");
    scene.commit(&[("gone.yaml", &manifest)]).await;
    scene.browser().sync(&id).await.unwrap();
    assert_eq!(scene.value("gone").await.as_deref(), Some("one"), "it is applied");
    let view = without(&scene, &id, &["gone"]).await;
    kept(&scene, &view, "ignored").await;
}

#[tokio::test]
async fn s_m1_a_copied_or_removed_mark_deletes_nothing() {
    let (scene, id) = collecting("marks", &["kept", "gone"]).await;
    let mark = |object: &Value| object["metadata"]["labels"]["fluxcd.io/sync-gc-mark"].clone();
    let copied = mark(&scene.object(&scene.config_map_path("gone")).await.unwrap());
    // Somebody else's object with our mark on it.
    let foreign =
        json!({ "metadata": { "name": "foreign", "labels": { "fluxcd.io/sync-gc-mark": copied } } });
    let path = format!("/api/v1/namespaces/{}/configmaps", scene.app);
    let (status, answer) = scene.stage.cluster.ask(Method::POST, &path, Some(&foreign)).await.unwrap();
    assert_eq!(status, 201, "{answer}");
    let other = mark(&scene.object(&scene.config_map_path("kept")).await.unwrap());
    let audit = scene.stage.cluster.audit_mark().await.unwrap();

    // Ours with another one's mark, put there after its last sync.
    scene.repository.change().remove("gone.yaml").commit("Remove").await.unwrap();
    metadata(&scene, json!({ "labels": { "fluxcd.io/sync-gc-mark": other } })).await;
    let view = scene.browser().sync(&id).await.unwrap();

    let events = scene.stage.cluster.audit(audit).await.unwrap();
    // Whichever came first, the sync or the drift it was put right by: the foreign object stays.
    assert!(deletions(&scene, &events).iter().all(|event| event.name.as_deref() == Some("gone")));
    assert!(scene.object(&scene.config_map_path("foreign")).await.is_some());
    assert!(scene.value("kept").await.is_some(), "{}", view.summary());
}

#[tokio::test]
async fn s_m3_an_object_that_others_made_again_is_not_deleted() {
    let (scene, id) = collecting("replaced", &["kept", "gone"]).await;
    // Nobody puts it right while the configuration does not see it: in Git it goes at the same moment.
    scene.repository.change().remove("gone.yaml").commit("Remove").await.unwrap();
    scene.remove(&scene.config_map_path("gone")).await;
    scene.create_config_map(&scene.app, "gone").await;
    scene.browser().sync(&id).await.unwrap();
    assert_eq!(scene.value("gone").await.as_deref(), Some("theirs"));
}

#[tokio::test]
async fn an_object_that_another_one_owns_is_not_deleted() {
    let (scene, id) = collecting("owned", &["kept", "gone"]).await;
    let owner = scene.object(&scene.config_map_path("kept")).await.unwrap()["metadata"]["uid"].clone();
    let owners = json!([{ "apiVersion": "v1", "kind": "ConfigMap", "name": "kept", "uid": owner }]);
    metadata(&scene, json!({ "ownerReferences": owners })).await;
    let view = without(&scene, &id, &["gone"]).await;
    kept(&scene, &view, "owned").await;
}

#[tokio::test]
async fn d30_an_object_held_by_a_finalizer_is_said_to_be_going_and_forgotten_when_it_is_gone() {
    let (scene, id) = collecting("finalizer", &["kept", "gone"]).await;
    metadata(&scene, json!({ "finalizers": ["example.com/hold"] })).await;
    let view = without(&scene, &id, &["gone"]).await;
    assert_eq!(view.object_reason("ConfigMap", "gone"), "terminating", "{}", view.summary());
    assert_eq!(view.reason(), "installed");
    let view = scene.browser().sync(&id).await.unwrap();
    assert_eq!(view.object_reason("ConfigMap", "gone"), "terminating");
    let object = scene.object(&scene.config_map_path("gone")).await.unwrap();
    assert_eq!(object["metadata"]["finalizers"], json!(["example.com/hold"]), "a finalizer is never removed");

    metadata(&scene, json!({ "finalizers": null })).await;
    eventually("it is forgotten", || async {
        let view = scene.browser().configuration(&id).await.unwrap();
        view.resource("ConfigMap", "gone").is_none()
    })
    .await;
}

#[tokio::test]
async fn d19_a_deletion_that_is_refused_is_tried_again_until_it_is_allowed() {
    let (scene, id) = collecting("denied", &["kept", "gone"]).await;
    let policies = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies";
    let bindings = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings";
    let policy = json!({
        "metadata": { "name": scene.name },
        "spec": {
            "matchConstraints": { "resourceRules": [{
                "apiGroups": [""], "apiVersions": ["v1"], "operations": ["DELETE"], "resources": ["configmaps"],
            }] },
            "validations": [{ "expression": "false", "message": "nothing is deleted today" }],
        },
    });
    let binding = json!({
        "metadata": { "name": scene.name },
        "spec": {
            "policyName": scene.name,
            "validationActions": ["Deny"],
            "matchResources": { "namespaceSelector": {
                "matchLabels": { "kubernetes.io/metadata.name": scene.app },
            } },
        },
    });
    for (path, object) in [(policies, &policy), (bindings, &binding)] {
        let (status, answer) = scene.stage.cluster.ask(Method::POST, path, Some(object)).await.unwrap();
        assert_eq!(status, 201, "{answer}");
    }
    let probe = format!("{}?dryRun=All", scene.config_map_path("kept"));
    eventually("the policy is in force", || async {
        scene.stage.cluster.ask(Method::DELETE, &probe, None).await.unwrap().0 != 200
    })
    .await;

    let view = without(&scene, &id, &["gone"]).await;
    assert_eq!((view.compliance(), view.reason()), ("Failed", "objectsRefused"), "{}", view.summary());
    assert_eq!(view.object_reason("ConfigMap", "gone"), "admissionRefused");
    assert!(view.detail().contains("nothing is deleted today"), "{}", view.detail());
    for _ in 0..2 {
        let view = scene.browser().sync(&id).await.unwrap();
        assert_eq!(view.object_reason("ConfigMap", "gone"), "admissionRefused", "it is not forgotten");
    }

    scene.remove(&format!("{bindings}/{}", scene.name)).await;
    scene.remove(&format!("{policies}/{}", scene.name)).await;
    eventually("it is deleted once it may be", || async {
        scene.browser().sync(&id).await.unwrap();
        scene.value("gone").await.is_none()
    })
    .await;
    let view = scene.browser().until_installed(&id).await.unwrap();
    assert!(view.resource("ConfigMap", "gone").is_none());
}
