//! Writing a half into its file.

use std::fs::{File, Permissions};
use std::io::{self, BufWriter, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use secrecy::SecretString;
use storage::Snapshot;
use tempfile::NamedTempFile;
use vault::KeyRing;
use vault::backup::{Half, lock};

use super::{BackupError, failed};
use crate::keys::KeyPlace;
use crate::settings::Settings;

/// The owner alone may read and write.
const PRIVATE: u32 = 0o600;

/// Copies the database as it is at this moment, whoever has it open, and encrypts the copy into a new file.
pub async fn back_up_database(
    settings: &Settings,
    passphrase: &SecretString,
    to: &Path,
) -> Result<(), BackupError> {
    refuse_existing(to)?;
    let snapshot = Snapshot::take(&settings.database_url()).await?;
    write(Half::Database, passphrase, snapshot.open()?, to)
}

/// Encrypts the key ring into a new file.
pub fn back_up_keys(settings: &Settings, passphrase: &SecretString, to: &Path) -> Result<(), BackupError> {
    refuse_existing(to)?;
    let path = match KeyPlace::of(settings)? {
        KeyPlace::File(path) => path,
        place => return Err(BackupError::KeysElsewhere { place: place.to_string() }),
    };
    // a ring that could not be used is no backup of one
    KeyRing::load(&path)?;
    write(Half::Keys, passphrase, File::open(&path).map_err(failed(&path))?, to)
}

/// The file gets its name when it is whole and on the disk.
fn write(half: Half, passphrase: &SecretString, from: impl Read, to: &Path) -> Result<(), BackupError> {
    let file = private_file(folder_of(to))?;
    let locked = lock(half, passphrase, from, BufWriter::new(file.as_file()));
    locked.map_err(|cause| BackupError::Lock { path: to.to_owned(), cause })?;
    name(file, to)
}

fn refuse_existing(path: &Path) -> Result<(), BackupError> {
    match path.symlink_metadata() {
        Ok(_) => Err(BackupError::Exists { path: path.to_owned() }),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(cause) => Err(failed(path)(cause)),
    }
}

/// A file that goes unless it is given a name.
pub(super) fn private_file(folder: &Path) -> Result<NamedTempFile, BackupError> {
    tempfile::Builder::new()
        .prefix(".fairlead-")
        .permissions(Permissions::from_mode(PRIVATE))
        .tempfile_in(folder)
        .map_err(failed(folder))
}

/// Gives a file its name, unless something has it.
pub(super) fn name(file: NamedTempFile, to: &Path) -> Result<(), BackupError> {
    file.as_file().sync_all().map_err(failed(to))?;
    file.persist_noclobber(to).map_err(|error| match error.error.kind() {
        io::ErrorKind::AlreadyExists => BackupError::Exists { path: to.to_owned() },
        _ => failed(to)(error.error),
    })?;
    let folder = folder_of(to);
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed(folder))
}

/// The folder a file is in.
pub(super) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
