//! Backup and restore: one half in one encrypted file each, the database or the key ring, and never both together.

mod passphrase;
mod restore;
mod write;

use std::path::PathBuf;

use storage::{OpenError, SnapshotError};
use vault::KeyRingError;
use vault::backup::{LockError, UnlockError};

pub use self::passphrase::{PASSPHRASE_VARIABLE, PassphraseError, passphrase};
pub use self::restore::{Restored, restore};
pub use self::write::{back_up_database, back_up_keys};
use crate::keys::KeysError;

/// Why nothing was backed up or restored. Each is a sentence for whoever runs the command.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The file to be written is there.
    #[error("{} is there already: give a name that is not in use, nothing is overwritten", path.display())]
    Exists {
        /// Which.
        path: PathBuf,
    },
    /// Something is where the database is to go.
    #[error(
        "the data folder {} is not empty, it has {entry}: restore into a new one, nothing is overwritten",
        path.display()
    )]
    NotEmpty {
        /// The folder.
        path: PathBuf,
        /// The first thing in it.
        entry: String,
    },
    /// The ring comes from where we cannot read or write it for somebody.
    #[error(
        "the keys come from {place}, and are backed up and restored there: fairlead does it for a file alone"
    )]
    KeysElsewhere {
        /// From where.
        place: String,
    },
    /// The place of the keys.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The ring.
    #[error(transparent)]
    Ring(#[from] KeyRingError),
    /// The database, or what the backup has in its place.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// What the backup holds cannot be used.
    #[error("{} opens, but cannot be restored: {cause}", path.display())]
    Content {
        /// The backup.
        path: PathBuf,
        /// Why.
        cause: String,
    },
    /// Where the database is.
    #[error(transparent)]
    Location(#[from] OpenError),
    /// Not written.
    #[error("nothing was backed up to {}", path.display())]
    Lock {
        /// The backup.
        path: PathBuf,
        /// Why.
        #[source]
        cause: LockError,
    },
    /// Does not open.
    #[error("nothing was restored from {}", path.display())]
    Unlock {
        /// The backup.
        path: PathBuf,
        /// Why.
        #[source]
        cause: UnlockError,
    },
    /// A file or folder cannot be used.
    #[error("cannot use {}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
}

/// For `map_err`.
fn failed(path: &std::path::Path) -> impl FnOnce(std::io::Error) -> BackupError + use<> {
    let path = path.to_owned();
    move |cause| BackupError::File { path, cause }
}
