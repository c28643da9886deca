//! Opening the database: nobody else has it, it is sound, it has this version's tables.

use std::borrow::Cow;
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use sqlx::migrate::{MigrateError, Migrator};

use crate::database::Database;
use crate::error::StorageError;

pub(crate) static MIGRATIONS: Migrator = sqlx::migrate!("./migrations/sqlite");

/// Only the owner: the database holds hashes of passwords and tokens.
pub(crate) const PRIVATE: u32 = 0o600;

/// Why the database was not opened. Each is a sentence for whoever starts the server.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A scheme that this version has no driver for.
    #[error("the database {url:?} is no SQLite file: give a path or sqlite:PATH")]
    Unsupported {
        /// As given, without anything after the scheme.
        url: String,
    },
    /// The file or its lock cannot be made or opened.
    #[error("cannot open {}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// Another process has it.
    #[error(
        "another fairlead has {} open: stop it first, or give this one another data directory",
        path.display()
    )]
    InUse {
        /// The database.
        path: PathBuf,
    },
    /// The check at start found damage.
    #[error(
        "{} is damaged ({detail}): stop here, keep a copy of the file and restore the last backup",
        path.display()
    )]
    Damaged {
        /// The database.
        path: PathBuf,
        /// The first finding.
        detail: String,
    },
    /// A newer version has migrated it.
    #[error(
        "{} was used by a newer version of fairlead (migration {migration}): start that version or a newer one",
        path.display()
    )]
    Newer {
        /// The database.
        path: PathBuf,
        /// The first migration this version does not know.
        migration: i64,
    },
    /// A migration failed; nothing of it was kept.
    #[error("cannot bring {} to this version's tables", path.display())]
    Migrate {
        /// The database.
        path: PathBuf,
        /// Why.
        #[source]
        cause: MigrateError,
    },
    /// Anything else the database said.
    #[error("cannot use {}", path.display())]
    Storage {
        /// The database.
        path: PathBuf,
        /// Why.
        #[source]
        cause: StorageError,
    },
}

/// Holds the database for this process until it is dropped.
pub(crate) struct Opened {
    pub(crate) database: Database,
    /// `None` when opened beside a server.
    pub(crate) lock: Option<File>,
    pub(crate) path: PathBuf,
}

/// Locks, opens, checks and migrates.
pub(crate) async fn open(location: &str) -> Result<Opened, OpenError> {
    let path = path_of(location)?;
    let lock = lock(&path)?;
    open_with(path, Some(lock)).await
}

/// The same without the lock: a server may have it.
pub(crate) async fn open_beside(location: &str) -> Result<Opened, OpenError> {
    open_with(path_of(location)?, None).await
}

async fn open_with(path: PathBuf, lock: Option<File>) -> Result<Opened, OpenError> {
    create_private(&path)?;
    let database = Database::open(&path).await.map_err(|error| storage(&path, error))?;
    quick_check(&database, &path).await?;
    MIGRATIONS.run(database.write()).await.map_err(|cause| migrate(&path, cause))?;
    Ok(Opened { database, lock, path })
}

/// The file of `sqlite:PATH`, `sqlite://PATH` or a plain path.
pub(crate) fn path_of(location: &str) -> Result<PathBuf, OpenError> {
    let path = location.strip_prefix("sqlite:").map(|rest| rest.strip_prefix("//").unwrap_or(rest));
    match path {
        Some(path) => Ok(PathBuf::from(path)),
        None if location.contains("://") => {
            let scheme = location.split("://").next().unwrap_or_default();
            Err(OpenError::Unsupported { url: format!("{scheme}://…") })
        }
        None => Ok(PathBuf::from(location)),
    }
}

/// An advisory lock beside the database: the database's own locks are held for moments only, so a second
/// process would start, and both would believe to be the only reconciler.
fn lock(database: &Path) -> Result<File, OpenError> {
    let mut path = database.as_os_str().to_owned();
    path.push(".lock");
    let path = PathBuf::from(path);
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(PRIVATE)
        .open(&path)
        .map_err(|cause| OpenError::File { path: path.clone(), cause })?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse { path: database.to_owned() }),
        Err(TryLockError::Error(cause)) => Err(OpenError::File { path, cause }),
    }
}

/// Makes the file before SQLite does, readable for the owner alone; its log files take over the mode.
fn create_private(path: &Path) -> Result<(), OpenError> {
    match OpenOptions::new().write(true).create_new(true).mode(PRIVATE).open(path) {
        Ok(_) => Ok(()),
        Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(cause) => Err(OpenError::File { path: path.to_owned(), cause }),
    }
}

async fn quick_check(database: &Database, path: &Path) -> Result<(), OpenError> {
    let finding = sqlx::query_scalar::<_, String>("PRAGMA quick_check(1)").fetch_one(database.write()).await;
    match finding {
        Ok(finding) if finding == "ok" => Ok(()),
        Ok(detail) => Err(OpenError::Damaged { path: path.to_owned(), detail }),
        Err(error) => Err(storage(path, error)),
    }
}

/// Result codes of SQLite for a file that is no sound database (sqlite.org/rescode.html).
const SQLITE_CORRUPT: &str = "11";
const SQLITE_NOTADB: &str = "26";

fn storage(path: &Path, error: sqlx::Error) -> OpenError {
    let code = error.as_database_error().and_then(|cause| cause.code().map(Cow::into_owned));
    if matches!(code.as_deref(), Some(SQLITE_CORRUPT | SQLITE_NOTADB)) {
        return OpenError::Damaged { path: path.to_owned(), detail: error.to_string() };
    }
    OpenError::Storage { path: path.to_owned(), cause: error.into() }
}

fn migrate(path: &Path, cause: MigrateError) -> OpenError {
    match cause {
        MigrateError::VersionMissing(migration) => OpenError::Newer { path: path.to_owned(), migration },
        cause => OpenError::Migrate { path: path.to_owned(), cause },
    }
}
