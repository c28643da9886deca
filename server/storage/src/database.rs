//! The pools: one connection that writes, some that read.
//!
//! SQLite allows one writer at a time; with exactly one writing connection everybody queues fairly in the pool
//! instead of failing on locks.

use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};

/// The driver; PostgreSQL joins by becoming a second one here.
pub(crate) type Driver = sqlx::Sqlite;

/// A connection of it.
pub(crate) type Connection = sqlx::SqliteConnection;

/// How long a request waits for a lock or a free connection before it is told to come back later.
const PATIENCE: Duration = Duration::from_secs(5);

/// Connections that read. Readers never wait for the writer in WAL mode; more than this only adds memory.
const READERS: u32 = 8;

/// Both pools.
pub(crate) struct Database {
    read: SqlitePool,
    write: SqlitePool,
}

impl Database {
    /// Opens (and makes) the file. `FULL` synchronisation: an acknowledged commit survives a power cut.
    pub(crate) async fn open(path: &Path) -> Result<Self, sqlx::Error> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .foreign_keys(true)
            .busy_timeout(PATIENCE)
            .pragma("trusted_schema", "OFF");
        let write = SqlitePoolOptions::new()
            .min_connections(1)
            .max_connections(1)
            .acquire_timeout(PATIENCE)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(
                options
                    .clone()
                    .create_if_missing(true)
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(SqliteSynchronous::Full)
                    .optimize_on_close(true, None),
            )
            .await?;
        let read = SqlitePoolOptions::new()
            .max_connections(READERS)
            .acquire_timeout(PATIENCE)
            .connect_lazy_with(options.read_only(true));
        Ok(Self { read, write })
    }

    /// For queries that only read.
    pub(crate) fn read(&self) -> &SqlitePool {
        &self.read
    }

    /// For migrations, checks at start and single statements that write.
    pub(crate) fn write(&self) -> &SqlitePool {
        &self.write
    }

    /// A transaction that has the write lock from its first moment: a lock taken later could not be waited for.
    pub(crate) async fn begin(&self) -> Result<sqlx::Transaction<'static, Driver>, sqlx::Error> {
        self.write.begin_with("BEGIN IMMEDIATE").await
    }

    /// Ends all connections; the last one folds the write-ahead log into the file.
    pub(crate) async fn close(&self) {
        self.read.close().await;
        self.write.close().await;
    }
}
