use std::collections::BTreeMap;

use domain::repository::Revision;
use engine::port::source::{EntryKind, Tree, TreeEntry, TreeError};
use engine::tree_id;

/// The tree of a commit, in memory.
#[derive(Clone, Debug)]
pub(super) struct MemoryTree {
    revision: Revision,
    leaves: BTreeMap<String, (EntryKind, Vec<u8>)>,
}

impl MemoryTree {
    pub(super) fn new(files: &[(&str, &str)]) -> Self {
        let revision = Revision::parse(&"a".repeat(40)).expect("a commit id");
        let tree = Self { revision, leaves: BTreeMap::new() };
        files.iter().fold(tree, |tree, (path, text)| tree.with(path, EntryKind::File, text.as_bytes()))
    }

    /// As another commit.
    pub(super) fn at(self, digit: &str) -> Self {
        Self { revision: Revision::parse(&digit.repeat(40)).expect("a commit id"), ..self }
    }

    pub(super) fn file(self, path: &str, text: &str) -> Self {
        self.with(path, EntryKind::File, text.as_bytes())
    }

    pub(super) fn link(self, path: &str, target: &str) -> Self {
        self.with(path, EntryKind::Link, target.as_bytes())
    }

    pub(super) fn submodule(self, path: &str) -> Self {
        self.with(path, EntryKind::Submodule, b"")
    }

    pub(super) fn with(mut self, path: &str, kind: EntryKind, bytes: &[u8]) -> Self {
        self.leaves.insert(path.to_owned(), (kind, bytes.to_vec()));
        self
    }

    fn below<'tree>(&'tree self, folder: &str) -> impl Iterator<Item = (&'tree str, &'tree [u8])> {
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        self.leaves
            .iter()
            .filter_map(move |(path, (_, bytes))| Some((path.strip_prefix(&prefix)?, bytes.as_slice())))
    }

    fn made(&self, path: &str, name: &str) -> TreeEntry {
        let leaf = self.leaves.get(path);
        let content = match leaf {
            Some(leaf) => format!("{leaf:?}"),
            None => format!("{:?}", self.below(path).collect::<Vec<_>>()),
        };
        TreeEntry {
            name: name.to_owned(),
            kind: leaf.map_or(EntryKind::Folder, |(kind, _)| *kind),
            id: tree_id::combined(&[content]),
        }
    }
}

impl Tree for MemoryTree {
    fn revision(&self) -> &Revision {
        &self.revision
    }

    fn subject(&self) -> String {
        String::new()
    }

    fn list(&self, folder: &str) -> Result<Option<Vec<TreeEntry>>, TreeError> {
        let mut names: Vec<&str> =
            self.below(folder).map(|(rest, _)| rest.split_once('/').map_or(rest, |(name, _)| name)).collect();
        names.dedup();
        let path = |name: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
        let entries: Vec<_> = names.into_iter().map(|name| self.made(&path(name), name)).collect();
        Ok(Some(entries).filter(|entries| !entries.is_empty() || folder.is_empty()))
    }

    fn entry(&self, path: &str) -> Result<Option<TreeEntry>, TreeError> {
        let exists = self.leaves.contains_key(path) || self.below(path).next().is_some();
        Ok(exists.then(|| self.made(path, path.rsplit('/').next().unwrap_or(path))))
    }

    fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, TreeError> {
        match self.leaves.get(path) {
            Some((EntryKind::File, bytes)) if bytes.len() as u64 > limit => {
                Err(TreeError::TooLarge { path: path.to_owned(), limit })
            }
            Some((EntryKind::File, bytes)) => Ok(bytes.clone()),
            other => panic!("{path} is read, but is {other:?}"),
        }
    }

    fn link_target(&self, path: &str) -> Result<String, TreeError> {
        match self.leaves.get(path) {
            Some((EntryKind::Link, target)) => Ok(String::from_utf8_lossy(target).into_owned()),
            other => panic!("the target of {path} is asked, but it is {other:?}"),
        }
    }
}
