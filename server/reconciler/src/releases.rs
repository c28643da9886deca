//! Keeps Helm releases: one for each `HelmRelease` object that a sync applied, as the Flux Helm operator v1 did in the
//! cluster.
//!
//! ```text
//! due releases of a configuration ─► pass (what all of them need, read once)
//!                                      └─► look, one task for each release ─► decide (pure) ─► act (helm) ─► record
//! watches of what releases made ─► follow: a release that drifted is due at once
//! ```
//!
//! A release has a lease of its own: one that waits for its hooks holds up neither the sync nor its neighbours.

mod act;
mod ask;
mod chart;
mod follow;
mod look;
mod made;
mod pass;
mod record;
mod remove;
mod values;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::id::ConfigurationId;
use storage::{DueReleases, ReleaseWork, StorageError};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::pass::Pass;
use crate::run::Ports;

pub(crate) use self::ask::{details, others};
pub(crate) use self::follow::{Followed, follow};

/// Configurations whose releases are looked at at once.
const PASSES: usize = 8;
/// Releases of a configuration that one pass takes up.
const CLAIMED: u32 = 256;
/// How long a release is held without being renewed, and how often it is.
const HELD_MILLISECONDS: i64 = 60_000;
const RENEWAL: Duration = Duration::from_secs(20);
/// Longest sleep: a wake-up that was lost costs at most this.
const SLEEP_MAX: Duration = Duration::from_secs(10);
/// Pause after the database failed, and between two readings of the queue.
const PAUSE: Duration = Duration::from_secs(1);
const GATHER: Duration = Duration::from_millis(50);

/// The queue of one process.
pub(crate) struct Releases {
    ports: Ports,
    holder: Arc<str>,
    book: Mutex<Book>,
}

#[derive(Default)]
struct Book {
    passing: BTreeSet<ConfigurationId>,
    /// How many of a configuration's releases are worked on at once (`workers`).
    turns: BTreeMap<ConfigurationId, (usize, Arc<Semaphore>)>,
}

impl Releases {
    pub(crate) fn new(ports: Ports, holder: Arc<str>) -> Self {
        Self { ports, holder, book: Mutex::default() }
    }

    /// Works until `stop`; what runs then is finished.
    pub(crate) async fn run(self, tasks: TaskTracker, stop: CancellationToken) {
        let releases = Arc::new(self);
        while !stop.is_cancelled() {
            let sleep = match releases.start_due(&tasks).await {
                Ok(sleep) => sleep,
                Err(error) => {
                    tracing::error!("the releases that are due cannot be read, trying again: {error}");
                    PAUSE
                }
            };
            tokio::select! {
                () = stop.cancelled() => {}
                () = releases.ports.storage.signals().releases_woken() => tokio::time::sleep(GATHER).await,
                () = tokio::time::sleep(sleep) => {}
            }
        }
    }

    async fn start_due(self: &Arc<Self>, tasks: &TaskTracker) -> Result<Duration, StorageError> {
        let due = self.ports.storage.due_releases(u32::try_from(PASSES * 2).unwrap_or(u32::MAX)).await?;
        metrics::gauge!("flux_helm_operator_release_queue_length_count")
            .set(f64::from(u32::try_from(due.len()).unwrap_or(u32::MAX)));
        for due in due {
            if !self.begin(due.configuration) {
                continue;
            }
            let (releases, tasks_of_pass) = (Arc::clone(self), tasks.clone());
            tasks.spawn(async move {
                let _passing = Passing { releases: &releases, configuration: due.configuration };
                if let Err(error) = releases.pass(due, &tasks_of_pass).await {
                    tracing::error!(
                        configuration.id = %due.configuration,
                        "the releases of configuration {} cannot be looked at: {error}", due.configuration
                    );
                    tokio::time::sleep(PAUSE).await;
                }
            });
        }
        let next = self.ports.storage.next_due_release().await?;
        let wait = next.map(|next| next.milliseconds_since(self.ports.clock.now()));
        let wait = wait.map(|wait| Duration::from_millis(u64::try_from(wait).unwrap_or_default()));
        Ok(wait.map_or(SLEEP_MAX, |wait| wait.clamp(GATHER, SLEEP_MAX)))
    }

    /// Takes up what is due of one configuration, and begins a task for each release.
    async fn pass(self: &Arc<Self>, due: DueReleases, tasks: &TaskTracker) -> Result<(), StorageError> {
        let claimed = self
            .ports
            .storage
            .claim_releases(due.configuration, &self.holder, HELD_MILLISECONDS, CLAIMED)
            .await?;
        if claimed.is_empty() {
            return Ok(());
        }
        let pass = match Pass::begin(&self.ports, due.configuration).await? {
            Ok(pass) => Arc::new(pass),
            Err(stop) => return record::stopped(&self.ports, &claimed, &stop).await,
        };
        let turns = self.turns(due.configuration, pass.options.workers);
        for work in claimed {
            let (pass, turns) = (Arc::clone(&pass), Arc::clone(&turns));
            tasks.spawn(async move { work_on(&pass, &turns, &work).await });
        }
        Ok(())
    }

    fn begin(&self, configuration: ConfigurationId) -> bool {
        let mut book = self.lock();
        book.passing.len() < PASSES && book.passing.insert(configuration)
    }

    fn turns(&self, configuration: ConfigurationId, workers: usize) -> Arc<Semaphore> {
        let mut book = self.lock();
        let turns =
            book.turns.entry(configuration).or_insert_with(|| (workers, Arc::new(Semaphore::new(workers))));
        if turns.0 != workers {
            *turns = (workers, Arc::new(Semaphore::new(workers)));
        }
        Arc::clone(&turns.1)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One release under its lease, to its end.
async fn work_on(pass: &Pass, turns: &Semaphore, work: &ReleaseWork) {
    let ended = tokio::select! {
        ended = look::look(pass, turns, work) => ended,
        lost = keep(pass, work) => Err(lost),
    };
    let (id, key) = (pass.configuration.id, &work.lease.key);
    match ended {
        Ok(()) => {}
        Err(StorageError::LeaseLost { .. }) => {
            tracing::warn!(configuration.id = %id, "the work on release {key} stopped: its lease is lost");
        }
        Err(error) => {
            tracing::error!(configuration.id = %id, "what came of release {key} could not be recorded: {error}");
        }
    }
}

/// Renews the lease for as long as the work goes; ends only when it is lost.
async fn keep(pass: &Pass, work: &ReleaseWork) -> StorageError {
    loop {
        tokio::time::sleep(RENEWAL).await;
        if let Err(error) = pass.ports.storage.renew_release(&work.lease, HELD_MILLISECONDS).await {
            return error;
        }
    }
}

struct Passing<'releases> {
    releases: &'releases Releases,
    configuration: ConfigurationId,
}

impl Drop for Passing<'_> {
    fn drop(&mut self) {
        self.releases.lock().passing.remove(&self.configuration);
    }
}
