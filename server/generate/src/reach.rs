//! What a run of kustomize can read: the folders of its kustomizations, followed from one to the next. Exactly these
//! are given to it, so what is not found here does not exist for it.

use std::collections::BTreeSet;

use engine::limits::{Limits, MAX_FILE_BYTES};
use engine::load::{LoadError, read_documents};
use engine::port::source::{EntryKind, Tree};
use serde_json::Value;

use crate::path::{follow, is_within, join};
use crate::refused::Asked;

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

/// Kustomizations that one command may lead to: more is a loop or a trap.
const MAX_KUSTOMIZATIONS: usize = 1_000;

/// Hosts that kustomize knows without a scheme.
const HOSTS: [&str; 4] = ["github.com", "gitlab.com", "bitbucket.org", "dev.azure.com"];

/// Folders of the repository, each with all that lies below; the empty one is all of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reach {
    folders: BTreeSet<String>,
}

impl Reach {
    /// Without those that lie below another.
    pub(crate) fn folders(&self) -> impl Iterator<Item = &str> {
        let is_below =
            |folder: &&String| self.folders.iter().any(|other| other != *folder && is_within(other, folder));
        self.folders.iter().filter(move |folder| !is_below(folder)).map(String::as_str)
    }

    pub(crate) fn add(&mut self, folder: &str) {
        self.folders.insert(folder.to_owned());
    }

    /// Adds what the kustomization of a folder leads to. Anything of another host is refused here, by its name.
    pub(crate) fn add_kustomization(
        &mut self,
        tree: &dyn Tree,
        folder: &str,
        asked: &Asked,
    ) -> Result<(), LoadError> {
        let mut ahead = vec![folder.to_owned()];
        let mut seen = BTreeSet::new();
        while let Some(folder) = ahead.pop() {
            if !seen.insert(folder.clone()) {
                continue;
            }
            if seen.len() > MAX_KUSTOMIZATIONS {
                return Err(
                    asked.refused(format!("it leads to more than {MAX_KUSTOMIZATIONS} kustomizations"))
                );
            }
            self.add(&folder);
            let Some((file, kustomization)) = kustomization(tree, &folder)? else { continue };
            refuse_remote_files(&kustomization, &file, asked)?;
            for named in FOLDER_FIELDS.iter().flat_map(|field| texts(kustomization.get(*field))) {
                ahead.extend(named_folder(tree, &folder, named, &file, asked)?);
            }
        }
        Ok(())
    }
}

/// Whether a text names something on another host, as kustomize would understand it.
pub(crate) fn is_remote(text: &str) -> bool {
    let host = text.split(['/', ':']).next().unwrap_or_default();
    text.contains("://")
        || text.contains('?')
        || text.starts_with("git::")
        || text.starts_with("git@")
        || text.starts_with("gh:")
        || HOSTS.contains(&host)
        // `host.example/team/app//folder`
        || text.trim_start_matches('/').contains("//") && host.contains('.') && host != "." && host != ".."
}

/// A kustomization of a folder with its path. More than one is kustomize's to refuse.
fn kustomization(tree: &dyn Tree, folder: &str) -> Result<Option<(String, Value)>, LoadError> {
    for name in NAMES {
        let file = join(folder, name);
        if tree.entry(&file)?.is_none_or(|entry| entry.kind != EntryKind::File) {
            continue;
        }
        let bytes = tree.read(&file, MAX_FILE_BYTES)?;
        let documents = read_documents::<Value>(&file, &bytes, &Limits::default())?;
        return Ok(documents.into_iter().next().map(|document| (file, document)));
    }
    Ok(None)
}

/// The folder to go on with. A file needs nothing: it lies in a folder that is there already, or is not for this
/// kustomization to read.
fn named_folder(
    tree: &dyn Tree,
    folder: &str,
    named: &str,
    file: &str,
    asked: &Asked,
) -> Result<Option<String>, LoadError> {
    // Documents may stand there in full.
    if named.contains('\n') {
        return Ok(None);
    }
    let path = follow(folder, named);
    if let Some(path) = &path {
        let is_folder =
            path.is_empty() || tree.entry(path)?.is_some_and(|entry| entry.kind == EntryKind::Folder);
        if is_folder {
            return Ok(Some(path.clone()));
        }
    }
    if is_remote(named) {
        return Err(remote(named, file, asked));
    }
    if path.is_none() {
        return Err(asked.refused(format!("{file} names {named}, which leaves the repository")));
    }
    Ok(None)
}

fn refuse_remote_files(value: &Value, file: &str, asked: &Asked) -> Result<(), LoadError> {
    match value {
        Value::Object(fields) => fields.iter().try_for_each(|(field, value)| {
            if FILE_FIELDS.contains(&field.as_str())
                && let Some(named) = texts(Some(value)).find_map(remote_file)
            {
                return Err(remote(named, file, asked));
            }
            refuse_remote_files(value, file, asked)
        }),
        Value::Array(items) => items.iter().try_for_each(|item| refuse_remote_files(item, file, asked)),
        _ => Ok(()),
    }
}

/// `key=path` or a path; kustomize fetches those of http alone.
fn remote_file(named: &str) -> Option<&str> {
    let path = named.split_once('=').map_or(named, |(_, path)| path);
    let is_remote = |text: &str| text.starts_with("http://") || text.starts_with("https://");
    [named, path].into_iter().find(|text| is_remote(text) && !text.contains('\n'))
}

fn remote(named: &str, file: &str, asked: &Asked) -> LoadError {
    asked.refused(format!(
        "{file} names {named}, which is on another host, and a generator has no network: keep a copy of it in this \
         repository"
    ))
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
