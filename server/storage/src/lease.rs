//! The lease of a configuration: who may run it, with a number that grows so that a late run is refused.

use domain::clock::Timestamp;
use domain::event::StatusEvent;
use domain::id::{ClusterId, ConfigurationId};

use crate::Storage;
use crate::column;
use crate::error::StorageError;
use crate::unit::UnitOfWork;

/// The right to run one configuration, until somebody else gets it. Every write of a run needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    configuration: ConfigurationId,
    holder: String,
    epoch: i64,
    until: Timestamp,
    wished_at: Timestamp,
}

impl Lease {
    /// Whose.
    pub fn configuration(&self) -> ConfigurationId {
        self.configuration
    }

    /// Who: one process.
    pub fn holder(&self) -> &str {
        &self.holder
    }

    /// Grows with every lease of the configuration: what a run that was overtaken still writes is refused.
    pub fn epoch(&self) -> i64 {
        self.epoch
    }

    /// When the run that it is for became due, or was last wished for: what was asked for since then is news to it.
    pub fn wished_at(&self) -> Timestamp {
        self.wished_at
    }

    /// When it may be given to another. A run plans its deadlines before this.
    pub fn until(&self) -> Timestamp {
        self.until
    }
}

impl Storage {
    /// Takes the lease for `ttl_milliseconds`. `None` while somebody holds it (the same holder too: one run at
    /// a time) or when the configuration is gone. Taking it takes up the wish for a sync; the run stays due
    /// until it is recorded, so that an interrupted one begins again.
    #[tracing::instrument(name = "db.lease.acquire", skip_all, err(level = "debug"))]
    pub async fn acquire_lease(
        &self,
        configuration: ConfigurationId,
        holder: &str,
        ttl_milliseconds: i64,
    ) -> Result<Option<Lease>, StorageError> {
        let mut unit = self.begin().await?;
        let now = unit.now();
        let until = now.plus_milliseconds(ttl_milliseconds);
        let wishes: Option<(i64, Option<i64>, Option<i64>)> = sqlx::query_as(
            "SELECT next_due_at, sync_requested_at, hint_at FROM configuration_status WHERE configuration_id = $1",
        )
        .bind(configuration.to_string())
        .fetch_optional(unit.connection())
        .await?;
        let Some((due, requested, hint)) = wishes else { return Ok(None) };
        let wished_at = Timestamp([Some(due), requested, hint].into_iter().flatten().max().unwrap_or(now.0));
        sqlx::query(
            "UPDATE configuration_status SET sync_requested_at = NULL, hint_at = NULL, \
             next_due_at = CASE WHEN next_due_at < $1 THEN next_due_at ELSE $1 END \
             WHERE configuration_id = $2",
        )
        .bind(now.0)
        .bind(configuration.to_string())
        .execute(unit.connection())
        .await?;
        let given: Option<i64> = sqlx::query_scalar(
            "INSERT INTO leases (configuration_id, holder, epoch, held_until) VALUES ($1, $2, 1, $3) \
             ON CONFLICT (configuration_id) DO UPDATE SET holder = excluded.holder, \
             epoch = leases.epoch + 1, held_until = excluded.held_until WHERE leases.held_until <= $4 \
             RETURNING epoch",
        )
        .bind(configuration.to_string())
        .bind(holder)
        .bind(until.0)
        .bind(now.0)
        .fetch_optional(unit.connection())
        .await?;
        let Some(epoch) = given else { return Ok(None) };
        unit.commit().await?;
        Ok(Some(Lease { configuration, holder: holder.to_owned(), epoch, until, wished_at }))
    }

    /// Holds it for `ttl_milliseconds` from now.
    #[tracing::instrument(name = "db.lease.renew", skip_all, err(level = "debug"))]
    pub async fn renew_lease(&self, lease: &Lease, ttl_milliseconds: i64) -> Result<Lease, StorageError> {
        let until = self.now().plus_milliseconds(ttl_milliseconds);
        let updated = sqlx::query(
            "UPDATE leases SET held_until = $1 WHERE configuration_id = $2 AND holder = $3 AND epoch = $4",
        )
        .bind(until.0)
        .bind(lease.configuration.to_string())
        .bind(&lease.holder)
        .bind(lease.epoch)
        .execute(self.database().write())
        .await?;
        match updated.rows_affected() {
            0 => Err(StorageError::LeaseLost { configuration: lease.configuration }),
            _ => Ok(Lease { until, ..lease.clone() }),
        }
    }

    /// Gives it back; nothing is running any more. A run that was not recorded is due again at once. A lease
    /// that was lost is no error here.
    #[tracing::instrument(name = "db.lease.release", skip_all, err(level = "debug"))]
    pub async fn release_lease(&self, lease: Lease) -> Result<(), StorageError> {
        let mut unit = self.begin().await?;
        let released = sqlx::query(
            "UPDATE leases SET held_until = 0 WHERE configuration_id = $1 AND holder = $2 AND epoch = $3",
        )
        .bind(lease.configuration.to_string())
        .bind(&lease.holder)
        .bind(lease.epoch)
        .execute(unit.connection())
        .await?;
        if released.rows_affected() == 0 {
            return Ok(());
        }
        let stopped: Option<i64> = sqlx::query_scalar(
            "UPDATE configuration_status SET syncing = NULL, version = version + 1 \
             WHERE configuration_id = $1 AND syncing IS NOT NULL RETURNING version",
        )
        .bind(lease.configuration.to_string())
        .fetch_optional(unit.connection())
        .await?;
        if let Some(version) = stopped {
            unit.tell_configuration(lease.configuration, version).await?;
        }
        unit.wake();
        unit.commit().await
    }
}

impl Storage {
    /// Refuses when the lease is lost: for what a run is about to do outside of the database.
    #[tracing::instrument(name = "db.lease.check", skip_all, err(level = "debug"))]
    pub async fn check_lease(&self, lease: &Lease) -> Result<(), StorageError> {
        let mut unit = self.begin().await?;
        unit.check_lease(lease).await
    }
}

impl UnitOfWork {
    /// The fence: no write of a run happens in a transaction that has not passed this.
    pub(crate) async fn check_lease(&mut self, lease: &Lease) -> Result<(), StorageError> {
        let held: Option<i64> = sqlx::query_scalar(
            "SELECT epoch FROM leases \
             WHERE configuration_id = $1 AND holder = $2 AND epoch = $3 AND held_until > 0",
        )
        .bind(lease.configuration.to_string())
        .bind(&lease.holder)
        .bind(lease.epoch)
        .fetch_optional(self.connection())
        .await?;
        match held {
            Some(_) => Ok(()),
            None => Err(StorageError::LeaseLost { configuration: lease.configuration }),
        }
    }

    /// Tells the pages that a configuration has this version after the commit.
    pub(crate) async fn tell_configuration(
        &mut self,
        id: ConfigurationId,
        version: i64,
    ) -> Result<(), StorageError> {
        let cluster: String = sqlx::query_scalar("SELECT cluster_id FROM configurations WHERE id = $1")
            .bind(id.to_string())
            .fetch_one(self.connection())
            .await?;
        let cluster: ClusterId =
            column::id("cluster_id", &cluster).map_err(|error| error.of("configuration", &id.to_string()))?;
        self.tell(StatusEvent::Configuration { id, cluster, version });
        Ok(())
    }
}
