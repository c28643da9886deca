//! Restoring a half into a data folder that has none.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use tempfile::NamedTempFile;
use vault::KeyRing;
use vault::backup::{Half, Unlocked, unlock};

use super::write::{folder_of, name, private_file};
use super::{BackupError, failed};
use crate::composition::make_private_folder;
use crate::keys::KeyPlace;
use crate::settings::Settings;

/// What was restored.
#[derive(Debug)]
pub struct Restored {
    /// Which half.
    pub half: Half,
    /// Where it is now.
    pub path: PathBuf,
}

/// Decrypts a backup, checks it to its end, and only then puts it in its place.
pub async fn restore(
    settings: &Settings,
    passphrase: &SecretString,
    from: &Path,
) -> Result<Restored, BackupError> {
    let file = File::open(from).map_err(failed(from))?;
    let refused = |cause| BackupError::Unlock { path: from.to_owned(), cause };
    let unlocked = unlock(passphrase, BufReader::new(file)).map_err(refused)?;
    let half = unlocked.half;
    let made = !settings.data_dir.exists();
    let path = match half {
        Half::Database => restore_database(settings, from, unlocked).await,
        Half::Keys => restore_keys(settings, from, unlocked),
    };
    if made && path.is_err() {
        // as it was: it fails when there is something in it, and then it stays
        let _ = std::fs::remove_dir(&settings.data_dir);
    }
    Ok(Restored { half, path: path? })
}

async fn restore_database(
    settings: &Settings,
    from: &Path,
    unlocked: Unlocked<BufReader<File>>,
) -> Result<PathBuf, BackupError> {
    let path = storage::database_file(&settings.database_url())?;
    refuse_used(settings, &path)?;
    let file = decrypted(settings, from, unlocked, folder_of(&path))?;
    let checked = storage::check_snapshot(file.path()).await;
    checked.map_err(|cause| BackupError::Content { path: from.to_owned(), cause: cause.to_string() })?;
    name(file, &path)?;
    Ok(path)
}

fn restore_keys(
    settings: &Settings,
    from: &Path,
    unlocked: Unlocked<BufReader<File>>,
) -> Result<PathBuf, BackupError> {
    let path = match KeyPlace::of(settings)? {
        KeyPlace::File(path) => path,
        place => return Err(BackupError::KeysElsewhere { place: place.to_string() }),
    };
    if path.symlink_metadata().is_ok() {
        return Err(BackupError::Exists { path });
    }
    let file = decrypted(settings, from, unlocked, folder_of(&path))?;
    let checked = KeyRing::load(file.path());
    checked.map_err(|cause| BackupError::Content { path: from.to_owned(), cause: cause.to_string() })?;
    name(file, &path)?;
    Ok(path)
}

/// All that the backup holds, in a file without a name of its own, in the folder where it is to stay.
fn decrypted(
    settings: &Settings,
    from: &Path,
    unlocked: Unlocked<BufReader<File>>,
    folder: &Path,
) -> Result<NamedTempFile, BackupError> {
    make_private_folder(&settings.data_dir).map_err(failed(&settings.data_dir))?;
    let file = private_file(folder)?;
    let copied = unlocked.copy(file.as_file());
    copied.map_err(|cause| BackupError::Unlock { path: from.to_owned(), cause })?;
    Ok(file)
}

/// The key ring may be there, for it is restored by itself. Nothing else: what is left of another database, its log
/// first of all, would become part of this one.
fn refuse_used(settings: &Settings, database: &Path) -> Result<(), BackupError> {
    if database.symlink_metadata().is_ok() {
        return Err(BackupError::Exists { path: database.to_owned() });
    }
    let folder = &settings.data_dir;
    let entries = match folder.read_dir() {
        Ok(entries) => entries,
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(cause) => return Err(failed(folder)(cause)),
    };
    for entry in entries {
        let entry = entry.map_err(failed(folder))?;
        if entry.path() != settings.key_file() {
            let entry = entry.file_name().display().to_string();
            return Err(BackupError::NotEmpty { path: folder.clone(), entry });
        }
    }
    for ending in ["-wal", "-shm", "-journal"] {
        let mut path = database.as_os_str().to_owned();
        path.push(ending);
        let path = PathBuf::from(path);
        if path.symlink_metadata().is_ok() {
            return Err(BackupError::Exists { path });
        }
    }
    Ok(())
}
