//! A copy of the files that a generator may read, in a private folder that goes with the value.

use std::fs::{DirBuilder, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use engine::limits::MAX_FOLDER_DEPTH;
use engine::load::{Exceeded, LoadError, link_stays_inside};
use engine::port::source::{EntryKind, Tree, TreeError};
use tempfile::TempDir;

use crate::path::join;
use crate::reach::Reach;
use crate::refused::Asked;

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
}

impl Workspace {
    /// An empty one.
    pub(crate) fn new(homes: &Path, asked: &Asked) -> Result<Self, LoadError> {
        let folder = tempfile::Builder::new()
            .prefix("fairlead-generate-")
            .permissions(std::os::unix::fs::PermissionsExt::from_mode(PRIVATE_FOLDER))
            .tempdir_in(homes);
        let folder = folder.map_err(|error| not_made(asked, &error))?;
        Ok(Self { folder, left_out: Vec::new() })
    }

    /// Copies everything within reach. Blocks.
    pub(crate) fn copy(
        tree: &dyn Tree,
        reach: &Reach,
        homes: &Path,
        asked: &Asked,
    ) -> Result<Self, LoadError> {
        let mut copy = Copy { tree, asked, into: Self::new(homes, asked)?, n_files: 0, n_bytes: 0 };
        for folder in reach.folders() {
            copy.folder(folder, 0)?;
        }
        Ok(copy.into)
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes one more file.
    pub(crate) fn write(&self, name: &str, bytes: &[u8], asked: &Asked) -> Result<(), LoadError> {
        write_file(&self.path().join(name), bytes).map_err(|error| not_made(asked, &error))
    }

    /// A sentence about what was not copied; empty when everything was.
    pub(crate) fn left_out(&self) -> String {
        let named = self.left_out.iter().take(MAX_NAMED).cloned().collect::<Vec<_>>().join(", ");
        match self.left_out.len() {
            0 => String::new(),
            count if count > MAX_NAMED => format!("it was not given {named} and {} more", count - MAX_NAMED),
            _ => format!("it was not given {named}"),
        }
    }
}

/// Only we enter it, and the generator by what is shown to it.
const PRIVATE_FOLDER: u32 = 0o700;
const PRIVATE_FILE: u32 = 0o600;

struct Copy<'tree> {
    tree: &'tree dyn Tree,
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
        let Some(entries) = self.tree.list(folder)? else { return Ok(()) };
        self.make(folder)?;
        for entry in entries {
            let path = join(folder, &entry.name);
            if !is_name(&entry.name) {
                return Err(self.asked.refused(format!("{path:?} is no name that can be written")));
            }
            match entry.kind {
                EntryKind::Folder => self.folder(&path, depth + 1)?,
                EntryKind::File => self.file(&path)?,
                EntryKind::Link if link_stays_inside(self.tree, "", &path)? => {
                    self.into.left_out.push(format!("{path} (a symbolic link)"));
                }
                EntryKind::Link => return Err(LoadError::LinkLeavesPath { path }),
                EntryKind::Submodule => self.into.left_out.push(format!("{path} (a submodule)")),
            }
        }
        Ok(())
    }

    fn file(&mut self, path: &str) -> Result<(), LoadError> {
        self.n_files += 1;
        if self.n_files > MAX_FILES {
            return Err(LoadError::limit(Exceeded::GeneratorFiles { allowed: MAX_FILES }, path));
        }
        let bytes = match self.tree.read(path, MAX_FILE_BYTES) {
            Err(TreeError::TooLarge { .. }) => {
                self.into.left_out.push(format!("{path} (larger than {MAX_FILE_BYTES} bytes)"));
                return Ok(());
            }
            read => read?,
        };
        self.n_bytes += bytes.len() as u64;
        if self.n_bytes > MAX_BYTES {
            return Err(LoadError::limit(Exceeded::GeneratorBytes { allowed: MAX_BYTES }, path));
        }
        write_file(&self.place(path), &bytes).map_err(|error| not_made(self.asked, &error))
    }

    fn make(&self, folder: &str) -> Result<(), LoadError> {
        let made = DirBuilder::new().recursive(true).mode(PRIVATE_FOLDER).create(self.place(folder));
        made.map_err(|error| not_made(self.asked, &error))
    }

    fn place(&self, path: &str) -> PathBuf {
        path.split('/')
            .filter(|part| !part.is_empty())
            .fold(self.into.path().to_path_buf(), |place, part| place.join(part))
    }
}

/// One part of a path, and none that leads elsewhere. `create_new` does not follow links, and none is ever made.
fn is_name(name: &str) -> bool {
    !name.is_empty() && name != "." && name != ".." && !name.contains(['/', '\0'])
}

fn write_file(place: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(PRIVATE_FILE).open(place)?;
    file.write_all(bytes)
}

fn not_made(asked: &Asked, error: &std::io::Error) -> LoadError {
    asked.failed(format!("its private folder could not be written: {error}"), String::new())
}
