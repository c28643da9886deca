//! Taking objects over from kubectl, and with it from Flux v1, which called it.
//!
//! `kubectl apply` remembers what it applied in an annotation and owns the fields as one who updated them. Server-side
//! apply removes a field that left Git only when we own it by an apply of ours. So, before our first apply, kubectl's
//! entries become ours (as kubectl itself does when it changes over to server-side apply): from then on whatever is not
//! in Git disappears, the annotation first of all.

use serde_json::{Map, Value, json};

use crate::own_fields::{FIELD_MANAGER, own_entry};

/// Where kubectl keeps what it applied.
pub const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Managers under which `kubectl apply` updates, by age; the last one is what the API server calls everybody before it
/// kept managers. `kubectl edit` and others have names of their own and keep what they changed.
const MANAGERS: [&str; 3] = ["kubectl-client-side-apply", "kubectl", "before-first-apply"];

/// Whether kubectl applied an object.
pub fn was_applied_by_kubectl(object: &Value) -> bool {
    object.pointer("/metadata/annotations").and_then(|all| all.get(LAST_APPLIED)).is_some()
}

/// `metadata.managedFields` with kubectl's entries joined to ours; `None` when there is nothing to take over.
pub fn moved(object: &Value) -> Option<Vec<Value>> {
    let entries = object.pointer("/metadata/managedFields")?.as_array()?;
    let theirs: Vec<&Value> = entries.iter().filter(|entry| is_kubectls(entry)).collect();
    let own = own_entry(object);
    // Field names may differ between versions: only what is of one version can be joined.
    let version =
        text(own.or_else(|| theirs.iter().copied().max_by_key(|entry| text(entry, "time")))?, "apiVersion");
    let taken = |entry: &&Value| is_kubectls(entry) && text(entry, "apiVersion") == version;
    let mut fields = own.and_then(|own| own.get("fieldsV1")).cloned().unwrap_or_else(|| json!({}));
    let mut found = false;
    for entry in entries.iter().filter(taken) {
        join(&mut fields, entry.get("fieldsV1").unwrap_or(&Value::Null));
        found = true;
    }
    if !found {
        return None;
    }
    let ours = json!({
        "manager": FIELD_MANAGER,
        "operation": "Apply",
        "apiVersion": version,
        "fieldsType": "FieldsV1",
        "fieldsV1": fields,
    });
    let kept = entries.iter().filter(|entry| !taken(entry) && own != Some(entry)).cloned();
    Some(kept.chain([ours]).collect())
}

fn is_kubectls(entry: &Value) -> bool {
    text(entry, "operation") == "Update"
        && text(entry, "subresource").is_empty()
        && (MANAGERS.contains(&text(entry, "manager")) || owns_last_applied(entry))
}

/// Whoever wrote the annotation applied as kubectl does, whatever they call themselves.
fn owns_last_applied(entry: &Value) -> bool {
    let annotations = entry.pointer("/fieldsV1/f:metadata/f:annotations");
    annotations.and_then(|all| all.get(format!("f:{LAST_APPLIED}"))).is_some()
}

fn text<'entry>(entry: &'entry Value, field: &str) -> &'entry str {
    entry.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// Sets of fields are trees of names: what either has, both together have.
fn join(into: &mut Value, from: &Value) {
    let Value::Object(from) = from else { return };
    if !into.is_object() {
        *into = Value::Object(Map::new());
    }
    let Value::Object(into) = into else { return };
    for (name, below) in from {
        join(into.entry(name.clone()).or_insert_with(|| json!({})), below);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(manager: &str, operation: &str, version: &str, fields: &Value) -> Value {
        json!({"manager": manager, "operation": operation, "apiVersion": version, "time": "2026-11-23T10:00:00Z",
               "fieldsType": "FieldsV1", "fieldsV1": fields})
    }

    fn object(entries: &[Value]) -> Value {
        json!({"metadata": {"managedFields": entries}})
    }

    fn managers(entries: &[Value]) -> Vec<(&str, &str)> {
        entries.iter().map(|entry| (text(entry, "manager"), text(entry, "operation"))).collect()
    }

    #[test]
    fn what_kubectl_applied_becomes_ours_and_others_keep_theirs() {
        let data = |name: &str| json!({"f:data": {name: {}}});
        let status = json!({"manager": "kubectl", "operation": "Update", "apiVersion": "v1", "subresource": "status",
                            "fieldsV1": {}});
        let moved = moved(&object(&[
            entry("kubectl-client-side-apply", "Update", "v1", &data("f:a")),
            entry("kubectl", "Update", "v1", &data("f:b")),
            entry("kubectl-edit", "Update", "v1", &data("f:c")),
            entry("somebody", "Apply", "v1", &data("f:d")),
            status,
        ]))
        .expect("something to take over");
        assert_eq!(
            managers(&moved),
            [("kubectl-edit", "Update"), ("somebody", "Apply"), ("kubectl", "Update"), ("fairlead", "Apply")]
        );
        assert_eq!(moved[3]["fieldsV1"], json!({"f:data": {"f:a": {}, "f:b": {}}}));
    }

    #[test]
    fn whoever_wrote_the_annotation_applied_as_kubectl_does() {
        let fields = json!({"f:metadata": {"f:annotations": {(format!("f:{LAST_APPLIED}")): {}}}});
        let moved = moved(&object(&[entry("flux", "Update", "v1", &fields)])).expect("something");
        assert_eq!(managers(&moved), [("fairlead", "Apply")]);
    }

    #[test]
    fn an_entry_of_ours_is_joined_and_one_of_another_version_is_left() {
        let ours = entry("fairlead", "Apply", "apps/v1", &json!({"f:spec": {"f:replicas": {}}}));
        let same = entry("kubectl", "Update", "apps/v1", &json!({"f:spec": {"f:paused": {}}}));
        let old = entry("kubectl", "Update", "extensions/v1beta1", &json!({"f:spec": {"f:rollbackTo": {}}}));
        let moved = moved(&object(&[ours, same, old])).expect("something");
        assert_eq!(managers(&moved), [("kubectl", "Update"), ("fairlead", "Apply")]);
        assert_eq!(moved[1]["fieldsV1"], json!({"f:spec": {"f:replicas": {}, "f:paused": {}}}));
    }

    #[test]
    fn without_kubectl_there_is_nothing_to_take_over() {
        assert_eq!(moved(&object(&[entry("somebody", "Update", "v1", &json!({}))])), None);
        assert_eq!(moved(&json!({"metadata": {}})), None);
        assert!(!was_applied_by_kubectl(&json!({"metadata": {"annotations": {"a": "b"}}})));
    }
}
