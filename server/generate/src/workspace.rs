//! A copy of the files that a generator may read, in a private folder that goes with the value.
//!
//! ```text
//! FOLDER/repository/     the configuration's repository; commands run in it
//! FOLDER/remotes/1/      what it names on other hosts, one folder for each repository
//! ```

use std::collections::BTreeMap;
use std::fs::{DirBuilder, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use engine::limits::MAX_FOLDER_DEPTH;
use engine::load::{Exceeded, LoadError, link_stays_inside};
use engine::port::source::{EntryKind, TreeError};
use tempfile::TempDir;

use crate::path::join;
use crate::place::Place;
use crate::reach::Reach;
use crate::refused::Asked;

/// The folder of the configuration's repository.
pub(crate) const REPOSITORY: &str = "repository";
/// The folder of those on other hosts: beside it, so that no file of a repository has this name.
pub(crate) const REMOTES: &str = "remotes";

/// Files of one copy: twice what may be read as manifests.
const MAX_FILES: u32 = 20_000;
/// Bytes of one copy: it lies on the server's disk, or in its memory.
const MAX_BYTES: u64 = 128 * 1024 * 1024;
/// Largest file that is copied: larger ones are no input of a generator but lie beside it.
const MAX_FILE_BYTES: u64 = 16 * 1024 * 1024;
/// Files named in an error as not copied.
const MAX_NAMED: usize = 5;

/// The copy.
#[derive(Debug)]
pub(crate) struct Workspace {
    folder: TempDir,
    /// What was not copied, for the error of a generator that misses it.
    left_out: Vec<String>,
    /// Which repositories lie in which folders, for the error of a generator that names them.
    remotes: Vec<String>,
}

/// A repository, as far as it is copied.
pub(crate) struct Part<'tree> {
    /// Where to.
    pub(crate) folder: String,
    pub(crate) place: Place<'tree>,
    pub(crate) reach: &'tree Reach,
    /// What takes the place of files, by their paths.
    pub(crate) written: BTreeMap<String, Vec<u8>>,
}

impl Workspace {
    /// An empty one.
    pub(crate) fn new(homes: &Path, asked: &Asked) -> Result<Self, LoadError> {
        let folder = tempfile::Builder::new()
            .prefix("fairlead-generate-")
            .permissions(std::os::unix::fs::PermissionsExt::from_mode(PRIVATE_FOLDER))
            .tempdir_in(homes);
        let folder = folder.map_err(|error| not_made(asked, &error))?;
        make(&folder.path().join(REPOSITORY)).map_err(|error| not_made(asked, &error))?;
        Ok(Self { folder, left_out: Vec::new(), remotes: Vec::new() })
    }

    /// Copies everything within reach. Blocks.
    pub(crate) fn copy(parts: &[Part<'_>], homes: &Path, asked: &Asked) -> Result<Self, LoadError> {
        let mut into = Self::new(homes, asked)?;
        let (mut n_files, mut n_bytes) = (0, 0);
        for part in parts {
            if let Some(address) = part.place.address {
                let commit = part.place.tree.revision().short();
                into.remotes.push(format!("{} is {address} at {commit}", part.folder));
            }
            let mut copy = Copy { part, asked, into, n_files, n_bytes };
            for folder in part.reach.folders() {
                copy.folder(folder, 0).map_err(|error| part.place.located(error))?;
            }
            Copy { into, n_files, n_bytes, .. } = copy;
        }
        Ok(into)
    }

    /// The whole of it.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes one more file beside those of the repository.
    pub(crate) fn write(&self, name: &str, bytes: &[u8], asked: &Asked) -> Result<(), LoadError> {
        write_file(&self.path().join(REPOSITORY).join(name), bytes).map_err(|error| not_made(asked, &error))
    }

    /// What a generator's error does not tell: which repositories its paths are in, and what was not copied. Empty
    /// when there is nothing to tell.
    pub(crate) fn remarks(&self) -> String {
        let named = self.left_out.iter().take(MAX_NAMED).cloned().collect::<Vec<_>>().join(", ");
        let left_out = match self.left_out.len() {
            0 => None,
            count if count > MAX_NAMED => {
                Some(format!("it was not given {named} and {} more", count - MAX_NAMED))
            }
            _ => Some(format!("it was not given {named}")),
        };
        self.remotes.iter().cloned().chain(left_out).collect::<Vec<_>>().join("; ")
    }
}

/// Only we enter it, and the generator by what is shown to it.
const PRIVATE_FOLDER: u32 = 0o700;
const PRIVATE_FILE: u32 = 0o600;

struct Copy<'tree> {
    part: &'tree Part<'tree>,
    asked: &'tree Asked,
    into: Workspace,
    n_files: u32,
    n_bytes: u64,
}

