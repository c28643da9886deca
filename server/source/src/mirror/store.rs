//! A bare repository on disk, and the list of revisions that are whole in it.
//!
//! ```text
//! FOLDER/3/git/            what git fetches into and gix reads
//! FOLDER/3/revisions/SHA   an empty file for each commit that a fetch which ended well has brought
//! ```

use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use domain::repository::Revision;

/// Length of a SHA-1 commit id; the other length is SHA-256.
const SHA1_DIGITS: usize = 40;

/// What a fetch that was killed leaves behind. There is no other git in a mirror while one fetches.
const LOCKS: &[&str] = &["shallow.lock", "packed-refs.lock", "config.lock", "HEAD.lock"];

/// Removed from disk with its last reader, once another has taken its place.
#[derive(Debug)]
pub(crate) struct Store {
    folder: PathBuf,
    damaged: AtomicBool,
    retired: AtomicBool,
}

impl Store {
    /// The newest store of a mirror that has a revision; all others are remains and are removed.
    pub(crate) fn load(mirror: &Path) -> io::Result<Option<Arc<Self>>> {
        let mut newest = None;
        for number in numbers(mirror)? {
            let folder = mirror.join(number.to_string());
            if newest.is_none() && !is_empty(&folder.join("revisions")) {
                newest = Some(Arc::new(Self::at(folder)));
            } else {
                fs::remove_dir_all(&folder)?;
            }
        }
        Ok(newest)
    }

    /// An empty store for commits with ids like this one. It goes with its last holder unless it is kept.
    pub(crate) fn create(mirror: &Path, like: &Revision) -> io::Result<Self> {
        let number = numbers(mirror)?.first().map_or(1, |newest| newest + 1);
        let store = Self::at(mirror.join(number.to_string()));
        store.retire();
        let repository = store.repository();
        for folder in
            [&repository.join("objects/pack"), &repository.join("refs/fairlead"), &store.revisions()]
        {
            fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        // What `git init --bare` writes, without its samples of hooks.
        let (version, extension) = match like.as_str().len() {
            SHA1_DIGITS => (0, ""),
            _ => (1, "[extensions]\n\tobjectformat = sha256\n"),
        };
        let configuration =
            format!("[core]\n\trepositoryformatversion = {version}\n\tbare = true\n{extension}");
        fs::write(repository.join("config"), configuration)?;
        fs::write(repository.join("HEAD"), "ref: refs/heads/none\n")?;
        Ok(store)
    }

    /// The bare repository.
    pub(crate) fn repository(&self) -> PathBuf {
        self.folder.join("git")
    }

    /// Whether this revision is here with all its files.
    pub(crate) fn has(&self, revision: &Revision) -> bool {
        self.revisions().join(revision.as_str()).exists()
    }

    /// Whether nothing was ever fetched.
    pub(crate) fn is_empty(&self) -> bool {
        is_empty(&self.revisions())
    }

    /// Number of packs.
    pub(crate) fn packs(&self) -> usize {
        fs::read_dir(self.packs_folder()).map_or(0, |entries| {
            entries
                .flatten()
                .filter(|entry| entry.path().extension().is_some_and(|kind| kind == "pack"))
                .count()
        })
    }

    /// Removes what a killed fetch left.
    pub(crate) fn sweep(&self) -> io::Result<()> {
        let repository = self.repository();
        let locks = LOCKS.iter().map(|name| repository.join(name));
        let references = paths(&repository.join("refs/fairlead"))?;
        let references =
            references.into_iter().filter(|path| path.extension().is_some_and(|kind| kind == "lock"));
        let packs = paths(&self.packs_folder())?;
        let packs = packs
            .into_iter()
            .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("tmp_")));
        for path in locks.chain(references).chain(packs) {
            match fs::remove_file(&path) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    /// Notes the commit that a fetch has just given to a reference; returns the size of the repository in bytes.
    pub(crate) fn note(&self, reference: &str) -> io::Result<u64> {
        let text = fs::read_to_string(self.repository().join(reference))?;
        let revision =
            Revision::parse(text.trim()).map_err(|error| io::Error::new(ErrorKind::InvalidData, error))?;
        self.note_revision(&revision)?;
        size(&self.repository())
    }

    /// Notes a commit that is here with all its files.
    pub(crate) fn note_revision(&self, revision: &Revision) -> io::Result<()> {
        fs::write(self.revisions().join(revision.as_str()), b"")
    }

    /// Takes over what says where the history of another store ends and what its references are; gives the ids that are
    /// noted there.
    pub(crate) fn follow(&self, other: &Self) -> io::Result<Vec<String>> {
        let (from, to) = (other.repository(), self.repository());
        match fs::copy(from.join("shallow"), to.join("shallow")) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        for reference in paths(&from.join("refs/fairlead"))? {
            if let (None, Some(name)) = (reference.extension(), reference.file_name()) {
                fs::copy(&reference, to.join("refs/fairlead").join(name))?;
            }
        }
        let noted = paths(&other.revisions())?;
        Ok(noted.iter().filter_map(|path| path.file_name()?.to_str().map(str::to_owned)).collect())
    }

    /// Something in it could not be read.
    pub(crate) fn mark_damaged(&self) {
        self.damaged.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_damaged(&self) -> bool {
        self.damaged.load(Ordering::Relaxed)
    }

    /// To be removed when the last reader has gone.
    pub(crate) fn retire(&self) {
        self.retired.store(true, Ordering::Relaxed);
    }

    /// Takes back [`Store::retire`].
    pub(crate) fn keep(&self) {
        self.retired.store(false, Ordering::Relaxed);
    }

    fn at(folder: PathBuf) -> Self {
        Self { folder, damaged: AtomicBool::new(false), retired: AtomicBool::new(false) }
    }

    fn revisions(&self) -> PathBuf {
        self.folder.join("revisions")
    }

    /// Where packs are.
    pub(crate) fn packs_folder(&self) -> PathBuf {
        self.repository().join("objects/pack")
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        if self.retired.load(Ordering::Relaxed)
            && let Err(error) = fs::remove_dir_all(&self.folder)
        {
            // The next start removes it.
            tracing::warn!(folder = %self.folder.display(), %error, "an old mirror could not be removed");
        }
    }
}

/// Removes the folder of a mirror unless there is still a store in it.
pub(crate) fn remove_if_empty(mirror: &Path) -> io::Result<()> {
    match fs::remove_dir(mirror) {
        Err(error) if !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::DirectoryNotEmpty) => {
            Err(error)
        }
        _ => Ok(()),
    }
}

/// The stores of a mirror, newest first.
fn numbers(mirror: &Path) -> io::Result<Vec<u64>> {
    let names = paths(mirror)?.into_iter().filter_map(|path| path.file_name()?.to_str()?.parse().ok());
    let mut numbers: Vec<u64> = names.collect();
    numbers.sort_unstable_by(|first, second| second.cmp(first));
    Ok(numbers)
}

/// What a folder holds; nothing when there is no folder.
fn paths(folder: &Path) -> io::Result<Vec<PathBuf>> {
    match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        entries => entries?.map(|entry| entry.map(|entry| entry.path())).collect(),
    }
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).map_or(true, |mut entries| entries.next().is_none())
}

fn size(folder: &Path) -> io::Result<u64> {
    let mut bytes = 0;
    for path in paths(folder)? {
        let metadata = fs::symlink_metadata(&path)?;
        bytes += if metadata.is_dir() { size(&path)? } else { metadata.len() };
    }
    Ok(bytes)
}
