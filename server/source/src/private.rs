//! The folder where credentials lie for the time of one call.
//!
//! In memory where the system has such a place, so that nothing of them reaches a disk. Only we may enter it. What a
//! server that was killed has left there is removed by the next one.

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
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
pub(crate) struct Private {
    folder: PathBuf,
}

impl Private {
    /// In memory, else beside the mirrors.
    pub(crate) fn new(mirrors: &Path) -> io::Result<Self> {
        let hash = HEXLOWER.encode(&Sha256::digest(mirrors.as_os_str().as_encoded_bytes()));
        let name = format!("fairlead-{}", &hash[..NAME_DIGITS]);
        let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
        let places = runtime.into_iter().chain([PathBuf::from(SHARED_MEMORY)]);
        let folder = places
            .filter(|place| place.is_absolute() && is_memory(place))
            .map(|place| place.join(&name))
            .find(|folder| make(folder).is_ok());
        let folder = if let Some(folder) = folder {
            folder
        } else {
            let folder = mirrors.join("private");
            make(&folder)?;
            folder
        };
        let private = Self { folder };
        private.sweep();
        Ok(private)
    }

    /// A folder for one call; it goes with the value.
    pub(crate) fn for_call(&self) -> io::Result<TempDir> {
        tempfile::Builder::new()
            .prefix(&format!("{}-", std::process::id()))
            .permissions(fs::Permissions::from_mode(FOLDER))
            .tempdir_in(&self.folder)
    }

    /// Removes what processes that are gone have left; one with our own number was before us.
    fn sweep(&self) {
        let own = std::process::id().to_string();
        for entry in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let process = name.to_string_lossy().split('-').next().unwrap_or_default().to_owned();
            if process == own || !Path::new("/proc").join(&process).exists() {
                // What cannot be removed now is tried again by the next start.
                let _ = fs::remove_dir_all(entry.path());
            }
        }
    }
}

/// A new file that only we read.
pub(crate) fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(FILE).open(path)?;
    file.write_all(content)
}

fn is_memory(place: &Path) -> bool {
    #[expect(clippy::unnecessary_cast, reason = "the type differs between systems")]
    statfs(place).is_ok_and(|system| system.f_type as i64 == TMPFS)
}

/// Makes a folder that is ours alone, or finds it: in a place that everybody may write to it may be somebody else's.
fn make(folder: &Path) -> io::Result<()> {
    match fs::DirBuilder::new().mode(FOLDER).create(folder) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        made => return made,
    }
    let found = fs::symlink_metadata(folder)?;
    let ours = found.is_dir() && found.uid() == rustix::process::geteuid().as_raw();
    if !ours {
        return Err(io::Error::new(ErrorKind::PermissionDenied, "the folder is somebody else's"));
    }
    fs::set_permissions(folder, fs::Permissions::from_mode(FOLDER))
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
        write(&path.join("key"), b"secret").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(&path.join("key"))), (0o700, 0o600));
        drop(call);
        assert!(!path.exists());
        fs::remove_dir_all(&private.folder).unwrap();
    }

    #[test]
    fn what_a_killed_server_left_is_removed_by_the_next() {
        let mirrors = tempfile::tempdir().unwrap();
        let first = Private::new(mirrors.path()).unwrap();
        let left = first.folder.join("4194999-left");
        fs::create_dir(&left).unwrap();
        write(&left.join("key"), b"secret").unwrap();
        let second = Private::new(mirrors.path()).unwrap();
        assert!(!left.exists());
        fs::remove_dir_all(&second.folder).unwrap();
    }
}