impl Copy<'_> {
    /// Recursion is bounded by the limit on the depth. The names of a tree are checked once more: it is the one
    /// place where they become names of a disk.
    fn folder(&mut self, folder: &str, depth: u32) -> Result<(), LoadError> {
        if depth > MAX_FOLDER_DEPTH {
            return Err(LoadError::limit(Exceeded::FolderDepth { allowed: MAX_FOLDER_DEPTH }, folder));
        }
        let Place { tree, .. } = self.part.place;
        let Some(entries) = tree.list(folder)? else { return Ok(()) };
        make(&self.target(folder)).map_err(|error| not_made(self.asked, &error))?;
        for entry in entries {
            let path = join(folder, &entry.name);
            if !is_name(&entry.name) {
                return Err(self.asked.refused(format!("{path:?} is no name that can be written")));
            }
            match entry.kind {
                EntryKind::Folder => self.folder(&path, depth + 1)?,
                EntryKind::File => self.file(&path)?,
                EntryKind::Link if link_stays_inside(tree, "", &path)? => {
                    self.leave_out(&path, "a symbolic link");
                }
                EntryKind::Link => return Err(LoadError::LinkLeavesPath { path }),
                EntryKind::Submodule => self.leave_out(&path, "a submodule"),
            }
        }
        Ok(())
    }

    fn file(&mut self, path: &str) -> Result<(), LoadError> {
        self.n_files += 1;
        if self.n_files > MAX_FILES {
            return Err(LoadError::limit(Exceeded::GeneratorFiles { allowed: MAX_FILES }, path));
        }
        let read = match self.part.written.get(path) {
            Some(written) => Ok(written.clone()),
            None => self.part.place.tree.read(path, MAX_FILE_BYTES),
        };
        let bytes = match read {
            Err(TreeError::TooLarge { .. }) => {
                self.leave_out(path, &format!("larger than {MAX_FILE_BYTES} bytes"));
                return Ok(());
            }
            read => read?,
        };
        self.n_bytes += bytes.len() as u64;
        if self.n_bytes > MAX_BYTES {
            return Err(LoadError::limit(Exceeded::GeneratorBytes { allowed: MAX_BYTES }, path));
        }
        write_file(&self.target(path), &bytes).map_err(|error| not_made(self.asked, &error))
    }

    fn leave_out(&mut self, path: &str, why: &str) {
        self.into.left_out.push(format!("{} ({why})", self.part.place.name(path)));
    }

    fn target(&self, path: &str) -> PathBuf {
        join(&self.part.folder, path)
            .split('/')
            .fold(self.into.path().to_path_buf(), |target, part| target.join(part))
    }
}

/// One part of a path, and none that leads elsewhere. `create_new` does not follow links, and none is ever made.
fn is_name(name: &str) -> bool {
    !name.is_empty() && name != "." && name != ".." && !name.contains(['/', '\0'])
}

fn make(folder: &Path) -> std::io::Result<()> {
    DirBuilder::new().recursive(true).mode(PRIVATE_FOLDER).create(folder)
}

fn write_file(place: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(PRIVATE_FILE).open(place)?;
    file.write_all(bytes)
}

fn not_made(asked: &Asked, error: &std::io::Error) -> LoadError {
    asked.failed(format!("its private folder could not be written: {error}"), String::new())
}
