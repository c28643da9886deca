//! What goes with a configuration, and what stays.

use crate::scene::{Scene, eventually};

async fn synced(prefix: &str) -> (Scene, String) {
    let scene = Scene::shared(prefix).await;
    let (namespace, settings) = (scene.namespace(), scene.config_map("settings", "one"));
    scene.commit(&[("namespace.yaml", &namespace), ("settings.yaml", &settings)]).await;
    let id = scene.add().await;
    scene.browser().until_installed(&id).await.unwrap();
    (scene, id)
}

/// Service account, binding and Lease of the operator.
fn operator_objects(scene: &Scene) -> [String; 3] {
    let name = &scene.name;
    [
        format!("/api/v1/namespaces/{name}/serviceaccounts/{name}"),
        format!("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/fairlead:{name}:{name}"),
        format!("/apis/coordination.k8s.io/v1/namespaces/{name}/leases/{name}"),
    ]
}

#[tokio::test]
async fn the_operator_goes_and_the_workloads_stay() {
    let (scene, id) = synced("delete").await;
    for path in operator_objects(&scene) {
        assert!(scene.object(&path).await.is_some(), "{path} is not there");
    }

    scene.browser().delete_configuration(&id).await.unwrap();

    let gone = scene.browser().call("get_configuration", &[("id", &id)]).await.unwrap();
    assert_eq!(gone.status, 404, "{}", gone.body);
    for path in operator_objects(&scene) {
        eventually(&format!("{path} is gone"), || async { scene.object(&path).await.is_none() }).await;
    }
    let namespace = format!("/api/v1/namespaces/{}", scene.name);
    eventually("the operator's namespace is gone", || async { scene.object(&namespace).await.is_none() })
        .await;
    assert_eq!(scene.value("settings").await.as_deref(), Some("one"));
}

#[tokio::test]
async fn a_namespace_with_something_else_in_it_stays() {
    let (scene, id) = synced("keep").await;
    scene.create_config_map(&scene.name, "theirs").await;

    scene.browser().delete_configuration(&id).await.unwrap();

    for path in operator_objects(&scene) {
        eventually(&format!("{path} is gone"), || async { scene.object(&path).await.is_none() }).await;
    }
    // The namespace is decided about after the operator's objects; the note of the end is in the log.
    eventually("the retirement has ended", || async {
        scene.stage.portal.log().lines().any(|line| line.contains("is removed") && line.contains(&scene.name))
    })
    .await;
    let namespace = scene.object(&format!("/api/v1/namespaces/{}", scene.name)).await.unwrap();
    assert_eq!(namespace["status"]["phase"], "Active");
    let theirs = format!("/api/v1/namespaces/{}/configmaps/theirs", scene.name);
    assert!(scene.object(&theirs).await.is_some());
}

#[tokio::test]
async fn a_deleted_configuration_can_be_made_again_with_the_same_names() {
    let (scene, id) = synced("again").await;
    scene.browser().delete_configuration(&id).await.unwrap();
    let second = scene.add().await;
    let view = scene.browser().until_installed(&second).await.unwrap();
    assert_eq!(view.reason(), "installed");
    assert_eq!(view.object_reason("ConfigMap", "settings"), "");
}
