//! What follows from Git, and what strangers change in the cluster.

use serde_json::json;

use crate::scene::{Scene, eventually};

/// A scene whose branch is looked at every second, synced with one ConfigMap.
async fn synced(prefix: &str) -> (Scene, String) {
    let scene = Scene::shared(prefix).await.with("git_poll_interval", "1s");
    let (namespace, settings) = (scene.namespace(), scene.config_map("settings", "one"));
    scene.commit(&[("namespace.yaml", &namespace), ("settings.yaml", &settings)]).await;
    let id = scene.add().await;
    scene.browser().until_installed(&id).await.unwrap();
    (scene, id)
}

#[tokio::test]
async fn a_push_moves_the_revision_and_the_objects() {
    let (scene, id) = synced("push").await;
    let (changed, new) = (scene.config_map("settings", "two"), scene.config_map("more", "three"));
    let commit = scene.commit(&[("settings.yaml", &changed), ("more.yaml", &new)]).await;

    let moved = |view: &testbed::ConfigurationView| view.is_quiet() && view.revision() == commit;
    let view = scene.browser().until(&id, "the revision has moved", moved).await.unwrap();

    assert_eq!(view.compliance(), "Installed");
    assert_eq!(scene.value("settings").await.as_deref(), Some("two"));
    assert_eq!(scene.value("more").await.as_deref(), Some("three"));
    let changes = view.0["last_change_set"]["changes"].as_array().unwrap();
    let action = |name: &str| {
        changes.iter().find(|change| change["object"]["name"] == name).map(|change| change["action"].clone())
    };
    assert_eq!((action("settings"), action("more")), (Some(json!("Configure")), Some(json!("Create"))));
}

#[tokio::test]
async fn a_file_that_left_git_leaves_its_object_where_it_is() {
    let (scene, id) = synced("leave").await;
    scene
        .repository
        .change()
        .remove("settings.yaml")
        .write("README.md", "Gone.")
        .commit("Remove")
        .await
        .unwrap();
    let view = scene.browser().sync(&id).await.unwrap();
    assert_eq!(view.compliance(), "Installed");
    assert_eq!(scene.value("settings").await.as_deref(), Some("one"));
}

#[tokio::test]
async fn what_a_stranger_changes_is_put_right() {
    let (scene, _) = synced("stranger").await;
    let path = scene.config_map_path("settings");
    scene.patch(&path, &json!({ "data": { "key": "theirs", "own": "kept" } })).await;
    eventually("our field is ours again", || async {
        scene.value("settings").await.as_deref() == Some("one")
    })
    .await;
    let object = scene.object(&path).await.unwrap();
    assert_eq!(object["data"]["own"], "kept", "a field that Git does not name is nobody's business");
}

#[tokio::test]
async fn a_deleted_object_comes_back() {
    let (scene, _) = synced("deleted").await;
    scene.remove(&scene.config_map_path("settings")).await;
    eventually("it is back", || async { scene.value("settings").await.as_deref() == Some("one") }).await;
}

#[tokio::test]
async fn an_object_that_asks_to_be_ignored_is_left_alone() {
    let (scene, id) = synced("ignored").await;
    let path = scene.config_map_path("settings");
    let ignore =
        json!({ "metadata": { "annotations": { "fluxcd.io/ignore": "true" } }, "data": { "key": "theirs" } });
    scene.patch(&path, &ignore).await;
    scene.commit(&[("settings.yaml", &scene.config_map("settings", "two"))]).await;
    let view = scene.browser().sync(&id).await.unwrap();
    assert_eq!(view.object_reason("ConfigMap", "settings"), "ignored");
    assert_eq!(scene.value("settings").await.as_deref(), Some("theirs"));
}

#[tokio::test]
async fn other_settings_are_synced_at_once() {
    let (scene, id) = synced("settings").await;
    let commit = scene
        .repository
        .change()
        .branch("other")
        .write("namespace.yaml", scene.namespace())
        .write("other.yaml", scene.config_map("other", "one"))
        .commit("Begin another branch")
        .await
        .unwrap();
    let fields = scene.fields.clone().with("git_branch", "other");
    scene.browser().replace_configuration(&id, &fields).await.unwrap();
    let moved = |view: &testbed::ConfigurationView| view.is_quiet() && view.revision() == commit;
    let view = scene.browser().until(&id, "the other branch is in place", moved).await.unwrap();
    assert_eq!(view.compliance(), "Installed");
    assert_eq!(scene.value("other").await.as_deref(), Some("one"));
    assert_eq!(scene.value("settings").await.as_deref(), Some("one"), "what was applied stays");
}
