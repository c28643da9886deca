//! What ARM has no words for.

use serde_json::json;
use testbed::Portal;

use super::api::{Api, GROUP, act, configuration};
use crate::scene::{Scene, Stage, eventually};

#[tokio::test]
async fn a_cluster_is_connected_and_forgotten_by_a_program() {
    let stage = Stage::shared().await;
    let portal = Portal::start().await.unwrap();
    let api = Api::of(&portal, "admin").await;
    let path = format!("/api/v1{GROUP}/clusters/scripted");
    let wrong = api.put(&path, &json!({ "kubeconfig": "users: [{name: a, user: {exec: {}}}]" })).await;
    assert_eq!((wrong.status, wrong.targets()), (400, vec!["kubeconfig"]), "{wrong:?}");
    let connected = api.put(&path, &json!({ "kubeconfig": stage.cluster.kubeconfig() })).await;
    assert_eq!(
        (connected.status, &connected.json["connectivity"]),
        (201, &json!("Connected")),
        "{connected:?}"
    );
    let again = api.put(&path, &json!({ "kubeconfig": stage.cluster.kubeconfig() })).await;
    assert_eq!((again.status, &again.json["id"]), (200, &connected.json["id"]), "{again:?}");
    let elsewhere = format!("/api/v1{GROUP}/clusters/scripted-twice");
    let twice = api.put(&elsewhere, &json!({ "kubeconfig": stage.cluster.kubeconfig() })).await;
    assert_eq!((twice.status, twice.code()), (409, "Conflict"), "{twice:?}");
    for other in ["managedClusters", "", "pods"] {
        assert_eq!(api.get(&format!("{path}?clusterType={other}")).await.status, 404, "{other:?}");
    }
    assert_eq!(api.get(&path.to_lowercase().replace("resourcegroups", "resourceGroups")).await.status, 200);
    assert_eq!(api.delete(&path).await.status, 200);
    assert_eq!(api.delete(&path).await.status, 204);
}

#[tokio::test]
async fn a_suspended_configuration_is_left_alone_until_it_is_resumed() {
    let (scene, api) = (Scene::shared("suspend").await, Api::shared().await);
    let (namespace, one) = (scene.namespace(), scene.config_map("settings", "one"));
    scene.commit(&[("namespace.yaml", &namespace), ("settings.yaml", &one)]).await;
    let id = scene.add().await;
    scene.browser().until_installed(&id).await.unwrap();

    let suspended = api.post(&act(&scene.name, "suspend"), None).await;
    assert_eq!((suspended.status, &suspended.json["name"]), (200, &json!(scene.name)));
    let page = scene.browser().get(&format!("/configurations/{id}")).await.unwrap().text();
    assert!(page.contains("Suspended since") && page.contains("Resume"), "{page}");
    let sync = api.post(&act(&scene.name, "sync"), None).await;
    assert_eq!((sync.status, sync.code()), (409, "Conflict"));
    let revision = scene.commit(&[("settings.yaml", &scene.config_map("settings", "two"))]).await;
    let path = scene.config_map_path("settings");
    scene.patch(&path, &json!({ "data": { "key": "theirs" } })).await;

    scene
        .browser()
        .submit(&format!("/configurations/{id}"), "resume_configuration", &[("id", &id)])
        .await
        .unwrap();
    let view =
        scene.browser().until(&id, "the new revision is there", |view| view.revision() == revision).await;
    assert_eq!(view.unwrap().compliance(), "Installed");
    assert_eq!(scene.value("settings").await.as_deref(), Some("two"));
    let history = api.get(&act(&scene.name, "history")).await.json;
    let syncs = history["value"].as_array().unwrap();
    assert_eq!((syncs.len(), &syncs[0]["revision"]), (2, &json!(revision)), "none while it was suspended");
}

#[tokio::test]
async fn a_sync_is_asked_for_and_recorded() {
    let (scene, api) = (Scene::shared("asked").await, Api::shared().await);
    scene.commit(&[("namespace.yaml", &scene.namespace())]).await;
    let id = scene.add().await;
    scene.browser().until_installed(&id).await.unwrap();
    let revision = scene.commit(&[("settings.yaml", &scene.config_map("settings", "one"))]).await;
    assert_eq!(api.post(&act(&scene.name, "sync"), None).await.status, 202);
    eventually("the new revision is synced", || async {
        api.get(&act(&scene.name, "history")).await.json["value"][0]["revision"] == json!(revision)
    })
    .await;
    let missing = api.post(&act("nobody", "sync"), None).await;
    assert_eq!((missing.status, missing.code()), (404, "ResourceNotFound"));
}

