//! Manifests that cannot be read, cannot be placed or are refused.

use http::Method;
use serde_json::json;
use testbed::ConfigurationView;

use crate::scene::Scene;

/// A scene with one ConfigMap in place, that looks at everything every two seconds.
async fn synced(prefix: &str) -> (Scene, String) {
    let scene = Scene::shared(prefix).await.with("git_poll_interval", "1s");
    let scene = scene.with("operator_params", "--git-readonly --sync-interval=2s");
    let (namespace, settings) = (scene.namespace(), scene.config_map("settings", "one"));
    scene.commit(&[("namespace.yaml", &namespace), ("settings.yaml", &settings)]).await;
    let id = scene.add().await;
    scene.browser().until_installed(&id).await.unwrap();
    (scene, id)
}

/// A later commit that is right again.
async fn recovers(scene: &Scene, id: &str, remove: &str) {
    let change = scene.repository.change().remove(remove);
    let change = change.write("settings.yaml", scene.config_map("settings", "right"));
    let commit = change.commit("Put it right").await.unwrap();
    let right = |view: &ConfigurationView| {
        view.is_quiet() && view.revision() == commit && view.reason() == "installed"
    };
    scene.browser().until(id, "the right revision is in place", right).await.unwrap();
    assert_eq!(scene.value("settings").await.as_deref(), Some("right"));
}

#[tokio::test]
async fn broken_yaml_changes_nothing_and_is_named_by_file_and_line() {
    let (scene, id) = synced("yaml").await;
    let neighbour = Scene::shared("neighbour").await;
    neighbour.commit(&[("namespace.yaml", &neighbour.namespace())]).await;
    let neighbour_id = neighbour.add().await;
    let settings = scene.config_map("settings", "two");
    scene.commit(&[("settings.yaml", &settings), ("broken.yaml", "kind: ConfigMap\nmetadata: [\n")]).await;

    let view = scene.until_told(&id, "manifestInvalid").await;

    assert_eq!((view.compliance(), view.level()), ("Failed", "Error"));
    assert_eq!(view.state()["reason"]["file"], "broken.yaml");
    assert!(view.state()["reason"]["line"].as_u64().is_some(), "{}", view.state());
    assert_eq!(scene.value("settings").await.as_deref(), Some("one"), "a load that fails applies nothing");
    let page = scene.browser().get(&format!("/configurations/{id}")).await.unwrap().text();
    assert!(page.contains("broken.yaml"), "{page}");
    neighbour.browser().until_installed(&neighbour_id).await.unwrap();
    recovers(&scene, &id, "broken.yaml").await;
}

#[tokio::test]
async fn two_manifests_of_one_object_change_nothing_and_are_both_named() {
    let (scene, id) = synced("twice").await;
    scene.commit(&[("second.yaml", &scene.config_map("settings", "two"))]).await;

    let view = scene.until_told(&id, "duplicateObject").await;

    assert_eq!(view.compliance(), "Failed");
    let reason = view.state()["reason"].to_string();
    for words in ["settings", "second.yaml", "settings.yaml"] {
        assert!(reason.contains(words), "{words} is not in {reason}");
    }
    assert_eq!(scene.value("settings").await.as_deref(), Some("one"));
    recovers(&scene, &id, "second.yaml").await;
}

#[tokio::test]
async fn an_unknown_kind_is_left_out_until_the_cluster_knows_it() {
    let (scene, id) = synced("kind").await;
    let group = format!("{}.example.com", scene.name);
    let app = &scene.app;
    let manifest = format!(
        "apiVersion: {group}/v1\nkind: Widget\nmetadata:\n  name: first\n  namespace: {app}\nspec: {{}}\n"
    );
    scene
        .commit(&[("widget.yaml", &manifest), ("settings.yaml", &scene.config_map("settings", "two"))])
        .await;

    let view = scene.until_told(&id, "objectsLeftOut").await;
    assert_eq!((view.compliance(), view.level()), ("Installed", "Warning"));
    assert_eq!(view.object_reason("Widget", "first"), "unknownKind");
    assert_eq!(scene.value("settings").await.as_deref(), Some("two"), "the others go on");

    let definition = json!({
        "metadata": { "name": format!("widgets.{group}") },
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": { "plural": "widgets", "singular": "widget", "kind": "Widget", "listKind": "WidgetList" },
            "versions": [{
                "name": "v1", "served": true, "storage": true,
                "schema": { "openAPIV3Schema": { "type": "object", "x-kubernetes-preserve-unknown-fields": true } },
            }],
        },
    });
    let path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    let (status, answer) = scene.stage.cluster.ask(Method::POST, path, Some(&definition)).await.unwrap();
    assert_eq!(status, 201, "{answer}");
    let view = scene.browser().until_reason(&id, "installed").await.unwrap();
    assert_eq!(view.object_reason("Widget", "first"), "");
    let widget = format!("/apis/{group}/v1/namespaces/{app}/widgets/first");
    assert!(scene.object(&widget).await.is_some());
}

