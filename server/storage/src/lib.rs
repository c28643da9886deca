#![doc = include_str!("../README.md")]

mod access;
mod audit;
mod cluster;
mod column;
mod configuration;
mod database;
mod embed;
mod error;
mod health;
mod history;
mod identity;
mod inventory;
mod lease;
mod link;
mod managed;
mod open;
mod outbound;
mod place;
mod provider;
mod prune;
mod queue;
mod quota;
mod release;
mod retirement;
mod role;
mod rotation;
mod secret;
mod service_account;
mod session;
mod signals;
mod snapshot;
mod sync;
mod term;
mod throttle;
mod token;
mod unit;
mod user;
mod visibility;
mod webhook;

pub use access::RepositoryAccess;
pub use audit::{AuditCheck, AuditEnd, AuditEntry, AuditFilter, AuditOutcome, AuditRecord, FieldChange};
pub use cluster::{ClusterDraft, ClusterRecord, NewCluster};
pub use configuration::{
    ConfigurationFilter, ConfigurationPage, ConfigurationRecord, ConfigurationSummary, LeftOut,
    NamedConfiguration, OperatorObject, OperatorOf, StoredState, Work,
};
pub use embed::{EmbedCodeRecord, EmbedParentRecord, EmbedSessionUse};
pub use error::{StorageError, Taken};
pub use health::HealthUpdate;
pub use history::{HistoryEntry, NewChangeSet, StoredChangeSet};
pub use inventory::{InventoryItem, InventoryState};
pub use lease::Lease;
pub use link::LinkPurpose;
pub use managed::ManagedObject;
pub use open::OpenError;
pub use outbound::OutboundRecord;
pub use place::{ListedPlace, PlaceRecord, ResourceGroupRecord};
pub use provider::{Identity, NewPendingSignIn, PendingSignIn};
pub use prune::{NewPruneList, PruneList};
pub use queue::DueConfiguration;
pub use quota::QuotaRecord;
pub use release::{
    DueReleases, FollowedReleases, ReleaseLease, ReleaseRecord, ReleaseWork, ReleasedObjects,
    StoredReleaseRow,
};
pub use retirement::Retirement;
pub use role::{Holder, RoleAssignment};
pub use rotation::StoredSecret;
pub use secret::SecretOwner;
pub use service_account::{NewServiceAccount, ServiceAccountRecord};
pub use session::{NewSession, SessionRecord, SessionUse};
pub use signals::Signals;
pub use snapshot::{Snapshot, SnapshotError, check_snapshot, database_file};
pub use sync::{Applied, AppliedObject, ForeignClaim, IntendedObject, RunRecord, StoredPutOff};
pub use term::OperatorOfCluster;
pub use throttle::Throttle;
pub use token::{NewToken, TokenRecord, TokenUse};
pub use unit::UnitOfWork;
pub use user::{PersonRecord, UserRecord};
pub use webhook::{WebhookRecord, WebhookTarget};

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use domain::clock::{Clock, Timestamp};
use domain::id::InstallationId;

use crate::database::Database;
use crate::open::Opened;

/// The database; cheap to clone.
#[derive(Clone)]
pub struct Storage {
    inner: Arc<Inner>,
}

struct Inner {
    database: Database,
    clock: Arc<dyn Clock>,
    signals: Signals,
    installation: InstallationId,
    /// Held for as long as anybody has the database; none for a command beside a server.
    _lock: Option<File>,
}

impl Storage {
    /// Opens the database at a path, `sqlite:PATH` or `sqlite://PATH`, and makes it when it is not there.
    /// Refused while another process has it, when it is damaged, or when a newer version has migrated it.
    /// Runs that were interrupted are due again.
    #[tracing::instrument(name = "db.open", skip_all)]
    pub async fn open(location: &str, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        let Opened { database, lock, path } = open::open(location).await?;
        let storage = Self::with(database, clock, lock);
        storage.await.map_err(|cause| OpenError::Storage { path, cause })
    }

    /// Opens a database that a server may have open at the same time: for commands that write a row or two.
    /// Takes no lock and touches no run. Made with its tables when it is not there.
    #[tracing::instrument(name = "db.open_beside", skip_all)]
    pub async fn open_beside(location: &str, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        let Opened { database, lock, path } = open::open_beside(location).await?;
        let installation = installation(&database, clock.now()).await;
        let installation = installation.map_err(|cause| OpenError::Storage { path, cause })?;
        let inner = Inner { database, clock, signals: Signals::new(), installation, _lock: lock };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The file given or a name for it in a data directory.
    pub fn location_in(data_directory: &Path) -> String {
        data_directory.join("fairlead.db").display().to_string()
    }

    async fn with(
        database: Database,
        clock: Arc<dyn Clock>,
        lock: Option<File>,
    ) -> Result<Self, StorageError> {
        let installation = installation(&database, clock.now()).await?;
        let inner = Inner { database, clock, signals: Signals::new(), installation, _lock: lock };
        let storage = Self { inner: Arc::new(inner) };
        storage.chain_audit().await?;
        storage.resume_interrupted().await?;
        Ok(storage)
    }

    /// Which installation this database is.
    pub fn installation(&self) -> InstallationId {
        self.inner.installation
    }

    /// Wake-up of the queue and feed of the pages.
    pub fn signals(&self) -> &Signals {
        &self.inner.signals
    }

    /// Whether the database answers; for readiness.
    #[tracing::instrument(name = "db.ping", skip_all, err(level = "debug"))]
    pub async fn ping(&self) -> Result<(), StorageError> {
        sqlx::query("SELECT 1").execute(self.database().read()).await?;
        Ok(())
    }

    /// Ends all connections, waiting for what is under way.
    pub async fn close(&self) {
        self.database().close().await;
    }

    pub(crate) fn database(&self) -> &Database {
        &self.inner.database
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }
}

/// The installation's id: made with its database.
async fn installation(database: &Database, now: Timestamp) -> Result<InstallationId, StorageError> {
    let id = identity::new_uuid(now)?;
    sqlx::query(
        "INSERT INTO installation (single, id, created_at) VALUES (1, $1, $2) ON CONFLICT (single) DO NOTHING",
    )
    .bind(id.to_string())
    .bind(now.0)
    .execute(database.write())
    .await?;
    let id: String = sqlx::query_scalar("SELECT id FROM installation WHERE single = 1")
        .fetch_one(database.write())
        .await?;
    column::id("id", &id).map_err(|error| error.of("installation", &id))
}
