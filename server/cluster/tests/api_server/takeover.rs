//! Objects that kubectl applied before us.

use engine::port::cluster::Cluster as _;
use engine::takeover::LAST_APPLIED;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::api::PostParams;
use serde_json::json;

use crate::support::{config_map, config_maps_of, provisioned, unique};

/// As `kubectl apply` makes an object: under its name, with what it applied in an annotation.
async fn kubectl_apply(namespace: &str, data: &serde_json::Value) {
    let mut object = json!({ "metadata": { "name": "endpoints", "namespace": namespace }, "data": data });
    let applied = object.to_string();
    object["metadata"]["annotations"] = json!({ LAST_APPLIED: applied });
    let object: ConfigMap = serde_json::from_value(object).expect("a config map");
    let parameters =
        PostParams { field_manager: Some("kubectl-client-side-apply".to_owned()), ..PostParams::default() };
    config_maps_of(namespace).await.create(&parameters, &object).await.expect("created");
}

#[tokio::test]
async fn a_field_that_kubectl_applied_disappears_with_git_once_it_is_taken_over() {
    let (connection, operator) = provisioned("takeover").await;
    let namespace = unique("takeover").await;
    let client = connection.operator(&operator);
    kubectl_apply(&namespace, &json!({"kept": "1", "gone": "1"})).await;
    let both = config_map(&namespace, "endpoints", &json!({"kept": "1", "gone": "1"}));
    let seen = client.dry_run(&both).await.expect("a dry-run");
    assert!(seen.existed && seen.kubectls);

    client.take_over(&both).await.expect("taken over");
    let applied = client.apply(&both).await.expect("applied");
    assert!(!applied.kubectls, "the annotation goes with the first apply");
    let live = config_maps_of(&namespace).await.get("endpoints").await.expect("a config map");
    let managers = live.metadata.managed_fields.expect("managers");
    let managers: Vec<_> = managers.iter().filter_map(|entry| entry.manager.as_deref()).collect();
    assert_eq!(managers, ["fairlead"]);
    assert!(!live.metadata.annotations.unwrap_or_default().contains_key(LAST_APPLIED));

    let fewer = config_map(&namespace, "endpoints", &json!({"kept": "1"}));
    client.apply(&fewer).await.expect("applied");
    let live = config_maps_of(&namespace).await.get("endpoints").await.expect("a config map");
    assert_eq!(live.data.expect("data").into_keys().collect::<Vec<_>>(), ["kept"]);
}

#[tokio::test]
async fn what_kubectl_never_touched_is_not_written_to() {
    let (connection, operator) = provisioned("untaken").await;
    let namespace = unique("untaken").await;
    let client = connection.operator(&operator);
    let wanted = config_map(&namespace, "endpoints", &json!({"a": "1"}));
    let before = client.apply(&wanted).await.expect("applied").resource_version;
    client.take_over(&wanted).await.expect("nothing to do");
    let live = config_maps_of(&namespace).await.get("endpoints").await.expect("a config map");
    assert_eq!(live.metadata.resource_version, Some(before));
}
