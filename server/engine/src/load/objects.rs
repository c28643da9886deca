//! From documents to objects: Lists are taken apart, names checked, duplicates refused.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::document::{self, Content, Document};
use super::error::{Exceeded, LoadError, Problem};
use super::{Load, LoadedObject};
use crate::limits::Limits;
use crate::marks;
use crate::warning::Warning;

/// Group of kustomize's own files, which no cluster knows and which have no name.
const KUSTOMIZE_GROUP: &str = "kustomize.config.k8s.io/";
/// First bytes of every pointer of Git LFS, by its specification.
const LFS_POINTER: &[u8] = b"version https://git-lfs.github.com/spec/";
/// Longest `metadata.name` of any kind (RFC 1123 subdomain).
const MAX_NAME: usize = 253;
/// YAML reads `n` as false and `1` as a number.
const TEXT: &str = "text, in quotes if it reads as a number, yes or no";
/// Largest float of which every whole number below is exact.
const MAX_EXACT: f64 = 9_007_199_254_740_992.0;

/// Gathers the objects of one load.
pub(super) struct Collector<'load> {
    limits: &'load Limits,
    load: Load,
    n_documents: u32,
    n_nodes: u32,
    /// Flux ids seen, with their places.
    seen: HashMap<String, String>,
}

impl<'load> Collector<'load> {
    pub(super) fn new(limits: &'load Limits) -> Self {
        Self { limits, load: Load::default(), n_documents: 0, n_nodes: 0, seen: HashMap::new() }
    }

    pub(super) fn warn(&mut self, warnings: Vec<Warning>) {
        self.load.warnings.extend(warnings);
    }

    pub(super) fn add_file(&mut self, file: &str, bytes: &[u8]) -> Result<(), LoadError> {
        self.load.files += 1;
        if bytes.starts_with(LFS_POINTER) {
            let (file, problem) = (file.to_owned(), Problem::LargeFileStorage);
            return Err(LoadError::Manifest { file, line: None, problem });
        }
        self.add_documents(file, document::parse(file, bytes, self.limits)?)
    }

    /// What a generator printed: one stream for what would be many files, so the limits of all files hold for it.
    pub(super) fn add_generated(&mut self, origin: &str, bytes: &[u8]) -> Result<(), LoadError> {
        let Limits { total_bytes, total_nodes, .. } = *self.limits;
        if bytes.len() as u64 > total_bytes {
            return Err(LoadError::limit(Exceeded::TotalBytes { allowed: total_bytes }, origin));
        }
        let limits = Limits { file_bytes: total_bytes, file_nodes: total_nodes, ..self.limits.clone() };
        self.add_documents(origin, document::parse(origin, bytes, &limits)?)
    }

    fn add_documents(&mut self, file: &str, documents: Vec<Document>) -> Result<(), LoadError> {
        for document in documents {
            self.n_documents += 1;
            if self.n_documents > self.limits.documents {
                return Err(LoadError::limit(Exceeded::Documents { allowed: self.limits.documents }, file));
            }
            self.add_document(file, document)?;
        }
        Ok(())
    }

    pub(super) fn finish(self) -> Load {
        self.load
    }

    /// Recursion (Lists in Lists) is bounded by the limit on nesting.
    fn add_document(&mut self, file: &str, document: Document) -> Result<(), LoadError> {
        let line = document.line;
        let failed = |problem| LoadError::manifest(file, line, problem);
        let Content::Mapping { fields, items } = document.content else {
            return match document.content {
                Content::Other(Value::Null) => Ok(()),
                _ => Err(failed(Problem::NotMapping)),
            };
        };
        let kind = match fields.get("kind") {
            None | Some(Value::Null) => return Ok(()),
            Some(Value::String(kind)) if kind.is_empty() => return Ok(()),
            Some(Value::String(kind)) => kind.clone(),
            Some(_) => return Err(failed(Problem::WrongType { field: "kind", expected: TEXT })),
        };
        if kind.ends_with("List") {
            return match (items, fields.get("items")) {
                (Some(items), _) => items.into_iter().try_for_each(|item| self.add_document(file, item)),
                (None, None | Some(Value::Null)) => Ok(()),
                (None, Some(_)) => Err(failed(Problem::WrongType { field: "items", expected: "a list" })),
            };
        }
        let mut manifest = Value::from(Document { line, content: Content::Mapping { fields, items } });
        self.n_nodes = self.n_nodes.saturating_add(whole_numbers(&mut manifest));
        if self.n_nodes > self.limits.total_nodes {
            return Err(LoadError::limit(Exceeded::TotalNodes { allowed: self.limits.total_nodes }, file));
        }
        let object = object(file, line, kind, manifest).map_err(failed)?;
        self.add_object(object)
    }

