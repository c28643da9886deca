//! One table per kind: what stands in the object, what is said of it. Every row is also judged as [`reduce`] leaves
//! it, with the same words.

mod others;
mod workloads;

use serde_json::json;

use super::*;
use crate::own_fields::own_fields;

/// Judges `{apiVersion, kind, …fields}` as text such as `Progressing: ready: 1 of 3`.
fn judged(api_version: &str, kind: &str, fields: &Value) -> String {
    let mut object = fields.clone();
    object["apiVersion"] = json!(api_version);
    object["kind"] = json!(kind);
    let (word, message) = health(&object);
    assert_eq!(health(&reduce(&object)), (word, message.clone()), "reduced: {object}");
    message.map_or_else(|| word.as_str().to_owned(), |message| format!("{}: {message}", word.as_str()))
}

fn check(api_version: &str, kind: &str, table: &[(&str, Value)]) {
    for (expected, fields) in table {
        assert_eq!(judged(api_version, kind, fields), *expected, "{fields}");
    }
}

fn condition(name: &str, status: &str, reason: &str, message: &str) -> Value {
    json!({"type": name, "status": status, "reason": reason, "message": message})
}

#[test]
fn rules_for_every_kind_come_before_those_of_its_own() {
    let terminating =
        json!({"metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"}, "status": {"phase": "Failed"}});
    let unobserved =
        json!({"metadata": {"generation": 3}, "status": {"observedGeneration": 2, "phase": "Failed"}});
    let observed =
        json!({"metadata": {"generation": 3}, "status": {"observedGeneration": 3, "phase": "Succeeded"}});
    check(
        "v1",
        "Pod",
        &[
            ("Progressing: is being deleted", terminating),
            ("Progressing: generation 3 is not observed yet, only 2", unobserved),
            ("Healthy", observed),
        ],
    );
}

#[test]
fn a_kind_without_rules_is_judged_by_its_conditions() {
    let with = |conditions: Value| json!({"metadata": {"name": "a"}, "status": {"conditions": conditions}});
    check(
        "example.com/v1",
        "Menu",
        &[
            ("Healthy", json!({})),
            ("Healthy", json!({"status": "text"})),
            ("Healthy", with(json!([]))),
            ("Healthy", with(json!([condition("Cooked", "False", "", "")]))),
            ("Healthy", with(json!([condition("Ready", "True", "", "all done")]))),
            ("Progressing: no cook", with(json!([condition("Ready", "False", "NoCook", "no cook")]))),
            ("Progressing: NoCook", with(json!([condition("Ready", "Unknown", "NoCook", "")]))),
            ("Progressing: not ready yet", with(json!([condition("Available", "False", "", "")]))),
            (
                "Degraded: burnt",
                with(json!([
                    condition("Failed", "True", "Fire", "burnt"),
                    condition("Ready", "True", "", "")
                ])),
            ),
            (
                "Degraded: stuck",
                with(json!([condition("Stalled", "True", "", "stuck"), condition("Ready", "True", "", "")])),
            ),
            ("Progressing: cooking", with(json!([condition("Reconciling", "True", "", "cooking")]))),
            (
                "Healthy",
                with(json!([condition("Stalled", "False", "", ""), condition("Ready", "True", "", "")])),
            ),
        ],
    );
}

#[test]
fn kinds_with_a_status_to_speak_of_are_watched_whole() {
    let whole = [
        ("apps", "Deployment StatefulSet DaemonSet ReplicaSet"),
        ("", "Pod Service PersistentVolumeClaim"),
        ("batch", "Job CronJob"),
        ("apiextensions.k8s.io", "CustomResourceDefinition"),
        ("policy", "PodDisruptionBudget"),
        ("helm.fluxcd.io", "HelmRelease"),
        ("gateway.networking.k8s.io", "Gateway"),
        ("example.com", "Menu"),
    ];
    let metadata_alone = [
        ("", "ConfigMap Secret ServiceAccount Endpoints"),
        ("rbac.authorization.k8s.io", "ClusterRole RoleBinding"),
        ("networking.k8s.io", "Ingress NetworkPolicy"),
        ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"),
    ];
    for (expected, table) in [(true, &whole[..]), (false, &metadata_alone[..])] {
        for (group, kinds) in table {
            for kind in kinds.split(' ') {
                assert_eq!(has_status_rules(group, kind), expected, "{group}/{kind}");
            }
        }
    }
}

#[test]
fn what_is_kept_of_an_object_has_no_secret_and_the_same_own_fields() {
    let own =
        json!({"manager": "fairlead", "operation": "Apply", "apiVersion": "v1", "fieldsV1": {"f:data": {}}});
    let other = json!({"manager": "kubectl", "operation": "Update", "fieldsV1": {"f:x": {}}});
    let object = json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {
            "name": "a", "uid": "1", "managedFields": [other, own],
            "labels": {"fluxcd.io/sync-gc-mark": "m", "app": "web"},
            "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{…}", "fluxcd.io/ignore": "true"},
        },
        "spec": {"replicas": 2, "template": {"spec": {"containers": [{"env": [{"name": "PASSWORD", "value": "x"}]}]}}},
        "data": {"password": "x"},
        "status": {"replicas": 2},
    });
    let reduced = reduce(&object);
    assert_eq!(
        reduced,
        json!({
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {
                "name": "a", "uid": "1", "managedFields": [own],
                "labels": {"fluxcd.io/sync-gc-mark": "m"},
                "annotations": {"fluxcd.io/ignore": "true"},
            },
            "spec": {"replicas": 2},
            "status": {"replicas": 2},
        })
    );
    assert_eq!(own_fields(&reduced), own_fields(&object));
    assert_eq!(reduce(&reduced), reduced);
}
