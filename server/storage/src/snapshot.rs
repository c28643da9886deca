//! A copy of the database as it was at one moment, taken beside whoever writes, and the check of such a copy.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqliteConnection};

use crate::error::StorageError;
use crate::open::{MIGRATIONS, OpenError, PRIVATE, path_of};

/// How long a lock is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// Why there is no copy, or why one is refused. Each is a sentence for whoever runs the command.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The location is none of a database that can be copied.
    #[error(transparent)]
    Location(#[from] OpenError),
    /// There is no database.
    #[error("there is no database at {}: give the data folder of the server that is to be backed up", path.display())]
    Missing {
        /// Where it should be.
        path: PathBuf,
    },
    /// Another process copies it.
    #[error("another backup of {} is under way: wait until it has ended", path.display())]
    UnderWay {
        /// The database.
        path: PathBuf,
    },
    /// A file cannot be made, read or removed.
    #[error("cannot use {}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// The database refused.
    #[error("cannot copy {}", path.display())]
    Storage {
        /// The database.
        path: PathBuf,
        /// Why.
        #[source]
        cause: StorageError,
    },
    /// The copy is damaged, or no database at all.
    #[error("this is no sound database ({detail})")]
    Damaged {
        /// The first finding.
        detail: String,
    },
    /// A database of another program.
    #[error("this is a database, but none of fairlead")]
    Foreign,
    /// A newer version has migrated it.
    #[error(
        "this is from a newer version of fairlead (migration {migration}): restore it with that version or a newer one"
    )]
    Newer {
        /// The first migration this version does not know.
        migration: i64,
    },
}

/// A copy of a database, beside it, for the owner alone. Removed when dropped.
#[derive(Debug)]
pub struct Snapshot {
    path: PathBuf,
    /// Locked for as long as the copy is in use.
    file: File,
}

/// The file of a database by its location: a path, `sqlite:PATH` or `sqlite://PATH`.
pub fn database_file(location: &str) -> Result<PathBuf, OpenError> {
    path_of(location)
}

impl Snapshot {
    /// Copies the database, whoever has it open; nothing in it is changed, migrated or waited for.
    pub async fn take(location: &str) -> Result<Self, SnapshotError> {
        let database = path_of(location)?;
        if !database.is_file() {
            return Err(SnapshotError::Missing { path: database });
        }
        let snapshot = Self::reserve(&database)?;
        let copied = copy(&database, &snapshot.path).await;
        copied.map_err(|cause| SnapshotError::Storage { path: database, cause: cause.into() })?;
        Ok(snapshot)
    }

    /// The copy, from its first byte.
    pub fn open(&self) -> Result<File, SnapshotError> {
        File::open(&self.path).map_err(|cause| SnapshotError::File { path: self.path.clone(), cause })
    }

    /// An empty file of one name, so that what a killed backup left is found by the next one.
    fn reserve(database: &Path) -> Result<Self, SnapshotError> {
        let mut path = database.as_os_str().to_owned();
        path.push(".snapshot");
        let path = PathBuf::from(path);
        let failed = |cause| SnapshotError::File { path: path.clone(), cause };
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(PRIVATE)
            .open(&path)
            .map_err(failed)?;
        let under_way = || SnapshotError::UnderWay { path: database.to_owned() };
        file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => under_way(),
            TryLockError::Error(cause) => failed(cause),
        })?;
        // another backup may have ended, and removed its file, between the two steps above
        let same = std::fs::metadata(&path).and_then(|there| Ok(there.ino() == file.metadata()?.ino()));
        if !same.unwrap_or(false) {
            return Err(under_way());
        }
        file.set_len(0).map_err(failed)?;
        Ok(Self { path, file })
    }
}

impl Drop for Snapshot {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_file(&self.path) {
            tracing::warn!("the copy {} cannot be removed: {error}", self.path.display());
        }
        // only now may another backup use the name
        let _ = self.file.unlock();
    }
}

async fn copy(database: &Path, to: &Path) -> Result<(), sqlx::Error> {
    let options = SqliteConnectOptions::new().filename(database).read_only(true).busy_timeout(PATIENCE);
    let mut connection = options.connect().await?;
    let copied = sqlx::query("VACUUM INTO $1").bind(to.display().to_string()).execute(&mut connection).await;
    connection.close().await?;
    copied.map(|_| ())
}

/// Whether a file is a sound database of this version or an older one. Nothing is written, not even beside it.
pub async fn check_snapshot(path: &Path) -> Result<(), SnapshotError> {
    let options = SqliteConnectOptions::new().filename(path).read_only(true).immutable(true);
    let damaged = |error: sqlx::Error| SnapshotError::Damaged { detail: error.to_string() };
    let mut connection = options.pragma("trusted_schema", "OFF").connect().await.map_err(damaged)?;
    let checked = check(&mut connection).await;
    connection.close().await.map_err(damaged)?;
    checked
}

async fn check(connection: &mut SqliteConnection) -> Result<(), SnapshotError> {
    let damaged = |error: sqlx::Error| SnapshotError::Damaged { detail: error.to_string() };
    let finding: String =
        sqlx::query_scalar("PRAGMA integrity_check(1)").fetch_one(&mut *connection).await.map_err(damaged)?;
    if finding != "ok" {
        return Err(SnapshotError::Damaged { detail: finding });
    }
    let tables: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name IN ('_sqlx_migrations', 'installation')",
    )
    .fetch_one(&mut *connection)
    .await
    .map_err(damaged)?;
    if tables != 2 {
        return Err(SnapshotError::Foreign);
    }
    let migrations: Vec<i64> = sqlx::query_scalar("SELECT version FROM _sqlx_migrations ORDER BY version")
        .fetch_all(&mut *connection)
        .await
        .map_err(damaged)?;
    match migrations.into_iter().find(|version| !MIGRATIONS.version_exists(*version)) {
        Some(migration) => Err(SnapshotError::Newer { migration }),
        None => Ok(()),
    }
}
