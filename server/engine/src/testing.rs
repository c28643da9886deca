//! What the tests of this crate share: a tree in memory. Everything else they need is plain data.

use std::collections::BTreeMap;

use domain::repository::{RepositoryPath, Revision};

use crate::canonical;
use crate::limits::Limits;
use crate::load::{Load, LoadError, load};
use crate::port::source::{EntryKind, Tree, TreeEntry, TreeError};

/// The tree of a commit, as Git would give it.
pub(crate) struct MemoryTree {
    revision: Revision,
    leaves: BTreeMap<String, Leaf>,
}

#[derive(Clone, Debug)]
enum Leaf {
    File(Vec<u8>),
    Link(String),
    Submodule,
}

impl MemoryTree {
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let leaves =
            files.iter().map(|(path, text)| ((*path).to_owned(), Leaf::File(text.as_bytes().to_vec())));
        let revision = Revision::parse(&"a".repeat(40)).expect("a commit id");
        Self { revision, leaves: leaves.collect() }
    }

    pub(crate) fn file(mut self, path: &str, bytes: &[u8]) -> Self {
        self.leaves.insert(path.to_owned(), Leaf::File(bytes.to_vec()));
        self
    }

    pub(crate) fn link(mut self, path: &str, target: &str) -> Self {
        self.leaves.insert(path.to_owned(), Leaf::Link(target.to_owned()));
        self
    }

    pub(crate) fn submodule(mut self, path: &str) -> Self {
        self.leaves.insert(path.to_owned(), Leaf::Submodule);
        self
    }

    /// Loads the whole tree with the limits of production.
    pub(crate) fn load(&self) -> Result<Load, LoadError> {
        load(self, &[], &Limits::default())
    }

    /// Loads these paths.
    pub(crate) fn load_paths(&self, paths: &[&str]) -> Result<Load, LoadError> {
        load(self, &repository_paths(paths), &Limits::default())
    }

    fn below<'tree>(&'tree self, folder: &str) -> impl Iterator<Item = (&'tree str, &'tree Leaf)> {
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        self.leaves.iter().filter_map(move |(path, leaf)| Some((path.strip_prefix(&prefix)?, leaf)))
    }

    fn made(&self, path: &str, name: &str) -> TreeEntry {
        let leaf = self.leaves.get(path);
        let content = format!("{leaf:?} {:?}", self.below(path).collect::<Vec<_>>());
        TreeEntry {
            name: name.to_owned(),
            kind: leaf.map_or(EntryKind::Folder, kind),
            id: canonical::sha256(content.as_bytes()),
        }
    }
}

impl Tree for MemoryTree {
    fn revision(&self) -> &Revision {
        &self.revision
    }

    fn subject(&self) -> String {
        "A commit, by Ada".to_owned()
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
            Some(Leaf::File(bytes)) if bytes.len() as u64 > limit => {
                Err(TreeError::TooLarge { path: path.to_owned(), limit })
            }
            Some(Leaf::File(bytes)) => Ok(bytes.clone()),
            other => panic!("{path} is read, but is {other:?}"),
        }
    }

    fn link_target(&self, path: &str) -> Result<String, TreeError> {
        match self.leaves.get(path) {
            Some(Leaf::Link(target)) => Ok(target.clone()),
            other => panic!("the target of {path} is asked, but it is {other:?}"),
        }
    }
}

pub(crate) fn repository_paths(paths: &[&str]) -> Vec<RepositoryPath> {
    paths.iter().map(|path| RepositoryPath::parse(path).expect("a path")).collect()
}

fn kind(leaf: &Leaf) -> EntryKind {
    match leaf {
        Leaf::File(_) => EntryKind::File,
        Leaf::Link(_) => EntryKind::Link,
        Leaf::Submodule => EntryKind::Submodule,
    }
}