#[tokio::test]
async fn a_kind_that_comes_with_its_definition_is_applied_in_one_sync() {
    let scene = Scene::shared("definition").await;
    let group = format!("{}.example.com", scene.name);
    let app = &scene.app;
    let widget = format!(
        "apiVersion: {group}/v1\nkind: Widget\nmetadata:\n  name: first\n  namespace: {app}\nspec: {{}}\n"
    );
    let definition = format!(
        "apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: widgets.{group}
spec:
  group: {group}
  scope: Namespaced
  names: {{ plural: widgets, singular: widget, kind: Widget, listKind: WidgetList }}
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema: {{ type: object, x-kubernetes-preserve-unknown-fields: true }}
"
    );
    let files =
        [("a-widget.yaml", &widget), ("b-definition.yaml", &definition), ("c.yaml", &scene.namespace())];
    scene.commit(&files.map(|(path, text)| (path, text.as_str()))).await;
    let id = scene.add().await;
    let view = scene.browser().until_installed(&id).await.unwrap();
    assert_eq!(view.reason(), "installed", "{}", view.summary());
    assert!(scene.object(&format!("/apis/{group}/v1/namespaces/{app}/widgets/first")).await.is_some());
}

#[tokio::test]
async fn an_object_that_the_api_server_refuses_keeps_no_other_back() {
    let (scene, id) = synced("refused").await;
    let refused =
        scene.deployment("web").replace("      app: web\n  template", "      app: other\n  template");
    scene.commit(&[("web.yaml", &refused), ("settings.yaml", &scene.config_map("settings", "two"))]).await;

    let view = scene.until_told(&id, "objectsRefused").await;

    assert_eq!((view.compliance(), view.level()), ("Failed", "Error"));
    assert_eq!(
        (&view.state()["reason"]["refused"], &view.state()["reason"]["total"]),
        (&json!(1), &json!(3))
    );
    assert_eq!(view.object_reason("Deployment", "web"), "invalid");
    let detail = view.resource("Deployment", "web").unwrap()["detail"].to_string();
    assert!(detail.contains("selector"), "what the API server said is shown: {detail}");
    assert_eq!(scene.value("settings").await.as_deref(), Some("two"), "the others go on");
    recovers(&scene, &id, "web.yaml").await;
}

#[tokio::test]
async fn a_namespace_that_is_being_deleted_is_waited_for() {
    let (scene, id) = synced("ending").await;
    scene.remove(&format!("/api/v1/namespaces/{}", scene.app)).await;
    let back = async || scene.value("settings").await.as_deref() == Some("one");
    crate::scene::eventually("the objects are back", back).await;
    scene.browser().until_reason(&id, "installed").await.unwrap();
}

// S-M4
#[tokio::test]
async fn an_object_of_another_configuration_is_an_error_until_that_one_is_gone() {
    let (first, first_id) = synced("first").await;
    let second = Scene::shared("second").await;
    let claim = first.config_map("settings", "theirs");
    let own = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: own\n  namespace: default\n"
        .replace("own", &format!("own-{}", second.name));
    second.commit(&[("claim.yaml", &claim), ("own.yaml", &own)]).await;
    let id = second.add().await;

    let view = second.until_told(&id, "objectsRefused").await;

    assert_eq!(view.object_reason("ConfigMap", "settings"), "managedByOther");
    let other = &view.resource("ConfigMap", "settings").unwrap()["reason"]["configuration"];
    assert_eq!(*other, first.name, "the administrator may see whose it is");
    assert_eq!(first.value("settings").await.as_deref(), Some("one"), "its owner's value stays");
    assert!(
        second.object(&format!("/api/v1/namespaces/default/configmaps/own-{}", second.name)).await.is_some()
    );

    first.browser().delete_configuration(&first_id).await.unwrap();
    second.browser().until_reason(&id, "installed").await.unwrap();
    assert_eq!(first.value("settings").await.as_deref(), Some("theirs"));
}
