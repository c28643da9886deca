//! What can go wrong with a query, in kinds that callers act on.

use std::error::Error;

use domain::id::ConfigurationId;
use domain::quota::QuotaReached;

/// Why a read or write did not happen.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// A name or an operator is in use already.
    #[error("taken already: {0:?}")]
    Taken(Taken),
    /// A quota of the resource group leaves no room for one more.
    #[error("the quota leaves no room: {} of {} are used", .0.used, .0.limit)]
    QuotaExceeded(QuotaReached),
    /// Something else still needs the row.
    #[error("still in use")]
    InUse,
    /// The row has another version than the caller read.
    #[error("somebody else changed it since it was read")]
    Stale,
    /// Another run holds the lease now, or the configuration is gone: this run must write nothing more.
    #[error("the lease of configuration {configuration} is lost")]
    LeaseLost {
        /// Whose lease.
        configuration: ConfigurationId,
    },
    /// The row is there but does not say what this version understands.
    #[error("the stored {what} {id} cannot be read: {detail}")]
    Unreadable {
        /// What the row holds, for instance `configuration`.
        what: &'static str,
        /// Id of the row.
        id: String,
        /// Column and cause, without content.
        detail: String,
    },
    /// A value could not be turned into JSON.
    #[error("a value cannot be stored")]
    Unwritable(#[source] serde_json::Error),
    /// The database was locked, or all connections were taken, for as long as a request may wait.
    #[error("the database is busy, try again in some seconds")]
    Busy(#[source] Box<dyn Error + Send + Sync>),
    /// The disk is full or the file may not be written: nothing may be done that could not be recorded.
    #[error("the database cannot be written, see that its disk has room and is not read-only")]
    Full(#[source] Box<dyn Error + Send + Sync>),
    /// The system gives no random numbers for a new id.
    #[error("the system gives no random numbers")]
    Random(#[source] getrandom::Error),
    /// Anything else the database said.
    #[error("the database failed")]
    Database(#[source] Box<dyn Error + Send + Sync>),
}

/// What is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// The cluster has a configuration of this name.
    ConfigurationName,
    /// A configuration has this operator namespace and instance name on this cluster.
    Operator {
        /// Which one.
        configuration: ConfigurationId,
        /// Its name; to be told only where the actor may see it.
        name: String,
    },
    /// Another release of the installation has this name in the cluster.
    ReleaseName,
    /// The resource group has a cluster of this name and type.
    ClusterName,
    /// The subscription's id is in use.
    Subscription,
    /// The subscription has a resource group of this name.
    ResourceGroupName,
    /// There is a user of this name.
    UserName,
    /// An object to be recorded is another configuration's.
    Object,
}

/// Primary result codes of SQLite that callers act on (sqlite.org/rescode.html).
const SQLITE_BUSY: i64 = 5;
const SQLITE_LOCKED: i64 = 6;
const SQLITE_READONLY: i64 = 8;
const SQLITE_FULL: i64 = 13;

impl From<sqlx::Error> for StorageError {
    fn from(error: sqlx::Error) -> Self {
        if matches!(error, sqlx::Error::PoolTimedOut) {
            return Self::Busy(Box::new(error));
        }
        match primary_code(&error) {
            Some(SQLITE_BUSY | SQLITE_LOCKED) => Self::Busy(Box::new(error)),
            Some(SQLITE_READONLY | SQLITE_FULL) => Self::Full(Box::new(error)),
            _ => Self::Database(Box::new(error)),
        }
    }
}

/// The low byte of SQLite's extended code.
fn primary_code(error: &sqlx::Error) -> Option<i64> {
    let code = error.as_database_error()?.code()?.parse::<i64>().ok()?;
    Some(code & 0xff)
}

/// Turns a unique violation into what was taken; anything else stays what it is.
pub(crate) fn taken(taken: Taken) -> impl FnOnce(sqlx::Error) -> StorageError {
    move |error| match error.as_database_error() {
        Some(cause) if cause.is_unique_violation() => StorageError::Taken(taken),
        _ => error.into(),
    }
}
