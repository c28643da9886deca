//! The last look before a deletion.

use engine::port::cluster::{Cluster as _, OperatorClient};
use kube::api::{Patch, PatchParams};
use serde_json::json;

use crate::support::{config_map, config_maps, config_maps_of, kind, provisioned, unique};

#[tokio::test]
async fn a_look_tells_what_decides_about_a_deletion() {
    let (connection, operator) = provisioned("look").await;
    let namespace = unique("look").await;
    let client = connection.operator(&operator);
    let wanted = config_map(&namespace, "endpoints", &json!({}));
    let applied = client.apply(&wanted).await.expect("applied");

    let look = async || client.look(&wanted.key, &config_maps()).await.expect("an answer");
    let seen = look().await.expect("it is there");
    assert_eq!((&seen.uid, &seen.resource_version), (&applied.uid, &applied.resource_version));
    assert_eq!(seen.mark.as_deref(), Some("sha256.test"));
    assert!(!seen.kept && !seen.owned && !seen.terminating);

    let changes = json!({ "metadata": {
        "annotations": { "flux.weave.works/ignore": "sync_only" },
        "ownerReferences": [{ "apiVersion": "v1", "kind": "ConfigMap", "name": "x", "uid": "x" }],
        "finalizers": ["example.com/hold"],
    } });
    let api = config_maps_of(&namespace).await;
    api.patch("endpoints", &PatchParams::default(), &Patch::Merge(changes)).await.expect("patched");
    let seen = look().await.expect("it is there");
    assert!(seen.kept && seen.owned && !seen.terminating);
    api.delete("endpoints", &kube::api::DeleteParams::default()).await.expect("deleted");
    assert!(look().await.expect("it is held").terminating);
    let free = json!({ "metadata": { "finalizers": null } });
    api.patch("endpoints", &PatchParams::default(), &Patch::Merge(free)).await.expect("patched");
    assert_eq!(look().await, None);
}

#[tokio::test]
async fn a_kind_that_is_not_served_is_no_absent_object() {
    let (connection, operator) = provisioned("unserved").await;
    let client: std::sync::Arc<dyn OperatorClient> = connection.operator(&operator);
    let wanted = config_map("default", "nothing", &json!({}));
    assert_eq!(client.look(&wanted.key, &config_maps()).await.expect("an answer"), None);
    let menus = kind("example.com", "Menu", "menus");
    let mut menu = wanted.key.clone();
    (menu.group, menu.kind) = ("example.com".to_owned(), "Menu".to_owned());
    client.look(&menu, &menus).await.expect_err("nobody knows");
}