    fn add_object(&mut self, object: LoadedObject) -> Result<(), LoadError> {
        let (id, place) = (object.written_id(), object.place());
        if let Some(first) = self.seen.get(&id) {
            return Err(LoadError::Duplicate { id, first: first.clone(), second: place });
        }
        self.seen.insert(id, place.clone());
        if object.name.is_empty() {
            self.load.warnings.push(Warning::KustomizationSkipped { place });
            return Ok(());
        }
        if self.load.objects.len() >= self.limits.objects as usize {
            return Err(LoadError::limit(Exceeded::Objects { allowed: self.limits.objects }, &object.file));
        }
        self.load.objects.push(object);
        Ok(())
    }
}

/// An empty name is given to kustomize's own files alone.
fn object(file: &str, line: u32, kind: String, manifest: Value) -> Result<LoadedObject, Problem> {
    let api_version =
        text(manifest.get("apiVersion"), "apiVersion")?.ok_or(Problem::Missing("apiVersion"))?;
    let nothing = Map::new();
    let metadata = mapping(manifest.get("metadata"), "metadata")?.unwrap_or(&nothing);
    for (field, path) in [("labels", "metadata.labels"), ("annotations", "metadata.annotations")] {
        mapping(metadata.get(field), path)?;
    }
    let name = text(metadata.get("name"), "metadata.name")?;
    let namespace = text(metadata.get("namespace"), "metadata.namespace")?;
    let name = match name {
        Some(name) => name,
        None if api_version.starts_with(KUSTOMIZE_GROUP) => String::new(),
        None if metadata.contains_key("generateName") => return Err(Problem::GenerateName),
        None => return Err(Problem::Missing("metadata.name")),
    };
    check_name("apiVersion", api_version.replacen('/', "-", 1).as_str())?;
    check_name("kind", &kind)?;
    check_name("metadata.name", &name)?;
    check_name("metadata.namespace", namespace.as_deref().unwrap_or_default())?;
    let ignored = marks::ignored(&manifest);
    Ok(LoadedObject { api_version, kind, namespace, name, file: file.to_owned(), line, manifest, ignored })
}

/// `None` for what is absent, null or empty.
fn text(value: Option<&Value>, field: &'static str) -> Result<Option<String>, Problem> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone()).filter(|text| !text.is_empty())),
        Some(_) => Err(Problem::WrongType { field, expected: TEXT }),
    }
}

fn mapping<'value>(
    value: Option<&'value Value>,
    field: &'static str,
) -> Result<Option<&'value Map<String, Value>>, Problem> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(map)) => Ok(Some(map)),
        Some(_) => Err(Problem::WrongType { field, expected: "a mapping" }),
    }
}

/// What Kubernetes refuses in a part of a request's path is refused before it could become one.
fn check_name(field: &'static str, name: &str) -> Result<(), Problem> {
    let bad = |character: char| character.is_control() || matches!(character, '/' | '%' | '?' | '#' | '\\');
    let refused = name == "." || name == ".." || name.len() > MAX_NAME || name.contains(bad);
    if refused { Err(Problem::NotName(field)) } else { Ok(()) }
}

/// Turns whole floats into integers, as kubectl does (an integer field refuses `1.0`), and counts the values.
fn whole_numbers(value: &mut Value) -> u32 {
    match value {
        Value::Object(map) => map
            .values_mut()
            .fold(1, |count: u32, value| count.saturating_add(1).saturating_add(whole_numbers(value))),
        Value::Array(items) => {
            items.iter_mut().fold(1, |count: u32, item| count.saturating_add(whole_numbers(item)))
        }
        Value::Number(number) => {
            if let Some(whole) = number.as_f64().filter(|_| number.is_f64()).and_then(whole) {
                *value = whole.into();
            }
            1
        }
        _ => 1,
    }
}

fn whole(float: f64) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "whole and exact by the condition")]
    (float.fract() == 0.0 && float.abs() <= MAX_EXACT).then_some(float as i64)
}
