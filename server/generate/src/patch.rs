//! `patchUpdated`: strategic merge patches over what the commands printed. kustomize knows the merge keys of every
//! kind, so a kustomization of our own does it.

use engine::limits::{Limits, MAX_FILE_BYTES};
use engine::load::{LoadError, read_documents};
use engine::port::source::{EntryKind, Tree};
use serde_json::Value;

use crate::call::Call;
use crate::path::{follow, parent};
use crate::refused::Asked;
use crate::workspace::Workspace;
use std::path::Path;

/// Names inside the folder that is made for it.
const GENERATED: &str = "generated.yaml";
const PATCHES: &str = "patches.yaml";
const KUSTOMIZATION: &str = "kustomization.yaml";

/// The patch file's path and its bytes; `None` when there are no patches. The file may be missing: it is made by the
/// first change. Its folder may not.
pub(crate) fn read(
    tree: &dyn Tree,
    folder: &str,
    patch_file: &str,
    asked: &Asked,
) -> Result<(String, Option<Vec<u8>>), LoadError> {
    let path = follow(folder, patch_file)
        .ok_or_else(|| asked.refused(format!("patchFile {patch_file} leaves the repository")))?;
    let Some(entry) = tree.entry(&path)? else {
        let above = parent(&path);
        if !above.is_empty() && tree.entry(above)?.is_none_or(|entry| entry.kind != EntryKind::Folder) {
            return Err(LoadError::PathMissing { path: above.to_owned() });
        }
        return Ok((path, None));
    };
    if entry.kind != EntryKind::File {
        return Err(asked.refused(format!("patchFile {path} is no file")));
    }
    let bytes = tree.read(&path, MAX_FILE_BYTES)?;
    let documents = read_documents::<Value>(&path, &bytes, &Limits::default())?;
    let is_empty = documents.iter().all(Value::is_null);
    Ok((path, (!is_empty).then_some(bytes)))
}

/// A folder in which kustomize lays the patches over the documents, and the call that does it.
pub(crate) fn prepare(
    generated: &[u8],
    patches: &[u8],
    homes: &Path,
    asked: &Asked,
) -> Result<(Workspace, Call), LoadError> {
    let workspace = Workspace::new(homes, asked)?;
    workspace.write(GENERATED, generated, asked)?;
    workspace.write(PATCHES, patches, asked)?;
    let kustomization = format!("resources: [{GENERATED}]\npatchesStrategicMerge: [{PATCHES}]\n");
    workspace.write(KUSTOMIZATION, kustomization.as_bytes(), asked)?;
    let call = Call::Kustomize {
        target: String::new(),
        argument: ".".to_owned(),
        flags: Vec::new(),
        unrestricted: false,
    };
    Ok((workspace, call))
}
