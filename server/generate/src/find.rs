//! Which `.flux.yaml` speaks for a path: the nearest one, in the path or above it, up to the root.

use engine::load::LoadError;
use engine::port::source::{EntryKind, Tree, TreeEntry};

use crate::flux_yaml::NAME;
use crate::path::{join, parent};

/// A `.flux.yaml` and the folder its commands run in: that of the path, not its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) file: String,
    pub(crate) folder: String,
}

/// `path` is empty for the root, and may name the file itself. Never looks below the path.
pub(crate) fn find(tree: &dyn Tree, path: &str) -> Result<Option<Found>, LoadError> {
    if !path.is_empty() {
        let missing = || LoadError::PathMissing { path: path.to_owned() };
        let entry = tree.entry(path)?.ok_or_else(missing)?;
        match entry.kind {
            EntryKind::Folder => {}
            EntryKind::File if entry.name == NAME => {
                return Ok(Some(Found { file: path.to_owned(), folder: parent(path).to_owned() }));
            }
            // What is no folder has no `.flux.yaml`; reading it says what is wrong with it.
            _ => return Ok(None),
        }
    }
    let mut folder = path;
    loop {
        let file = join(folder, NAME);
        match tree.entry(&file)? {
            Some(TreeEntry { kind: EntryKind::File, .. }) => {
                return Ok(Some(Found { file, folder: path.to_owned() }));
            }
            // Following it would run what another folder says; passing it over would apply what nobody meant.
            Some(TreeEntry { kind: EntryKind::Link, .. }) => {
                return Err(LoadError::LinkLeavesPath { path: file });
            }
            _ if folder.is_empty() => return Ok(None),
            _ => folder = parent(folder),
        }
    }
}
