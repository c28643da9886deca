//! One run under its lease: taken, kept while it works, given back.

use std::time::Duration;

use domain::id::ConfigurationId;
use domain::reason::Reason;
use storage::{Lease, StorageError, Work};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::progress;
use crate::reconcile::reconcile;
use crate::run::{Ports, Run, Stop};
use crate::stage::record;

/// How long a lease is held without being renewed. Another process may take over after that; this one has
/// stopped by then, because every write names the lease.
const LEASE_MILLISECONDS: i64 = 60_000;
/// How often it is renewed: two renewals may fail before it ends.
const RENEWAL: Duration = Duration::from_secs(20);
/// Longest run. A run that waits for the outside world longer than this begins again later.
const RUN_MAX: Duration = Duration::from_mins(10);

/// When a row that cannot be read is looked at again: somebody may have mended it.
const UNREADABLE_PAUSE_MILLISECONDS: i64 = 15 * 60 * 1000;

/// Runs a configuration once. `false` when somebody else holds it or it is gone.
pub(crate) async fn work(
    ports: Ports,
    holder: &str,
    id: ConfigurationId,
    whole: bool,
) -> Result<bool, StorageError> {
    let Some(lease) = ports.storage.acquire_lease(id, holder, LEASE_MILLISECONDS).await? else {
        return Ok(false);
    };
    let work = match read(&ports, &lease).await {
        Ok(Some(work)) => work,
        Ok(None) => return Ok(false),
        Err(StorageError::Unreadable { .. }) => {
            release(&ports, lease).await;
            return Ok(true);
        }
        Err(error) => return Err(error),
    };
    let started_at = ports.clock.now();
    // What was put off had found something to do.
    let whole = whole || work.put_off_until.is_some();
    let run = Run { ports, work, lease, started_at, whole, progress: watch::Sender::new(None) };
    let started = Instant::now();
    let outcome = tokio::select! {
        outcome = reconcile(&run) => outcome,
        lost = keep(&run) => Err(lost),
        lost = progress::show(&run) => Err(lost),
        () = tokio::time::sleep(RUN_MAX) => too_long(&run).await,
    };
    metrics::histogram!("fairlead_sync_duration_seconds", "success" => if outcome.is_ok() { "true" } else { "false" })
        .record(started.elapsed().as_secs_f64());
    let Run { ports, lease, .. } = run;
    release(&ports, lease).await;
    outcome.map(|()| true)
}

/// What is to be done. A row that cannot be read is recorded as failed, and must not be tried in a tight loop. Where
/// only its status was at fault, that has put it right, and the run goes on.
async fn read(ports: &Ports, lease: &Lease) -> Result<Option<Work>, StorageError> {
    let id = lease.configuration();
    let error = match ports.storage.work(id).await {
        Err(error @ StorageError::Unreadable { .. }) => error,
        read => return read,
    };
    tracing::error!(configuration.id = %id, "configuration {id} cannot be run: {error}");
    let reason = Reason::ConfigurationUnreadable { id: id.to_string() };
    let next = ports.clock.now().plus_milliseconds(UNREADABLE_PAUSE_MILLISECONDS);
    ports.storage.record_unreadable(lease, &reason, next).await?;
    ports.storage.work(id).await
}

/// Renews the lease for as long as the run goes; ends only when it is lost.
async fn keep(run: &Run) -> StorageError {
    loop {
        tokio::time::sleep(RENEWAL).await;
        if let Err(error) = run.ports.storage.renew_lease(&run.lease, LEASE_MILLISECONDS).await {
            return error;
        }
    }
}

async fn too_long(run: &Run) -> Result<(), StorageError> {
    let detail = format!("the sync took longer than {} s", RUN_MAX.as_secs());
    match Stop::internal(run.id(), &detail) {
        Stop::Failed { reason, .. } => record::failure(run, reason, Some(detail), None).await,
        Stop::PutOff => Ok(()),
        Stop::Storage(error) => Err(error),
    }
}

/// A lease that cannot be given back ends by itself.
async fn release(ports: &Ports, lease: Lease) {
    let id = lease.configuration();
    if let Err(error) = ports.storage.release_lease(lease).await {
        tracing::warn!(configuration.id = %id, "the lease of configuration {id} is not given back: {error}");
    }
}
