//! The kinds that CRDs of the load itself bring.

use std::collections::BTreeMap;

use domain::object::ResourceKind;
use serde_json::Value;

use crate::load::Load;

/// By group, version and kind.
pub(super) struct Definitions(BTreeMap<(String, String, String), ResourceKind>);

impl Definitions {
    pub(super) fn of(load: &Load) -> Self {
        let definitions = load.objects.iter().filter(|object| {
            object.group() == "apiextensions.k8s.io"
                && object.kind == "CustomResourceDefinition"
                && !object.ignored
        });
        let kinds = definitions.flat_map(|definition| served(&definition.manifest));
        let by_name = kinds.map(|kind| ((kind.group.clone(), kind.version.clone(), kind.kind.clone()), kind));
        Self(by_name.collect())
    }

    pub(super) fn get(&self, group: &str, version: &str, kind: &str) -> Option<&ResourceKind> {
        self.0.get(&(group.to_owned(), version.to_owned(), kind.to_owned()))
    }
}

/// The versions a CRD serves; none when it is not of a CRD's shape, which the API server will say better.
fn served(definition: &Value) -> Vec<ResourceKind> {
    let Some(spec) = definition.get("spec") else { return Vec::new() };
    let word =
        |pointer: &str| spec.pointer(pointer).and_then(Value::as_str).filter(|word| is_path_word(word));
    let (Some(group), Some(kind), Some(plural)) =
        (word("/group"), word("/names/kind"), word("/names/plural"))
    else {
        return Vec::new();
    };
    let namespaced = spec.get("scope").and_then(Value::as_str) != Some("Cluster");
    let listed = spec.get("versions").and_then(Value::as_array).into_iter().flatten();
    let listed = listed.filter(|version| version.get("served").and_then(Value::as_bool).unwrap_or(true));
    let listed = listed.filter_map(|version| version.get("name").and_then(Value::as_str));
    // `spec.version` is how the first CRDs said it.
    let versions =
        listed.chain(spec.get("version").and_then(Value::as_str)).filter(|version| is_path_word(version));
    let kind = |version: &str| ResourceKind {
        group: group.to_owned(),
        version: version.to_owned(),
        kind: kind.to_owned(),
        plural: plural.to_owned(),
        namespaced,
    };
    versions.map(kind).collect()
}

/// These words become parts of a request's path, so they are nothing but names.
fn is_path_word(word: &str) -> bool {
    !word.starts_with('.')
        && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.')
}
