//! The files of a commit, straight from the object store.

mod objects;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use domain::repository::Revision;
use engine::port::source::{EntryKind, Tree, TreeEntry, TreeError};
use gix::ObjectId;
use gix::objs::Kind;

use self::objects::Objects;
use crate::mirror::Store;

/// Folders inside folders. Paths of real repositories have a tenth of it; a chain of a million trees costs its author
/// a few bytes each.
const DEPTH_LIMIT: usize = 100;

/// Bytes of one folder's listing: some 100,000 entries.
const FOLDER_BYTES: u64 = 8 * 1024 * 1024;

/// Bytes of a commit with its message.
const COMMIT_BYTES: u64 = 1024 * 1024;

/// Longest target of a link that a system would follow.
const LINK_BYTES: u64 = 4096;

/// Entries of all folders kept in memory; more are read again each time.
const CACHED_ENTRIES: usize = 200_000;

/// Longest subject given to people, in characters.
const SUBJECT_LENGTH: usize = 200;

/// One commit of a mirror. It keeps its store on disk as long as it lives.
pub(crate) struct CommitTree {
    objects: Objects,
    revision: Revision,
    root: ObjectId,
    subject: String,
    folders: Mutex<Folders>,
}

#[derive(Default)]
struct Folders {
    by_id: HashMap<ObjectId, Arc<Vec<TreeEntry>>>,
    entries: usize,
}

impl CommitTree {
    /// Reads the commit and its root folder; the store is marked damaged when it cannot give them.
    pub(crate) fn open(store: Arc<Store>, revision: &Revision) -> Result<Self, TreeError> {
        let objects = Objects::open(store)?;
        let id = objects.id(revision.as_str(), "")?;
        let commit = objects.read(id, Kind::Commit, COMMIT_BYTES, "")?;
        let (root, subject) = objects.commit(&commit)?;
        let tree = Self { objects, revision: revision.clone(), root, subject, folders: Mutex::default() };
        tree.folder(root, "")?;
        Ok(tree)
    }

    /// Follows a path from the root; a link or a submodule on the way leads nowhere.
    fn find(&self, path: &str) -> Result<Option<TreeEntry>, TreeError> {
        let mut entry = TreeEntry { name: String::new(), kind: EntryKind::Folder, id: self.root.to_string() };
        if path.is_empty() {
            return Ok(Some(entry));
        }
        for (depth, name) in path.split('/').enumerate() {
            if entry.kind != EntryKind::Folder {
                return Ok(None);
            }
            if depth >= DEPTH_LIMIT {
                return Err(too_deep(path));
            }
            let entries = self.folder(self.objects.id(&entry.id, path)?, path)?;
            let Ok(position) = entries.binary_search_by(|entry| entry.name.as_str().cmp(name)) else {
                return Ok(None);
            };
            entry.clone_from(&entries[position]);
        }
        Ok(Some(entry))
    }

    fn folder(&self, id: ObjectId, path: &str) -> Result<Arc<Vec<TreeEntry>>, TreeError> {
        if let Some(entries) = self.folders().by_id.get(&id) {
            return Ok(Arc::clone(entries));
        }
        let entries = Arc::new(self.objects.folder(id, FOLDER_BYTES, path)?);
        let mut folders = self.folders();
        if folders.entries + entries.len() <= CACHED_ENTRIES {
            folders.entries += entries.len();
            folders.by_id.insert(id, Arc::clone(&entries));
        }
        Ok(entries)
    }

    fn folders(&self) -> std::sync::MutexGuard<'_, Folders> {
        self.folders.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn blob(&self, path: &str, wanted: EntryKind, limit: u64) -> Result<Vec<u8>, TreeError> {
        match self.find(path)? {
            Some(entry) if entry.kind == wanted => {
                self.objects.read(self.objects.id(&entry.id, path)?, Kind::Blob, limit, path)
            }
            // Asked for without looking first: no fault of the mirror, and none of the repository.
            _ => Err(TreeError::Damaged {
                path: path.into(),
                detail: format!("it is no {wanted:?} in {}", self.revision),
            }),
        }
    }
}

impl Tree for CommitTree {
    fn revision(&self) -> &Revision {
        &self.revision
    }

    fn subject(&self) -> String {
        self.subject.clone()
    }

    fn list(&self, folder: &str) -> Result<Option<Vec<TreeEntry>>, TreeError> {
        match self.find(folder)? {
            Some(entry) if entry.kind == EntryKind::Folder => {
                let entries = self.folder(self.objects.id(&entry.id, folder)?, folder)?;
                Ok(Some(entries.as_ref().clone()))
            }
            _ => Ok(None),
        }
    }

    fn entry(&self, path: &str) -> Result<Option<TreeEntry>, TreeError> {
        self.find(path)
    }

    fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, TreeError> {
        self.blob(path, EntryKind::File, limit)
    }

    fn link_target(&self, path: &str) -> Result<String, TreeError> {
        let target = self.blob(path, EntryKind::Link, LINK_BYTES)?;
        String::from_utf8(target).map_err(|_| TreeError::Damaged {
            path: path.into(),
            detail: "the target of the link is no UTF-8".into(),
        })
    }
}

fn too_deep(path: &str) -> TreeError {
    TreeError::Damaged {
        path: path.into(),
        detail: format!("folders are nested more than {DEPTH_LIMIT} deep"),
    }
}
