//! Applying as the operator's service account.

use domain::configuration::OperatorScope;
use domain::health::Health;
use domain::reason::ObjectReason;
use engine::port::cluster::{Cluster as _, KindLookup};
use k8s_openapi::api::core::v1::{Namespace, Secret};
use kube::api::{Api, DeleteParams, Patch, PatchParams};
use serde_json::json;

use crate::support::{
    about, administrator, config_map, config_maps, config_maps_of, desired, eventually, kind, named,
    provisioned, testbed, unique,
};

#[tokio::test]
async fn an_object_is_applied_with_our_field_manager_and_applied_again_without_a_change() {
    let (connection, operator) = provisioned("apply").await;
    let namespace = unique("apply").await;
    let client = connection.operator(&operator);
    let wanted = config_map(&namespace, "endpoints", &json!({"a": "1"}));

    let proposed = client.dry_run(&wanted).await.expect("a dry-run");
    assert!(!proposed.existed && proposed.resource_version.is_empty());
    assert!(config_maps_of(&namespace).await.get_opt("endpoints").await.expect("an answer").is_none());

    let first = client.apply(&wanted).await.expect("applied");
    assert!(!first.existed && !first.resource_version.is_empty() && first.health == Health::Healthy);
    let stored = config_maps_of(&namespace).await.get("endpoints").await.expect("a config map");
    let managers = stored.metadata.managed_fields.expect("managed fields");
    assert_eq!(managers[0].manager.as_deref(), Some("fairlead"));
    assert_eq!(managers[0].operation.as_deref(), Some("Apply"));

    let second = client.apply(&wanted).await.expect("applied");
    assert!(second.existed);
    assert_eq!(
        (second.resource_version, second.own_fields),
        (first.resource_version, first.own_fields.clone())
    );
    assert_eq!(client.dry_run(&wanted).await.expect("a dry-run").own_fields, first.own_fields);
}

#[tokio::test]
async fn a_field_taken_by_somebody_else_is_taken_back() {
    let (connection, operator) = provisioned("back").await;
    let namespace = unique("back").await;
    let client = connection.operator(&operator);
    let wanted = config_map(&namespace, "endpoints", &json!({"a": "1"}));
    let ours = client.apply(&wanted).await.expect("applied").own_fields;
    let theirs = Patch::Merge(json!({"data": {"a": "2"}}));
    let config_maps = config_maps_of(&namespace).await;
    config_maps.patch("endpoints", &PatchParams::default(), &theirs).await.expect("patched");
    assert_eq!(client.apply(&wanted).await.expect("applied").own_fields, ours);
    let stored = config_maps.get("endpoints").await.expect("a config map");
    assert_eq!(stored.data.expect("data")["a"], "1");
}

// S-J4
#[tokio::test]
async fn every_request_of_the_operator_client_is_the_service_accounts() {
    let (connection, operator) = provisioned("whose").await;
    let namespace = unique("whose").await;
    let mark = testbed().await.audit_mark().await.expect("a mark");
    let client = connection.operator(&operator);
    let wanted = config_map(&namespace, "endpoints", &json!({}));
    client.kinds(true).await.expect("kinds");
    client.dry_run(&wanted).await.expect("a dry-run");
    client.apply(&wanted).await.expect("applied");
    let events = testbed().await.audit(mark).await.expect("events");
    let account = format!("system:serviceaccount:{}:op", operator.namespace);
    let ours = about(&events, &namespace);
    let users: Vec<_> = ours.iter().map(|event| event.impersonated_user.as_deref()).collect();
    assert_eq!(users, [Some(account.as_str()), Some(account.as_str())]);
    assert!(ours[0].request_uri.contains("dryRun=All"));
    for event in ours {
        for part in ["fieldManager=fairlead", "force=true", "fieldValidation=Strict"] {
            assert!(event.request_uri.contains(part), "{}", event.request_uri);
        }
    }
}

// S-J4
#[tokio::test]
async fn a_service_account_without_rights_is_refused_and_the_kubeconfigs_own_are_not_used() {
    let connection = administrator().await;
    let operator = named(&unique("weak").await, OperatorScope::Namespace).await;
    connection.provision(&operator).await.expect("provisioned");
    let client = connection.operator(&operator);
    let own = operator.namespace.as_str();
    // A binding is seen by the authorizer a moment after it was made.
    let allowed = config_map(own, "mine", &json!({}));
    eventually("the binding is in force", || async { client.apply(&allowed).await.is_ok() }).await;

    let elsewhere = unique("weak").await;
    let error = client.apply(&config_map(&elsewhere, "theirs", &json!({}))).await.expect_err("refused");
    assert_eq!(error.reason, ObjectReason::Forbidden);
    assert!(error.detail.contains("system:serviceaccount"), "{}", error.detail);
}

