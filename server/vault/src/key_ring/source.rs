//! Where a ring comes from, asked again while the server runs: keys are rotated beside it.

use std::error::Error;
use std::fs::{File, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::KeyRing;
use super::file::{failed, parse, read};

/// A place that a ring is read from again.
pub trait RingSource: Send + Sync {
    /// Whether it may have another ring than at the last reading. Asked before every write: it must cost little.
    fn changed(&self) -> bool;

    /// The ring as it is now.
    fn read(&self) -> Result<KeyRing, Box<dyn Error + Send + Sync>>;
}

/// The ring's file.
pub struct FileSource {
    path: PathBuf,
    seen: Mutex<Option<Stamp>>,
}

/// What differs when the file was exchanged or written to.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stamp {
    device: u64,
    inode: u64,
    size: u64,
    /// Seconds and nanoseconds. Of the file's state, not of its content: that one can be set back.
    changed: (i64, i64),
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.len(),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }
}

impl FileSource {
    /// The file at this path, not read yet.
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), seen: Mutex::new(None) }
    }
}

impl RingSource for FileSource {
    fn changed(&self) -> bool {
        let now = std::fs::metadata(&self.path).ok().as_ref().map(Stamp::of);
        now.is_none() || now != *self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(&self) -> Result<KeyRing, Box<dyn Error + Send + Sync>> {
        let file = File::open(&self.path).map_err(failed(&self.path))?;
        // taken before the reading: what is written meanwhile is then seen as a change
        let stamp = Stamp::of(&file.metadata().map_err(failed(&self.path))?);
        let ring = parse(&self.path, &read(&self.path, file)?)?;
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(stamp);
        Ok(ring)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_changed_when_it_was_exchanged_and_not_when_it_was_only_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys");
        KeyRing::load_or_create(&path, false).unwrap();
        let source = FileSource::new(&path);
        assert!(source.changed(), "it was not read yet");
        source.read().unwrap();
        assert!(!source.changed());
        let id = KeyRing::add_active(&path).unwrap();
        assert!(source.changed());
        assert_eq!(source.read().unwrap().active_id(), id);
        assert!(!source.changed());
        std::fs::remove_file(&path).unwrap();
        assert!(source.changed());
        assert!(source.read().is_err());
    }
}
