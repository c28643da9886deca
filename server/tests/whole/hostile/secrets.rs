//! Secrets that are applied: what readers see of them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use serde_json::json;

use crate::canaries::canary::{Canary, Net};
use crate::rest::api::{Api, act};
use crate::scene::{Scene, Stage, eventually};
use crate::tenancy::{group, person};

const FIRST: &str = "canary-of-git-4c1b-first";
const SECOND: &str = "canary-of-git-4c1b-second";
/// Of another field manager.
const THEIRS: &str = "canary-of-theirs-88d2";

fn secret(scene: &Scene, value: &str) -> String {
    let app = &scene.app;
    format!(
        "apiVersion: v1\nkind: Secret\nmetadata: {{ name: door, namespace: {app} }}\nstringData: {{ password: {value} }}\n"
    )
}

#[tokio::test]
async fn s_g2_readers_see_which_keys_of_a_secret_change_and_never_what_they_hold() {
    let scene = Scene::shared("s-g2").await;
    scene.commit(&[("namespace.yaml", &scene.namespace()), ("door.yaml", &secret(&scene, FIRST))]).await;
    let id = scene.add().await;
    scene.browser().until_installed(&id).await.unwrap();
    let path = format!("/api/v1/namespaces/{}/secrets/door", scene.app);
    scene.patch(&path, &json!({ "data": { "theirs": STANDARD.encode(THEIRS) } })).await;
    let commit = scene.commit(&[("door.yaml", &secret(&scene, SECOND))]).await;
    let plan = Api::shared().await;
    let planned = plan.post(&act(&scene.name, "plan"), Some(&json!({ "revision": commit }))).await;
    assert_eq!(planned.status, 200, "{planned:?}");
    let planned = planned.json.to_string();
    assert!(planned.contains("password") && planned.contains("door"), "{planned}");
    scene.browser().sync_now(&id).await.unwrap();
    let arrived = |view: &testbed::ConfigurationView| view.is_quiet() && view.revision() == commit;
    scene.browser().until(&id, "the change is in place", arrived).await.unwrap();
    let object = scene.object(&path).await.unwrap();
    assert_eq!(object["data"]["password"], STANDARD.encode(SECOND));
    assert_eq!(object["data"]["theirs"], STANDARD.encode(THEIRS), "what others own stays");

    let reader = person("reads-secrets", &group(Stage::shared().await).await, "Reader").await;
    let net =
        Net::of(&[Canary::new("first", FIRST), Canary::new("second", SECOND), Canary::new("theirs", THEIRS)]);
    let mut said = vec![("plan".to_owned(), planned)];
    for tab in ["", "?tab=history", "?tab=changes", "?tab=settings"] {
        let page = reader.get(&format!("/configurations/{id}{tab}")).await.unwrap();
        assert_eq!(page.status, 200);
        said.push((tab.to_owned(), page.text()));
    }
    let read = reader.read("get_configuration", &[("id", &id)]).await.unwrap();
    said.push(("get_configuration".to_owned(), read.to_string()));
    let history = plan.get(&act(&scene.name, "history")).await;
    said.push(("history".to_owned(), history.json.to_string()));
    said.push(("log".to_owned(), Stage::shared().await.portal.log()));
    for (what, words) in said {
        let caught = net.caught(words.as_bytes());
        assert!(caught.is_empty(), "{what}: {caught:?}");
    }
}

const POLICIES: &str = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies";
const BINDINGS: &str = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings";

