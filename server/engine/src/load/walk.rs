//! Which files of a tree are read (Flux v1 rules): every `.yaml` and `.yml` below the configured paths, hidden
//! folders included, but nothing inside a Helm chart.

use std::collections::BTreeSet;

use domain::repository::RepositoryPath;

use super::error::{Exceeded, LoadError};
use super::links;
use crate::limits::Limits;
use crate::port::source::{EntryKind, Tree, TreeEntry};
use crate::warning::Warning;

/// Files that both lie in a folder that is a Helm chart.
pub(crate) const CHART_FILES: [&str; 2] = ["Chart.yaml", "values.yaml"];

/// What a walk found.
pub(super) struct Walked {
    /// Each once, however many configured paths hold it.
    pub(super) files: BTreeSet<String>,
    pub(super) warnings: Vec<Warning>,
}

pub(super) struct Walk<'tree> {
    tree: &'tree dyn Tree,
    limits: &'tree Limits,
    n_entries: u32,
    files: BTreeSet<String>,
    warnings: BTreeSet<Warning>,
}

impl<'tree> Walk<'tree> {
    pub(super) fn new(tree: &'tree dyn Tree, limits: &'tree Limits) -> Self {
        Self { tree, limits, n_entries: 0, files: BTreeSet::new(), warnings: BTreeSet::new() }
    }

    pub(super) fn run(mut self, paths: &[RepositoryPath]) -> Result<Walked, LoadError> {
        if paths.is_empty() {
            self.folder("", "", 0)?;
        }
        for path in paths {
            self.path(path.as_str())?;
        }
        Ok(Walked { files: self.files, warnings: self.warnings.into_iter().collect() })
    }

    fn path(&mut self, path: &str) -> Result<(), LoadError> {
        let missing = || LoadError::PathMissing { path: path.to_owned() };
        let entry = self.tree.entry(path)?.ok_or_else(missing)?;
        if inside_chart(self.tree, path)? {
            return Ok(());
        }
        match entry.kind {
            EntryKind::Folder => self.folder(path, path, 0),
            EntryKind::File if is_manifest(path) => self.file(path),
            EntryKind::File => Ok(()),
            // A configured path that is a link or another repository names nothing that is read here.
            EntryKind::Link => Err(LoadError::LinkLeavesPath { path: path.to_owned() }),
            EntryKind::Submodule => Err(missing()),
        }
    }

    /// Recursion is bounded by the limit on the depth.
    fn folder(&mut self, root: &str, folder: &str, depth: u32) -> Result<(), LoadError> {
        if depth > self.limits.folder_depth {
            let allowed = self.limits.folder_depth;
            return Err(LoadError::limit(Exceeded::FolderDepth { allowed }, folder));
        }
        let entries = self.tree.list(folder)?.unwrap_or_default();
        self.n_entries = self.n_entries.saturating_add(u32::try_from(entries.len()).unwrap_or(u32::MAX));
        if self.n_entries > self.limits.entries {
            return Err(LoadError::limit(Exceeded::Entries { allowed: self.limits.entries }, folder));
        }
        if is_chart(&entries) {
            return Ok(());
        }
        for entry in entries {
            let path = join(folder, &entry.name);
            match entry.kind {
                EntryKind::Folder => self.folder(root, &path, depth + 1)?,
                EntryKind::File if is_manifest(&path) => self.file(&path)?,
                EntryKind::File => {}
                EntryKind::Link if links::stays_inside(self.tree, root, &path)? => {
                    self.warnings.insert(Warning::LinkSkipped { path });
                }
                EntryKind::Link => return Err(LoadError::LinkLeavesPath { path }),
                EntryKind::Submodule => {
                    self.warnings.insert(Warning::SubmoduleSkipped { path });
                }
            }
        }
        Ok(())
    }

    fn file(&mut self, path: &str) -> Result<(), LoadError> {
        self.files.insert(path.to_owned());
        if self.files.len() > self.limits.files as usize {
            return Err(LoadError::limit(Exceeded::Files { allowed: self.limits.files }, path));
        }
        Ok(())
    }
}

/// Whether a folder above `path` is a Helm chart; looked for from the root of the repository, so also when a
/// configured path points inside.
fn inside_chart(tree: &dyn Tree, path: &str) -> Result<bool, LoadError> {
    for folder in folders_above(path) {
        if is_chart(&tree.list(folder)?.unwrap_or_default()) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// From the root, which is empty, to the folder that holds `path`.
pub(crate) fn folders_above(path: &str) -> impl Iterator<Item = &str> {
    std::iter::once("").chain(path.match_indices('/').map(|(slash, _)| &path[..slash]))
}

/// Whether a folder with these entries is a Helm chart.
pub(crate) fn is_chart(entries: &[TreeEntry]) -> bool {
    CHART_FILES.iter().all(|file| entries.iter().any(|entry| entry.name == *file))
}

fn is_manifest(path: &str) -> bool {
    // Case matters, as in Flux: `A.YAML` is not read.
    path.rsplit_once('.').is_some_and(|(_, extension)| extension == "yaml" || extension == "yml")
}

pub(super) fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}
