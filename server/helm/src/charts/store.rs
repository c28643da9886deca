//! What was fetched, on disk: by keys that say on whose behalf, of bounded size, least recently used first to go.

use std::fs::{self, DirBuilder, File};
use std::io::{Read, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use data_encoding::HEXLOWER;
use rustix::fs::{Timespec, Timestamps, UTIME_NOW, futimens};
use sha2::{Digest, Sha256};

use super::error::ChartError;

/// The name of something kept: a hash of everything that it depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key(String);

impl Key {
    /// Each part counts with its length, so that no two lists of parts are one.
    pub(crate) fn of(parts: &[&[u8]]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        Self(HEXLOWER.encode(&hash.finalize()))
    }

    pub(crate) fn text(&self) -> &str {
        &self.0
    }
}

/// Files by key in one folder.
#[derive(Debug)]
pub(crate) struct Store {
    folder: PathBuf,
    limit: u64,
    /// Held while what is too much goes.
    tidying: Mutex<()>,
}

/// Something kept.
pub(crate) struct Kept {
    pub(crate) bytes: Vec<u8>,
    /// Since it was put there or renewed.
    pub(crate) age: Duration,
}

impl Store {
    /// A store in a folder that is made when it is missing. `limit` bounds the bytes of all files.
    pub(crate) fn open(folder: &Path, limit: u64) -> std::io::Result<Self> {
        DirBuilder::new().mode(0o700).recursive(true).create(folder)?;
        Ok(Self { folder: folder.to_path_buf(), limit, tidying: Mutex::default() })
    }

    /// What is kept, if it is. Blocks.
    pub(crate) fn get(&self, key: &Key) -> Option<Kept> {
        let mut file = File::open(self.path(key)).ok()?;
        let put = file.metadata().and_then(|metadata| metadata.modified()).ok()?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).ok()?;
        // A clock that was put back makes everything old, which is safe.
        Some(Kept { bytes, age: put.elapsed().unwrap_or(Duration::MAX) })
    }

    /// From now on it counts as new. Blocks.
    pub(crate) fn renew(&self, key: &Key) {
        // What went meanwhile is fetched again.
        let file = File::options().write(true).open(self.path(key));
        let now = Timespec { tv_sec: 0, tv_nsec: UTIME_NOW };
        let times = Timestamps { last_access: now, last_modification: now };
        let _ = file.map(|file| futimens(file, &times));
    }

    /// Keeps bytes, in one step. Blocks.
    pub(crate) fn put(&self, key: &Key, bytes: &[u8]) -> Result<(), ChartError> {
        // The library makes files that we alone may read.
        let mut file = tempfile::NamedTempFile::new_in(&self.folder).map_err(ChartError::disk)?;
        file.write_all(bytes).map_err(ChartError::disk)?;
        file.persist(self.path(key)).map_err(ChartError::disk)?;
        self.tidy();
        Ok(())
    }

    /// Lets the oldest go until the rest is within the limit.
    fn tidy(&self) {
        let _tidying = self.tidying.lock().unwrap_or_else(PoisonError::into_inner);
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let mut files: Vec<_> = entries
            .filter_map(|entry| {
                let metadata = entry.metadata().ok()?;
                Some((metadata.modified().ok()?, metadata.len(), entry.path()))
            })
            .collect();
        let mut total: u64 = files.iter().map(|(_, length, _)| length).sum();
        files.sort();
        for (_, length, path) in files {
            if total <= self.limit {
                break;
            }
            if fs::remove_file(path).is_ok() {
                total -= length;
            }
        }
    }

    fn path(&self, key: &Key) -> PathBuf {
        self.folder.join(&key.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_recently_used_goes_when_it_becomes_too_much() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("kept"), 250).unwrap();
        let key = |name: &str| Key::of(&[name.as_bytes()]);
        for (age, name) in [(30, "a"), (20, "b"), (10, "c")] {
            let path = store.path(&key(name));
            fs::write(&path, [0; 80]).unwrap();
            let then = fs::metadata(&path).unwrap().modified().unwrap() - Duration::from_secs(age);
            File::options()
                .write(true)
                .open(path)
                .unwrap()
                .set_times(fs::FileTimes::new().set_modified(then))
                .unwrap();
        }
        store.renew(&key("a"));
        store.put(&key("d"), &[0; 80]).unwrap();
        let kept = ["a", "b", "c", "d"].map(|name| store.get(&key(name)).is_some());
        assert_eq!(kept, [true, false, true, true]);
        assert!(store.get(&key("c")).unwrap().age >= Duration::from_secs(10));
        assert!(store.get(&key("a")).unwrap().age < Duration::from_secs(10));
    }

    #[test]
    fn parts_of_a_key_do_not_run_together() {
        assert_ne!(Key::of(&[b"ab", b"c"]), Key::of(&[b"a", b"bc"]));
        assert_ne!(Key::of(&[b"a", b""]), Key::of(&[b"a"]));
    }
}