/// Refuses every change of the scene's Secrets and tells what is in them.
async fn tell_tales(scene: &Scene) {
    let policy = json!({
        "failurePolicy": "Fail",
        "matchConstraints": { "resourceRules": [{
            "apiGroups": [""], "apiVersions": ["v1"], "operations": ["UPDATE", "DELETE"], "resources": ["secrets"],
        }] },
        "validations": [{
            "expression": "false",
            "messageExpression": "'too weak: ' + oldObject.data.password + ' beside ' + oldObject.data.theirs",
        }],
    });
    let namespace =
        json!({ "namespaceSelector": { "matchLabels": { "kubernetes.io/metadata.name": scene.app } } });
    let binding =
        json!({ "policyName": scene.name, "validationActions": ["Deny"], "matchResources": namespace });
    for (path, spec) in [(POLICIES, policy), (BINDINGS, binding)] {
        let object = json!({ "metadata": { "name": scene.name }, "spec": spec });
        let (status, answer) = scene.stage.cluster.ask(Method::POST, path, Some(&object)).await.unwrap();
        assert_eq!(status, 201, "{answer}");
    }
    let probe = format!("/api/v1/namespaces/{}/secrets/door?dryRun=All", scene.app);
    eventually("the policy is in force", || async {
        let (status, answer) = scene.stage.cluster.ask(Method::DELETE, &probe, None).await.unwrap();
        status != 200 && answer.to_string().contains(&STANDARD.encode(THEIRS))
    })
    .await;
}

#[tokio::test]
async fn s_g3_what_others_say_of_a_secret_that_they_refuse_is_not_repeated() {
    let scene = Scene::shared("s-g3").await.with("sync_garbage_collection", "true");
    scene.commit(&[("namespace.yaml", &scene.namespace()), ("door.yaml", &secret(&scene, FIRST))]).await;
    let id = scene.add().await;
    scene.browser().until_installed(&id).await.unwrap();
    let path = format!("/api/v1/namespaces/{}/secrets/door", scene.app);
    scene.patch(&path, &json!({ "data": { "theirs": STANDARD.encode(THEIRS) } })).await;
    tell_tales(&scene).await;
    let net =
        Net::of(&[Canary::new("first", FIRST), Canary::new("second", SECOND), Canary::new("theirs", THEIRS)]);
    let refused = |view: &testbed::ConfigurationView| {
        view.is_quiet() && view.object_reason("Secret", "door") == "admissionRefused"
    };
    let policy = format!("ValidatingAdmissionPolicy '{}'", scene.name);
    // Changed, and then gone from Git.
    let files = [secret(&scene, SECOND), String::new()];
    for file in &files {
        let commit =
            scene.commit(&[("door.yaml", file), ("other.yaml", &scene.config_map("other", "a"))]).await;
        scene.browser().sync_now(&id).await.unwrap();
        let settled = |view: &testbed::ConfigurationView| refused(view) && view.revision() == commit;
        let view = scene.browser().until(&id, "the Secret is refused", settled).await.unwrap();
        assert!(view.detail().contains(&policy), "it names who refuses: {}", view.summary());
        let page = scene.browser().get(&format!("/configurations/{id}")).await.unwrap().text();
        for said in [view.summary(), page, Stage::shared().await.portal.log()] {
            let caught = net.caught(said.as_bytes());
            assert!(caught.is_empty(), "{caught:?}");
        }
    }
    for path in [BINDINGS, POLICIES] {
        scene.remove(&format!("{path}/{}", scene.name)).await;
    }
}

#[tokio::test]
async fn s_g3_a_secret_that_must_not_change_is_refused_without_what_it_holds() {
    let scene = Scene::shared("s-g3-immutable").await;
    let immutable = |value| format!("{}immutable: true\n", secret(&scene, value));
    scene.commit(&[("namespace.yaml", &scene.namespace()), ("door.yaml", &immutable(FIRST))]).await;
    let id = scene.add().await;
    scene.browser().until_installed(&id).await.unwrap();
    scene.commit(&[("door.yaml", &immutable(SECOND))]).await;
    scene.browser().sync_now(&id).await.unwrap();
    let refused = |view: &testbed::ConfigurationView| view.is_quiet() && view.reason() == "objectsRefused";
    let view = scene.browser().until(&id, "the Secret is refused", refused).await.unwrap();
    assert!(view.detail().contains("immutable"), "it says why: {}", view.summary());
    let caught = Net::of(&[Canary::new("first", FIRST), Canary::new("second", SECOND)])
        .caught(view.summary().as_bytes());
    assert!(caught.is_empty(), "{caught:?}");
}
