//! Objects of a store, each checked against its id: what is read is what the commit names, or an error.

use std::sync::Arc;

use engine::port::source::{EntryKind, TreeEntry, TreeError};
use gix::objs::{CommitRef, Kind, TreeRef};
use gix::{ObjectId, ThreadSafeRepository};

use super::SUBJECT_LENGTH;
use crate::mirror::Store;

/// Largest single allocation for an object or for a base that it is a difference of: a small object can stand on a
/// huge one.
const ALLOCATION_LIMIT: &str = "gitoxide.objects.allocLimit=67108864";

/// Whatever a mirror contains, an id means the object with that hash.
const NO_REPLACEMENTS: &str = "core.useReplaceRefs=false";

pub(super) struct Objects {
    repository: ThreadSafeRepository,
    store: Arc<Store>,
}

impl Objects {
    pub(super) fn open(store: Arc<Store>) -> Result<Self, TreeError> {
        let repository = gix::open::Options::isolated()
            .open_path_as_is(true)
            .with(gix::sec::Trust::Full)
            .config_overrides([ALLOCATION_LIMIT, NO_REPLACEMENTS])
            .open(store.repository());
        match repository {
            Ok(repository) => Ok(Self { repository, store }),
            Err(error) => {
                store.mark_damaged();
                Err(TreeError::Damaged { path: String::new(), detail: error.to_string() })
            }
        }
    }

    /// An object's content, hash and kind checked.
    pub(super) fn read(
        &self,
        id: ObjectId,
        kind: Kind,
        limit: u64,
        path: &str,
    ) -> Result<Vec<u8>, TreeError> {
        let repository = self.repository.to_thread_local();
        let header = repository.find_header(id).map_err(|error| self.damaged(path, &error))?;
        if header.kind() != kind {
            return Err(self.damaged(path, &format_args!("{id} is a {} and no {kind}", header.kind())));
        }
        if header.size() > limit {
            return Err(TreeError::TooLarge { path: path.to_owned(), limit });
        }
        let object = repository.find_object(id).map_err(|error| self.damaged(path, &error))?.detach();
        let hash = gix::objs::compute_hash(id.kind(), kind, &object.data);
        if hash.is_ok_and(|hash| hash == id) {
            Ok(object.data)
        } else {
            Err(self.damaged(path, &format_args!("{id} has another hash")))
        }
    }

    /// The root folder of a commit, and its subject with the author's name.
    pub(super) fn commit(&self, data: &[u8]) -> Result<(ObjectId, String), TreeError> {
        let commit = CommitRef::from_bytes(data, self.repository.to_thread_local().object_hash())
            .map_err(|error| self.damaged("", &error))?;
        let title = commit.message.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let author = commit.author().map(|author| author.name.to_string()).unwrap_or_default();
        let subject = format!("{} ({})", clean(&String::from_utf8_lossy(title)), clean(&author));
        Ok((commit.tree(), subject))
    }

    /// The entries of a folder by name. A name that is no UTF-8 is shown with replacement characters.
    pub(super) fn folder(&self, id: ObjectId, limit: u64, path: &str) -> Result<Vec<TreeEntry>, TreeError> {
        let data = self.read(id, Kind::Tree, limit, path)?;
        let tree = TreeRef::from_bytes(&data, id.kind()).map_err(|error| self.damaged(path, &error))?;
        let mut entries: Vec<TreeEntry> = tree
            .entries
            .iter()
            .map(|entry| TreeEntry {
                name: String::from_utf8_lossy(entry.filename).into_owned(),
                kind: kind(entry.mode.kind()),
                id: entry.oid.to_string(),
            })
            .collect();
        entries.sort_by(|first, second| first.name.cmp(&second.name));
        Ok(entries)
    }

    /// A hexadecimal id.
    pub(super) fn id(&self, text: &str, path: &str) -> Result<ObjectId, TreeError> {
        ObjectId::from_hex(text.as_bytes()).map_err(|error| self.damaged(path, &error))
    }

    /// The next one who wants to read will get a new mirror.
    fn damaged(&self, path: &str, detail: &dyn std::fmt::Display) -> TreeError {
        self.store.mark_damaged();
        TreeError::Damaged { path: path.to_owned(), detail: detail.to_string() }
    }
}

fn kind(kind: gix::objs::tree::EntryKind) -> EntryKind {
    match kind {
        gix::objs::tree::EntryKind::Tree => EntryKind::Folder,
        gix::objs::tree::EntryKind::Blob | gix::objs::tree::EntryKind::BlobExecutable => EntryKind::File,
        gix::objs::tree::EntryKind::Link => EntryKind::Link,
        gix::objs::tree::EntryKind::Commit => EntryKind::Submodule,
    }
}

/// What a commit says of itself goes to pages and logs.
fn clean(text: &str) -> String {
    text.trim().chars().filter(|character| !character.is_control()).take(SUBJECT_LENGTH).collect()
}