#[tokio::test]
async fn what_the_api_server_refuses_is_told_with_its_reason() {
    let (connection, operator) = provisioned("refuse").await;
    let namespace = unique("refuse").await;
    let client = connection.operator(&operator);
    let error = |object| {
        let client = &client;
        async move { client.dry_run(&object).await.expect_err("refused") }
    };

    let unknown_field = desired(&config_maps(), Some(&namespace), "a", &json!({"dat": {"a": "1"}}));
    let refused = error(unknown_field).await;
    assert_eq!(refused.reason, ObjectReason::Invalid);
    assert!(refused.detail.contains("dat"), "{}", refused.detail);

    let wrong_type = config_map(&namespace, "a", &json!({"a": 1}));
    assert_eq!(error(wrong_type).await.reason, ObjectReason::Invalid);

    let wrong_name = config_map(&namespace, "Not A Name", &json!({}));
    assert_eq!(error(wrong_name).await.reason, ObjectReason::Invalid);

    let outside = config_map(&namespace, "../../kube-system/configmaps/a", &json!({}));
    assert_eq!(error(outside).await.reason, ObjectReason::Invalid);

    let no_such_kind = desired(&kind("", "Nothing", "nothings"), Some(&namespace), "a", &json!({}));
    assert_eq!(error(no_such_kind).await.reason, ObjectReason::UnknownKind);

    let no_such_namespace = config_map("no-such-namespace", "a", &json!({}));
    assert_eq!(error(no_such_namespace).await.reason, ObjectReason::Refused);
}

// S-G3
#[tokio::test]
async fn nothing_of_a_secret_is_in_what_is_told() {
    let (connection, operator) = provisioned("secret").await;
    let namespace = unique("secret").await;
    let client = connection.operator(&operator);
    let secrets = kind("", "Secret", "secrets");
    for fields in [
        json!({"data": {"a": "CANARY not base64"}}),
        json!({"stringData": {"a": {"b": "CANARY"}}}),
        json!({"stringData": {"CANARY key": "x"}, "type": 7}),
        json!({"type": "kubernetes.io/dockerconfigjson", "stringData": {".dockerconfigjson": "{CANARY"}}),
    ] {
        let error =
            client.apply(&desired(&secrets, Some(&namespace), "a", &fields)).await.expect_err("refused");
        let told = error.detail.replace("CANARY key", "");
        assert!(!told.contains("CANARY"), "{}", error.detail);
    }
    let stored = Api::<Secret>::namespaced(testbed().await.client().expect("a client"), &namespace);
    assert!(stored.get_opt("a").await.expect("an answer").is_none());
}

#[tokio::test]
async fn a_namespace_that_is_being_deleted_takes_nothing_new() {
    let (connection, operator) = provisioned("ending").await;
    let namespace = unique("ending").await;
    let client = connection.operator(&operator);
    // A finalizer of an object in it keeps the namespace from going at once.
    let mut holding = config_map(&namespace, "holding", &json!({}));
    holding.manifest["metadata"]["finalizers"] = json!(["test.fairlead/hold"]);
    client.apply(&holding).await.expect("applied");
    let namespaces = Api::<Namespace>::all(testbed().await.client().expect("a client"));
    namespaces.delete(&namespace, &DeleteParams::default()).await.expect("deleted");
    let error = client.apply(&config_map(&namespace, "late", &json!({}))).await.expect_err("refused");
    assert_eq!(error.reason, ObjectReason::NamespaceTerminating);
    let release = Patch::Merge(json!({"metadata": {"finalizers": null}}));
    config_maps_of(&namespace)
        .await
        .patch("holding", &PatchParams::default(), &release)
        .await
        .expect("released");
}

#[tokio::test]
async fn a_kind_is_served_once_its_definition_is_established() {
    let (connection, operator) = provisioned("crd").await;
    let namespace = unique("crd").await;
    let group = format!("{namespace}.example.org");
    let client = connection.operator(&operator);
    assert_eq!(client.kinds(false).await.expect("kinds").find(&group, "v1", "Boat"), KindLookup::Unknown);

    let definitions = kind("apiextensions.k8s.io", "CustomResourceDefinition", "customresourcedefinitions");
    let spec = json!({"spec": {
        "group": group, "scope": "Namespaced", "names": {"plural": "boats", "kind": "Boat"},
        "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {
            "type": "object", "properties": {"spec": {"type": "object", "properties": {"sails": {"type": "integer"}}}}}}}],
    }});
    let definition = desired(&definitions, None, &format!("boats.{group}"), &spec);
    client.apply(&definition).await.expect("applied");
    client.established(&definition).await.expect("established");
    // The API server says what it serves a moment later.
    let boats = async || match client.kinds(true).await.expect("kinds").find(&group, "v1", "Boat") {
        KindLookup::Served(boats) => Some(boats),
        _ => None,
    };
    eventually("the kind is named", async || boats().await.is_some()).await;
    let boats = boats().await.expect("a kind");
    assert!(boats.namespaced);
    let boat = desired(&boats, Some(&namespace), "ketch", &json!({"spec": {"sails": 2}}));
    client.apply(&boat).await.expect("applied");
    let wrong = desired(&boats, Some(&namespace), "sloop", &json!({"spec": {"oars": 2}}));
    assert_eq!(client.apply(&wrong).await.expect_err("refused").reason, ObjectReason::Invalid);
}

#[tokio::test]
async fn an_object_that_asks_to_be_left_alone_says_so() {
    let (connection, operator) = provisioned("alone").await;
    let namespace = unique("alone").await;
    let client = connection.operator(&operator);
    let wanted = config_map(&namespace, "a", &json!({}));
    assert!(!client.apply(&wanted).await.expect("applied").ignored);
    let alone = Patch::Merge(json!({"metadata": {"annotations": {"fluxcd.io/ignore": "true"}}}));
    config_maps_of(&namespace).await.patch("a", &PatchParams::default(), &alone).await.expect("patched");
    assert!(client.dry_run(&wanted).await.expect("a dry-run").ignored);
}
