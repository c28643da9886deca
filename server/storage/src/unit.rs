//! The unit of work: several writes that happen together or not at all.

use domain::clock::Timestamp;
use domain::event::StatusEvent;

use crate::Storage;
use crate::database::{Connection, Driver};
use crate::error::StorageError;

/// A transaction with the write lock. Dropped without [`Self::commit`] it leaves nothing behind. Hold it for
/// writes only, never across a call to the outside world: everybody else who writes waits.
pub struct UnitOfWork {
    storage: Storage,
    transaction: sqlx::Transaction<'static, Driver>,
    now: Timestamp,
    events: Vec<StatusEvent>,
    wake: bool,
}

impl Storage {
    /// Begins a unit of work.
    #[tracing::instrument(name = "db.unit.begin", skip_all, err(level = "debug"))]
    pub async fn begin(&self) -> Result<UnitOfWork, StorageError> {
        let transaction = self.database().begin().await?;
        Ok(UnitOfWork {
            storage: self.clone(),
            transaction,
            now: self.now(),
            events: Vec::new(),
            wake: false,
        })
    }
}

impl UnitOfWork {
    /// Makes it all happen, then tells the open pages and the queue. Once begun it goes on even when the caller
    /// is dropped (a browser that left): nothing is committed without being told.
    #[tracing::instrument(name = "db.unit.commit", skip_all, err(level = "debug"))]
    pub async fn commit(self) -> Result<(), StorageError> {
        let Self { storage, transaction, now: _, events, wake } = self;
        let committed = tokio::spawn(async move {
            transaction.commit().await?;
            for event in events {
                storage.signals().send(event);
            }
            if wake {
                storage.signals().wake();
            }
            Ok(())
        });
        committed.await.map_err(|stopped| StorageError::Database(Box::new(stopped)))?
    }

    /// The moment the unit began: one time for all its rows.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// A new id for a row of this unit.
    pub(crate) fn new_uuid(&self) -> Result<uuid::Uuid, StorageError> {
        crate::identity::new_uuid(self.now)
    }

    pub(crate) fn storage(&self) -> &Storage {
        &self.storage
    }

    pub(crate) fn connection(&mut self) -> &mut Connection {
        &mut self.transaction
    }

    /// Sent after the commit.
    pub(crate) fn tell(&mut self, event: StatusEvent) {
        self.events.push(event);
    }

    /// The queue looks for work after the commit.
    pub(crate) fn wake(&mut self) {
        self.wake = true;
    }
}
