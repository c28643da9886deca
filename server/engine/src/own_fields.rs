//! Whether anybody changed what we applied: server-side apply keeps, per manager, the list of its fields.
//!
//! As long as our own entry is what our last apply left, no other manager took or changed a field of ours
//! (a field changed by somebody else moves to their entry), and nothing has to be read.

use serde_json::{Value, json};

use crate::canonical;

/// Field manager of everything applied from Git.
pub const FIELD_MANAGER: &str = "fairlead";

/// Hash of our own entry in `metadata.managedFields`, without its time; empty when there is none.
///
/// Works on whole objects and on metadata alone.
pub fn own_fields(object: &Value) -> String {
    own_entry(object).map_or_else(String::new, |entry| {
        canonical::hash(&json!({"apiVersion": entry.get("apiVersion"), "fieldsV1": entry.get("fieldsV1")}))
    })
}

/// Our own entry: applied (not updated) by us, on the object itself and not on a subresource.
pub(crate) fn own_entry(object: &Value) -> Option<&Value> {
    let entries = object.pointer("/metadata/managedFields")?.as_array()?;
    entries.iter().find(|entry| {
        let text = |field: &str| entry.get(field).and_then(Value::as_str).unwrap_or_default();
        text("manager") == FIELD_MANAGER && text("operation") == "Apply" && text("subresource").is_empty()
    })
}

/// Hash of what helm wrote, as [`own_fields`] is of what we applied: helm 3 updates and helm 4 applies, both as
/// manager `helm`. Empty when there is nothing of helm's.
pub fn helm_fields(object: &Value) -> String {
    let entries = object.pointer("/metadata/managedFields").and_then(Value::as_array);
    let of_helm = entries.into_iter().flatten().filter(|entry| {
        let text = |field: &str| entry.get(field).and_then(Value::as_str).unwrap_or_default();
        text("manager") == "helm" && text("subresource").is_empty()
    });
    let fields: Vec<_> = of_helm.filter_map(|entry| entry.get("fieldsV1")).collect();
    if fields.is_empty() { String::new() } else { canonical::hash(&json!(fields)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(entries: &Value) -> Value {
        json!({"metadata": {"name": "a", "managedFields": entries}})
    }

    fn entry(manager: &str, operation: &str, time: &str, field: &str) -> Value {
        json!({"manager": manager, "operation": operation, "apiVersion": "v1", "time": time,
               "fieldsType": "FieldsV1", "fieldsV1": {"f:data": {field: {}}}})
    }

    #[test]
    fn the_time_of_our_entry_and_the_entries_of_others_do_not_count() {
        let before = object(&json!([entry("fairlead", "Apply", "10:00", "f:a")]));
        let after = object(&json!([
            entry("kubectl", "Update", "11:00", "f:b"),
            entry("fairlead", "Apply", "12:00", "f:a"),
        ]));
        assert_eq!(own_fields(&before), own_fields(&after));
        assert_eq!(own_fields(&before).len(), 64);
    }

    #[test]
    fn a_field_taken_from_us_changes_the_hash() {
        let both = json!({"manager": "fairlead", "operation": "Apply", "apiVersion": "v1",
                          "fieldsV1": {"f:data": {"f:a": {}, "f:b": {}}}});
        let left = object(&json!([entry("fairlead", "Apply", "10:00", "f:a")]));
        assert_ne!(own_fields(&object(&json!([both]))), own_fields(&left));
    }

    #[test]
    fn without_an_entry_of_ours_the_hash_is_empty() {
        let mut status = entry("fairlead", "Apply", "10:00", "f:a");
        status["subresource"] = json!("status");
        let others = object(&json!([entry("fairlead", "Update", "10:00", "f:a"), status]));
        assert_eq!(own_fields(&others), "");
        assert_eq!(own_fields(&json!({"metadata": {"name": "a"}})), "");
    }
}
