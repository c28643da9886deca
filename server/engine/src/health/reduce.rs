//! What is kept of a watched object: a cluster may have ten thousand of them.

use serde_json::{Map, Value, json};

use crate::marks::{GC_MARK_LABEL, IGNORE_ANNOTATIONS};
use crate::own_fields::own_entry;

/// Fields of `metadata` that say which object it is and how it stands.
const METADATA: [&str; 6] =
    ["name", "namespace", "uid", "resourceVersion", "generation", "deletionTimestamp"];
/// Fields of `spec` that the rules read.
const SPEC: [&str; 6] = ["replicas", "paused", "suspend", "updateStrategy", "type", "clusterIP"];
/// Fields of `status` that are long and say nothing of health.
const STATUS_WITHOUT: [&str; 3] = ["images", "acceptedNames", "storedVersions"];

/// Keeps what [`super::health`] and [`crate::own_fields::own_fields`] read; both give the same for what is kept.
pub fn reduce(object: &Value) -> Value {
    let mut metadata = kept(object.get("metadata"), &METADATA);
    metadata.insert("managedFields".to_owned(), own_entry(object).into_iter().cloned().collect());
    metadata.insert("labels".to_owned(), kept(object.pointer("/metadata/labels"), &[GC_MARK_LABEL]).into());
    let annotations = kept(object.pointer("/metadata/annotations"), &IGNORE_ANNOTATIONS);
    metadata.insert("annotations".to_owned(), annotations.into());
    let mut status = object.get("status").cloned().unwrap_or_default();
    if let Value::Object(fields) = &mut status {
        fields.retain(|name, _| !STATUS_WITHOUT.contains(&name.as_str()));
    }
    json!({
        "apiVersion": object.get("apiVersion"),
        "kind": object.get("kind"),
        "metadata": metadata,
        "spec": kept(object.get("spec"), &SPEC),
        "status": status,
    })
}

fn kept(fields: Option<&Value>, names: &[&str]) -> Map<String, Value> {
    let Some(Value::Object(fields)) = fields else { return Map::new() };
    let named = names.iter().filter_map(|name| fields.get_key_value(*name));
    named.map(|(name, value)| (name.clone(), value.clone())).collect()
}
