//! What is sent: the document without what is not Git's to write, with namespace and marks.

use domain::object::{ObjectKey, ResourceKind};
use serde_json::{Map, Value};

use crate::canonical;
use crate::desired::Desired;
use crate::load::LoadedObject;
use crate::marks::{self, CHECKSUM_ANNOTATION, GC_MARK_LABEL, MANAGED_BY, MANAGED_BY_LABEL, OWN_PREFIX};
use crate::order;
use crate::warning::Warning;

/// Fields of `metadata` that the API server writes. They come into Git by `kubectl get -o yaml` and mean nothing.
const SERVER_FIELDS: [&str; 7] = [
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "generation",
    "resourceVersion",
    "selfLink",
    "uid",
];
/// Fields of `metadata` by which an object would claim a manager or an owner that it has not got: left out with a
/// warning.
const CLAIMS: [&str; 2] = ["managedFields", "ownerReferences"];

pub(super) fn desired(
    object: &LoadedObject,
    key: ObjectKey,
    kind: ResourceKind,
    set_name: &str,
    warnings: &mut Vec<Warning>,
) -> Desired {
    let checksum = marks::checksum(&object.manifest);
    let mut fields = object.manifest.as_object().cloned().unwrap_or_default();
    fields.remove("status");
    let mut metadata = take_mapping(&mut fields, "metadata");
    for field in SERVER_FIELDS {
        metadata.remove(field);
    }
    for field in CLAIMS {
        if metadata.remove(field).is_some() {
            warnings.push(stripped(object, &format!("metadata.{field}")));
        }
    }
    match &key.namespace {
        Some(namespace) => metadata.insert("namespace".to_owned(), namespace.clone().into()),
        None => metadata.remove("namespace"),
    };
    let mut labels = take_mapping(&mut metadata, "labels");
    if labels.get(MANAGED_BY_LABEL).and_then(Value::as_str) == Some(MANAGED_BY) {
        labels.remove(MANAGED_BY_LABEL);
        warnings.push(stripped(object, &format!("the label {MANAGED_BY_LABEL}: {MANAGED_BY}")));
    }
    strip_own(&mut labels, "label", object, warnings);
    if labels.insert(GC_MARK_LABEL.to_owned(), marks::gc_mark(set_name, &key.flux_id()).into()).is_some() {
        warnings.push(stripped(object, &format!("the label {GC_MARK_LABEL}")));
    }
    let mut annotations = take_mapping(&mut metadata, "annotations");
    strip_own(&mut annotations, "annotation", object, warnings);
    if annotations.insert(CHECKSUM_ANNOTATION.to_owned(), checksum.clone().into()).is_some() {
        warnings.push(stripped(object, &format!("the annotation {CHECKSUM_ANNOTATION}")));
    }
    metadata.insert("labels".to_owned(), labels.into());
    metadata.insert("annotations".to_owned(), annotations.into());
    fields.insert("metadata".to_owned(), metadata.into());
    let manifest = Value::Object(fields);
    Desired {
        rank: order::rank(&key.group, &key.kind),
        manifest_hash: canonical::hash(&manifest),
        place: object.place(),
        key,
        kind,
        manifest,
        checksum,
    }
}

/// What the server writes to know its own operator objects again.
fn strip_own(
    entries: &mut Map<String, Value>,
    word: &str,
    object: &LoadedObject,
    warnings: &mut Vec<Warning>,
) {
    entries.retain(|name, _| {
        let own = name.starts_with(OWN_PREFIX);
        if own {
            warnings.push(stripped(object, &format!("the {word} {name}")));
        }
        !own
    });
}

/// A load has made sure that these fields are mappings or nothing.
fn take_mapping(fields: &mut Map<String, Value>, name: &str) -> Map<String, Value> {
    match fields.remove(name) {
        Some(Value::Object(map)) => map,
        _ => Map::new(),
    }
}

fn stripped(object: &LoadedObject, field: &str) -> Warning {
    Warning::FieldStripped { place: object.place(), field: field.to_owned() }
}
