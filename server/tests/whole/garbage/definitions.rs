//! A definition takes all objects of its kind with it.

use testbed::ConfigurationView;

use super::{COLLECT, hash};
use crate::scene::{Scene, eventually};

const OBJECTS: [&str; 3] = ["soup", "bread", "fruit"];

#[tokio::test]
async fn d16_a_definition_that_left_git_stays_with_its_objects_until_somebody_who_knows_how_many_says_so() {
    let (field, value) = COLLECT;
    let scene = Scene::shared("definition").await.with(field, value);
    let group = format!("{}.example.org", scene.name);
    let definition = format!(
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {{ name: menus.{group} }}\n\
         spec:\n  group: {group}\n  names: {{ kind: Menu, plural: menus }}\n  scope: Namespaced\n  versions:\n  \
         - name: v1\n    served: true\n    storage: true\n    schema:\n      openAPIV3Schema: {{ type: object }}\n"
    );
    scene.commit(&[("namespace.yaml", &scene.namespace()), ("definition.yaml", &definition)]).await;
    let id = scene.add().await;
    scene.browser().until_installed(&id).await.unwrap();
    // They are nobody's in Git.
    let menus = format!("/apis/{group}/v1/namespaces/{}/menus", scene.app);
    for name in OBJECTS {
        let menu = serde_json::json!({
            "apiVersion": format!("{group}/v1"), "kind": "Menu", "metadata": { "name": name },
        });
        let made = scene.stage.cluster.ask(http::Method::POST, &menus, Some(&menu)).await.unwrap();
        assert_eq!(made.0, 201, "{}", made.1);
    }
    scene.repository.change().remove("definition.yaml").commit("Remove").await.unwrap();
    let view = scene.browser().sync(&id).await.unwrap();
    assert_eq!(view.reason(), "pruneWaits");
    let guard = &view.prune_list("Guard").unwrap()["guards"][0];
    assert_eq!((&guard["code"], &guard["instances"]), (&"holds".into(), &OBJECTS.len().into()), "{guard}");
    let page = scene.browser().get(&format!("/configurations/{id}")).await.unwrap().text();
    assert!(page.contains("takes its objects with it: 3 of them are in the cluster"), "{page}");
    for name in OBJECTS {
        assert!(scene.object(&format!("{menus}/{name}")).await.is_some(), "{name} is gone");
    }

    scene.browser().confirm_prune(&id, &hash(&view, "Guard")).await.unwrap();
    let done = |view: &ConfigurationView| view.is_quiet() && view.reason() == "installed";
    scene.browser().until(&id, "the confirmed list is deleted", done).await.unwrap();
    let path = format!("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/menus.{group}");
    eventually("the definition is gone", || async { scene.object(&path).await.is_none() }).await;
}
