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

/// One id of several things, in this order. Each is one line, such as [`described`] gives.
pub fn combined(lines: &[String]) -> String {
    canonical::sha256(lines.join("\n").as_bytes())
}

/// What is at a path, by its object id: equal lines mean equal content.
pub fn described(tree: &dyn Tree, path: &str) -> Result<String, LoadError> {
    if path.is_empty() {
        let entries = tree.list("")?.unwrap_or_default();
        let lines: Vec<_> = entries.iter().map(|entry| line(&entry.name, Some(entry))).collect();
        return Ok(format!("root {}", combined(&lines)));
    }
    Ok(line(path, tree.entry(path)?.as_ref()))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{MemoryTree, repository_paths};

    fn id(files: &[(&str, &str)], paths: &[&str]) -> String {
        tree_id(&MemoryTree::new(files), &repository_paths(paths)).expect("a tree")
    }

    #[test]
    fn a_change_elsewhere_keeps_the_id_and_a_change_below_a_path_changes_it() {
        let before = id(&[("apps/a/x.yaml", "1"), ("docs/y", "1")], &["apps/a"]);
        assert_eq!(
            before,
            id(&[("apps/a/x.yaml", "1"), ("docs/y", "2"), ("apps/b/z.yaml", "")], &["apps/a"])
        );
        assert_ne!(before, id(&[("apps/a/x.yaml", "2"), ("docs/y", "1")], &["apps/a"]));
        assert_ne!(before, id(&[("docs/y", "1")], &["apps/a"]));
    }

    #[test]
    fn without_a_path_every_change_counts() {
        assert_ne!(id(&[("a", "1"), ("b", "1")], &[]), id(&[("a", "1"), ("b", "2")], &[]));
        assert_eq!(id(&[("a", "1"), ("b", "1")], &[]), id(&[("b", "1"), ("a", "1")], &[]));
    }

    #[test]
    fn a_helm_chart_that_begins_above_a_path_changes_the_id() {
        let plain = id(&[("apps/Chart.yaml", "1"), ("apps/a/x.yaml", "1")], &["apps/a"]);
        let chart =
            id(&[("apps/Chart.yaml", "1"), ("apps/values.yaml", "1"), ("apps/a/x.yaml", "1")], &["apps/a"]);
        assert_ne!(plain, chart);
    }

    #[test]
    fn other_paths_and_another_order_of_them_are_told_apart() {
        let files = [("a/x.yaml", "1"), ("b/x.yaml", "1")];
        assert_ne!(id(&files, &["a"]), id(&files, &["b"]));
        assert_ne!(id(&files, &["a"]), id(&files, &["a", "b"]));
    }
}
