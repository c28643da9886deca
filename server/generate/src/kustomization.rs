//! One kustomization: which fields name what, and how it is written with other names.

use std::collections::BTreeMap;

use engine::limits::{Limits, MAX_FILE_BYTES};
use engine::load::{LoadError, read_documents};
use engine::port::source::{EntryKind, Tree};
use serde_json::Value;

use crate::path::join;

/// Names of a kustomization, in the order kustomize looks for them.
const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// Fields that name folders (or files) to go on with.
const FOLDER_FIELDS: [&str; 6] =
    ["resources", "bases", "components", "generators", "transformers", "validators"];

/// Fields that name files, wherever in a kustomization they stand.
const FILE_FIELDS: [&str; 9] = [
    "path",
    "files",
    "envs",
    "env",
    "crds",
    "configurations",
    "patches",
    "patchesStrategicMerge",
    "additionalValuesFiles",
];

/// What a folder's kustomization says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kustomization {
    /// Its path.
    pub(crate) file: String,
    value: Value,
}

impl Kustomization {
    /// That of a folder. More than one is kustomize's to refuse.
    pub(crate) fn read(tree: &dyn Tree, folder: &str) -> Result<Option<Self>, LoadError> {
        for name in NAMES {
            let file = join(folder, name);
            if tree.entry(&file)?.is_none_or(|entry| entry.kind != EntryKind::File) {
                continue;
            }
            let bytes = tree.read(&file, MAX_FILE_BYTES)?;
            let documents = read_documents::<Value>(&file, &bytes, &Limits::default())?;
            return Ok(documents.into_iter().next().map(|value| Self { file, value }));
        }
        Ok(None)
    }

    /// What it goes on with: folders, and files among them. Documents may stand there in full; they name nothing.
    pub(crate) fn named(&self) -> impl Iterator<Item = &str> {
        let texts = FOLDER_FIELDS.iter().flat_map(|field| texts(self.value.get(*field)));
        texts.filter(|named| !named.contains('\n'))
    }

    /// A file of another host that kustomize would fetch by itself, in whatever field.
    pub(crate) fn remote_file(&self) -> Option<&str> {
        remote_file(&self.value)
    }

    /// A field that kustomize takes for one that leads on, because it looks past upper and lower case as we do not.
    pub(crate) fn misspelt_field(&self) -> Option<&str> {
        // Upper case first: some letters beside ASCII become ASCII only so, and count as them for kustomize.
        let folded = |text: &str| text.to_uppercase().to_lowercase();
        let fields = self.value.as_object()?.keys();
        let misspelt = |field: &&String| {
            !FOLDER_FIELDS.contains(&field.as_str()) && FOLDER_FIELDS.contains(&folded(field).as_str())
        };
        fields.into_iter().find(misspelt).map(String::as_str)
    }

    /// As a file, with these names replaced. It is JSON and so has one meaning for every reader of YAML: what was
    /// checked here is what kustomize sees.
    pub(crate) fn written(&self, replaced: &BTreeMap<&str, String>) -> Vec<u8> {
        let mut value = self.value.clone();
        for field in FOLDER_FIELDS {
            for named in value.get_mut(field).and_then(Value::as_array_mut).into_iter().flatten() {
                if let Some(path) = named.as_str().and_then(|named| replaced.get(named)) {
                    *named = Value::String(path.clone());
                }
            }
        }
        value.to_string().into_bytes()
    }
}

fn remote_file(value: &Value) -> Option<&str> {
    match value {
        Value::Object(fields) => fields.iter().find_map(|(field, value)| {
            let is_file = FILE_FIELDS.contains(&field.as_str());
            let named = is_file.then(|| texts(Some(value)).find_map(fetched)).flatten();
            named.or_else(|| remote_file(value))
        }),
        Value::Array(items) => items.iter().find_map(remote_file),
        _ => None,
    }
}

/// `key=path` or a path; kustomize fetches those of http alone.
fn fetched(named: &str) -> Option<&str> {
    let path = named.split_once('=').map_or(named, |(_, path)| path);
    let is_remote = |text: &str| text.starts_with("http://") || text.starts_with("https://");
    [named, path].into_iter().find(|text| is_remote(text) && !text.contains('\n'))
}

/// A text, or the texts of a list.
fn texts(value: Option<&Value>) -> impl Iterator<Item = &str> {
    let (one, many) = match value {
        Some(Value::String(text)) => (Some(text.as_str()), [].as_slice()),
        Some(Value::Array(items)) => (None, items.as_slice()),
        _ => (None, [].as_slice()),
    };
    one.into_iter().chain(many.iter().filter_map(Value::as_str))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn kustomization(value: Value) -> Kustomization {
        Kustomization { file: "kustomization.yaml".to_owned(), value }
    }

    #[test]
    fn names_are_replaced_where_they_lead_on_and_nowhere_else() {
        let kustomization = kustomization(json!({
            "resources": ["a", "https://x/a"],
            "commonAnnotations": { "from": "https://x/a" },
        }));
        let written = kustomization.written(&BTreeMap::from([("https://x/a", "../b".to_owned())]));
        let written: Value = serde_json::from_slice(&written).unwrap();
        assert_eq!(
            written,
            json!({ "resources": ["a", "../b"], "commonAnnotations": { "from": "https://x/a" } })
        );
    }

    #[test]
    fn a_field_that_only_looks_like_another_is_seen() {
        for (field, misspelt) in [
            ("resources", false),
            ("Resources", true),
            ("re\u{17f}ources", true),
            ("bases", false),
            ("BASES", true),
            ("namespace", false),
            ("Namespace", false),
        ] {
            let found = kustomization(json!({ field: [] }));
            assert_eq!(found.misspelt_field(), misspelt.then_some(field), "{field}");
        }
    }
}
