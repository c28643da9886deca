//! The folder where credentials lie for the time of one call.
//!
//! In memory where the system has such a place, so that nothing of them reaches a disk. Only we may enter it. What a
//! server that was killed has left there is removed by the next one.

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use rustix::fs::statfs;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

/// `statfs` of a file system in memory.
const TMPFS: i64 = 0x0102_1994;
/// Where systems have one that everybody may write to.
const SHARED_MEMORY: &str = "/dev/shm";
/// Enough of the hash to tell the servers of one machine apart.
const NAME_DIGITS: usize = 16;
/// Only the owner enters.
const FOLDER: u32 = 0o700;
/// Only the owner reads and writes.
const FILE: u32 = 0o600;

/// Makes folders for single calls.
#[derive(Debug)]
pub struct Private {
    /// Others keep things there too.
    place: PathBuf,
    /// What our folders' names begin with.
    prefix: String,
}

impl Private {
    /// In memory, else below this folder, whose path tells the servers of one machine apart.
    pub fn new(below: &Path) -> io::Result<Self> {
        let hash = HEXLOWER.encode(&Sha256::digest(below.as_os_str().as_encoded_bytes()));
        let prefix = format!("fairlead-{}-", &hash[..NAME_DIGITS]);
        let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
        let memory = runtime.into_iter().chain([PathBuf::from(SHARED_MEMORY)]);
        let places = memory.filter(|place| place.is_absolute() && is_memory(place));
        let mut private = places.map(|place| Self { place, prefix: prefix.clone() });
        let private = match private.find(|private| private.for_call().is_ok()) {
            Some(private) => private,
            None => Self { place: beside(below)?, prefix },
        };
        private.sweep();
        Ok(private)
    }

    /// A folder for one call; it goes with the value.
    pub fn for_call(&self) -> io::Result<TempDir> {
        tempfile::Builder::new()
            .prefix(&format!("{}{}-", self.prefix, std::process::id()))
            .permissions(fs::Permissions::from_mode(FOLDER))
            .tempdir_in(&self.place)
    }

    /// Removes what processes that are gone have left; one with our own number was before us.
    fn sweep(&self) {
        let own = std::process::id().to_string();
        for entry in fs::read_dir(&self.place).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let Some(name) = name.to_str().and_then(|name| name.strip_prefix(&self.prefix)) else { continue };
            let process = name.split('-').next().unwrap_or_default();
            if process == own || !Path::new("/proc").join(process).exists() {
                // What cannot be removed now is tried again by the next start.
                let _ = fs::remove_dir_all(entry.path());
            }
        }
    }
}

/// A new file that only we read.
pub fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(FILE).open(path)?;
    file.write_all(content)
}

fn is_memory(place: &Path) -> bool {
    #[expect(clippy::unnecessary_cast, reason = "the type differs between systems")]
    statfs(place).is_ok_and(|system| system.f_type as i64 == TMPFS)
}

/// The folder for systems without such a place.
fn beside(below: &Path) -> io::Result<PathBuf> {
    let place = below.join("private");
    match fs::DirBuilder::new().mode(FOLDER).create(&place) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(place),
        made => made.map(|()| place),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_of_a_call_is_for_nobody_else_and_goes_with_it() {
        let mirrors = tempfile::tempdir().unwrap();
        let private = Private::new(mirrors.path()).unwrap();
        let call = private.for_call().unwrap();
        let path = call.path().to_owned();
        write_private(&path.join("key"), b"secret").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(&path.join("key"))), (0o700, 0o600));
        drop(call);
        assert!(!path.exists());
    }

    #[test]
    fn what_a_killed_server_left_is_removed_by_the_next_and_nothing_else_is() {
        let mirrors = tempfile::tempdir().unwrap();
        let first = Private::new(mirrors.path()).unwrap();
        let left = first.place.join(format!("{}4194999-left", first.prefix));
        fs::create_dir(&left).unwrap();
        write_private(&left.join("key"), b"secret").unwrap();
        let neighbours = tempfile::tempdir().unwrap();
        let neighbour = Private::new(neighbours.path()).unwrap().for_call().unwrap();
        Private::new(mirrors.path()).unwrap();
        assert!(!left.exists());
        assert!(neighbour.path().exists());
    }
}
