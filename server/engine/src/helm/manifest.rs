//! What helm says that a release is made of: YAML documents, as objects.

use std::collections::BTreeMap;

use domain::object::ObjectKey;
use serde_json::Value;

use crate::difference::{Comparison, differences};
use crate::limits::Limits;
use crate::load::{LoadError, read_documents};

/// An object of a release.
#[derive(Clone, Debug, PartialEq)]
pub struct ManifestObject {
    /// Which; in the release's namespace unless it says another.
    pub key: ObjectKey,
    /// Its version.
    pub version: String,
    /// The whole of it.
    pub manifest: Value,
}

/// The objects of a release's manifest, hooks not among them. What is no object is passed over: helm took it.
pub fn objects(text: &str, namespace: &str) -> Result<Vec<ManifestObject>, LoadError> {
    let limits =
        Limits { file_bytes: Limits::default().total_bytes, file_nodes: u32::MAX, ..Limits::default() };
    let documents: Vec<Value> = read_documents("the release's manifest", text.as_bytes(), &limits)?;
    let mut objects = Vec::new();
    for document in documents {
        let items = match document.get("items").and_then(Value::as_array) {
            Some(items)
                if document
                    .get("kind")
                    .and_then(Value::as_str)
                    .is_some_and(|kind| kind.ends_with("List")) =>
            {
                items.clone()
            }
            _ => vec![document],
        };
        objects.extend(items.into_iter().filter_map(|item| object(item, namespace)));
    }
    Ok(objects)
}

/// What an upgrade changes, a line for each object: which is new (`+`), goes (`-`), or has other fields (`~`). What the
/// fields hold is not told, for it may come from a Secret.
pub fn changes(before: &[ManifestObject], after: &[ManifestObject]) -> Vec<String> {
    let by_key = |objects: &[ManifestObject]| -> BTreeMap<ObjectKey, Value> {
        objects.iter().map(|object| (object.key.clone(), object.manifest.clone())).collect()
    };
    let (before, after) = (by_key(before), by_key(after));
    let gone = before.keys().filter(|key| !after.contains_key(*key)).map(|key| format!("- {key}"));
    let kept = after.iter().filter_map(|(key, after)| {
        let Some(old) = before.get(key) else { return Some(format!("+ {key}")) };
        let comparison = Comparison { before: Some(old.clone()), after: after.clone() };
        let fields = differences(key, &comparison);
        let paths: Vec<String> = fields.into_iter().map(|field| field.path).collect();
        (!paths.is_empty()).then(|| format!("~ {key}: {}", paths.join(", ")))
    });
    gone.chain(kept).collect()
}

fn object(manifest: Value, namespace: &str) -> Option<ManifestObject> {
    let text = |pointer: &str| manifest.pointer(pointer).and_then(Value::as_str);
    let (kind, name) = (text("/kind")?.to_owned(), text("/metadata/name")?.to_owned());
    let (group, version) = match text("/apiVersion")?.split_once('/') {
        Some((group, version)) => (group.to_owned(), version.to_owned()),
        None => (String::new(), text("/apiVersion")?.to_owned()),
    };
    let namespace = Some(text("/metadata/namespace").unwrap_or(namespace).to_owned());
    Some(ManifestObject { key: ObjectKey { group, kind, namespace, name }, version, manifest })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_is_told_by_fields_and_not_by_what_they_hold() {
        let read = |text: &str| objects(text, "team").expect("objects");
        let before = read(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {one: old, two: same}\n---\n\
             apiVersion: v1\nkind: ConfigMap\nmetadata: {name: gone}\n---\n\
             apiVersion: v1\nkind: ConfigMap\nmetadata: {name: same}\n",
        );
        let after = read(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {one: new, two: same}\n---\n\
             apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: fresh}\n---\n\
             apiVersion: v1\nkind: ConfigMap\nmetadata: {name: same}\n",
        );
        assert_eq!(
            changes(&before, &after),
            ["- ConfigMap team/gone", "~ ConfigMap team/a: data.one", "+ Deployment.apps team/fresh"]
        );
        assert_eq!(changes(&before, &before), [""; 0]);
    }

    #[test]
    fn objects_are_in_the_releases_namespace_unless_they_say_another() {
        let text = "---\n# Source: web/templates/a.yaml\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\n\
                    apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: b, namespace: other}\n---\n# empty\n---\n\
                    apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: Secret, metadata: {name: c}}]\n";
        let keys: Vec<String> =
            objects(text, "ns").unwrap().iter().map(|object| object.key.to_string()).collect();
        assert_eq!(keys, ["ConfigMap ns/a", "Deployment.apps other/b", "Secret ns/c"]);
    }
}