/// What the command says, or its error with its exit code.
async fn planned(scene: &Scene, revision: &str) -> String {
    let portal = &scene.stage.portal;
    let token = portal.command(&["token", "create", "--user", "admin", "--name", "ci"], "").await.unwrap();
    let file = portal.data().join(format!("{}-token", scene.name));
    std::fs::write(&file, format!("{token}\n")).unwrap();
    let against = format!("00000000-0000-0000-0000-000000000001/Default/Stage/{}", scene.name);
    let url = portal.url();
    let file = file.display().to_string();
    let mut arguments = vec!["manifests", "--against", &against, "--revision", revision];
    arguments.extend(["--portal", &url, "--token-file", &file]);
    portal.command(&arguments, "").await.unwrap_or_else(|error| error.to_string())
}

#[tokio::test]
async fn a_revision_is_planned_before_it_is_merged_and_nothing_is_written() {
    let (scene, api) = (Scene::shared("plan").await, Api::shared().await);
    let secret = |value: &str| {
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata:\n  name: pass\n  namespace: {}\nstringData:\n  word: {value}\n",
            scene.app
        )
    };
    let files = [
        ("namespace.yaml", scene.namespace()),
        ("settings.yaml", scene.config_map("settings", "one")),
        ("same.yaml", scene.config_map("same", "one")),
        ("secret.yaml", secret("first-word")),
    ];
    let main = scene.commit(&files.each_ref().map(|(path, text)| (*path, text.as_str()))).await;
    let id = scene.add().await;
    scene.browser().until_installed(&id).await.unwrap();
    let next = scene
        .repository
        .change()
        .branch("next")
        .onto(&main)
        .write("settings.yaml", scene.config_map("settings", "two"))
        .write("new.yaml", scene.config_map("new", "one"))
        .write("secret.yaml", secret("second-word"))
        .commit("Change it")
        .await
        .unwrap();
    let path = act(&scene.name, "plan");

    for revision in ["next", &next] {
        let plan = api.post(&path, Some(&json!({ "revision": revision }))).await;
        assert_eq!((plan.status, &plan.json["revision"]), (200, &json!(next)), "{plan:?}");
        assert_eq!(plan.json["changes"], true);
        let step = |name: &str| {
            let steps = plan.json["steps"].as_array().unwrap();
            steps.iter().find(|step| step["name"] == name).unwrap_or_else(|| panic!("{name} in {plan:#?}"))
        };
        assert_eq!(step("new")["action"], "Create");
        assert_eq!(step("same")["action"], "Unchanged");
        assert_eq!(step("settings")["action"], "Configure");
        let fields = step("settings")["fields"].as_array().unwrap();
        let field = json!({ "path": "data.key", "before": "\"one\"", "after": "\"two\"" });
        assert!(fields.contains(&field), "{fields:#?}");
        assert_eq!(step("pass")["action"], "Configure");
        let text = plan.json.to_string();
        assert!(!text.contains("first-word") && !text.contains("second-word"), "{text}");
        assert!(text.contains("***"), "{text}");
    }
    let same = api.post(&path, Some(&json!({ "revision": "main" }))).await;
    assert_eq!((same.status, &same.json["changes"]), (200, &json!(false)), "{same:?}");
    let missing = api.post(&path, Some(&json!({ "revision": "no-such-branch" }))).await;
    assert_eq!((missing.status, missing.code()), (409, "Conflict"));
    for wrong in [json!({}), json!({ "revision": "--upload-pack=x" }), json!({ "revision": 1 })] {
        assert_eq!(api.post(&path, Some(&wrong)).await.targets(), ["revision"], "{wrong}");
    }
    let told = planned(&scene, &next).await;
    assert!(told.contains("exit status: 2"), "{told}");
    let same = planned(&scene, &main).await;
    assert!(same.contains(&format!("revision {main}")) && !same.contains("exit status"), "{same}");
    assert!(planned(&scene, "no-such-branch").await.contains("exit status: 1"));

    assert_eq!(scene.value("settings").await.as_deref(), Some("one"));
    let view = scene.browser().configuration(&id).await.unwrap();
    assert_eq!(view.revision(), main, "a plan leaves no trace");
    assert_eq!(api.get(&configuration(&scene.name)).await.status, 200);
}
