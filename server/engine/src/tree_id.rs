//! One id of everything a load reads: a new revision with the same id cannot change anything.

use domain::repository::RepositoryPath;

use crate::canonical;
use crate::load::{LoadError, folders_above, is_chart};
use crate::port::source::{EntryKind, Tree, TreeEntry};

/// Counted up when the same tree would give another load, so that everything is read once more.
pub const LOAD_VERSION: u32 = 1;

/// A hash of the ids of the configured paths (the whole tree without any) and of where Helm charts begin above
/// them. Costs a few look-ups, whatever the size of the tree.
pub fn tree_id(tree: &dyn Tree, paths: &[RepositoryPath]) -> Result<String, LoadError> {
    let mut lines = vec![format!("load {LOAD_VERSION}")];
    if paths.is_empty() {
        let entries = tree.list("")?.unwrap_or_default();
        lines.extend(entries.iter().map(|entry| line(&entry.name, Some(entry))));
    }
    for path in paths {
        let path = path.as_str();
        lines.push(line(path, tree.entry(path)?.as_ref()));
        for folder in folders_above(path) {
            let found = is_chart(&tree.list(folder)?.unwrap_or_default());
            lines.push(format!("chart {folder:?} {found}"));
        }
    }
    Ok(canonical::sha256(lines.join("\n").as_bytes()))
}

fn line(path: &str, entry: Option<&TreeEntry>) -> String {
    match entry {
        Some(entry) => format!("{} {path:?} {}", word(entry.kind), entry.id),
        None => format!("nothing {path:?}"),
    }
}

fn word(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Folder => "folder",
        EntryKind::File => "file",
        EntryKind::Link => "link",
        EntryKind::Submodule => "submodule",
    }
}
