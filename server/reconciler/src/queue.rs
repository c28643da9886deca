//! Takes what is due and starts it: woken by commits and by time, fairly between teams and clusters.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::clock::Clock;
use domain::id::{ConfigurationId, InstallationId};
use domain::release::ReleaseKey;
use domain::service::PlanView;
use engine::port::generate::Generate;
use engine::port::helm::{Deployed, Helm, HelmError, HelmVersion, Revision};
use engine::port::source::Source;
use storage::{DueConfiguration, Storage, StorageError};
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::fairness::{Candidate, Running, choose};
use crate::port::{Clusters, Credentials};
use crate::preview::{Unplanned, preview};
use crate::releases::{self, Releases};
use crate::run::{Ports, team};
use crate::{connectivity, follow, retire, tidy, worker};

/// Syncs of one cluster at once: its API server is shared with everybody who uses the cluster.
const PER_CLUSTER: usize = 4;
/// Due configurations read at once; more than can start, so that fairness has a choice.
const READ_AT_ONCE: u32 = 512;
/// Longest sleep: a wake-up that was lost costs at most this.
const SLEEP_MAX: Duration = Duration::from_secs(10);
/// Pause after the database failed.
const AFTER_FAILURE: Duration = Duration::from_secs(1);
/// How long what was read as due is believed while some of it waits for its turn: reading a long queue again for each
/// run that ends would cost more than the runs.
const BELIEVED: Duration = Duration::from_millis(100);
/// Ends of runs that come together start their successors together.
const GATHER: Duration = Duration::from_millis(5);

/// How much is done at once.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Syncs at once over all clusters.
    pub workers: usize,
    /// Time between two looks at a cluster.
    pub cluster_interval: Duration,
}

/// The outside world, each part behind its port.
#[derive(Clone)]
pub struct Outside {
    /// Repositories.
    pub source: Arc<dyn Source>,
    /// Commands that make manifests of them.
    pub generate: Arc<dyn Generate>,
    /// What keeps Helm releases.
    pub helm: Arc<dyn Helm>,
    /// Connected clusters.
    pub clusters: Arc<dyn Clusters>,
    /// What repositories are read with.
    pub credentials: Arc<dyn Credentials>,
    /// Time.
    pub clock: Arc<dyn Clock>,
}

/// The reconciler: cheap to clone, one per process.
#[derive(Clone)]
pub struct Reconciler {
    ports: Ports,
    settings: Settings,
    /// Names this process as holder of leases.
    holder: Arc<str>,
    state: Arc<State>,
    /// A run ended.
    ended: Arc<Notify>,
}

#[derive(Default)]
struct State {
    running: Mutex<Book>,
}

#[derive(Default)]
struct Book {
    counts: Running,
    candidates: BTreeMap<ConfigurationId, Candidate>,
    /// Had a whole run since this process started: drift of the time before has been seen.
    seen: BTreeSet<ConfigurationId>,
}

impl Reconciler {
    /// `holder` must differ between processes, also between two lives of one.
    pub fn new(
        storage: Arc<Storage>,
        outside: Outside,
        installation: InstallationId,
        holder: &str,
        settings: Settings,
    ) -> Self {
        let Outside { source, generate, helm, clusters, credentials, clock } = outside;
        Self {
            ports: Ports { storage, source, generate, helm, clusters, credentials, clock, installation },
            settings,
            holder: holder.into(),
            state: Arc::default(),
            ended: Arc::default(),
        }
    }

    /// Starts everything that runs until `stop`; a sync that runs then is finished, none is begun.
    pub fn start(&self, tasks: &TaskTracker, stop: &CancellationToken) {
        let (queue, queue_tasks, queue_stop) = (self.clone(), tasks.clone(), stop.clone());
        tasks.spawn(async move { queue.run(&queue_tasks, &queue_stop).await });
        let releases = Releases::new(self.ports.clone(), self.holder.clone());
        tasks.spawn(releases.run(tasks.clone(), stop.clone()));
        tasks.spawn(retire::run(self.ports.clone(), stop.clone()));
        tasks.spawn(tidy::run(self.ports.clone(), stop.clone()));
        tasks.spawn(follow::run(self.ports.clone(), stop.clone()));
        tasks.spawn(connectivity::run(self.ports.clone(), self.settings.cluster_interval, stop.clone()));
    }

    /// What a sync of a branch or commit of this configuration would do. Nothing is written.
    pub async fn preview(&self, id: ConfigurationId, revision: &str) -> Result<PlanView, Unplanned> {
        preview(&self.ports, id, revision).await
    }

    /// The helm program that keeps releases; else the sentence that says how to get one.
    pub fn helm(&self) -> Result<HelmVersion, HelmError> {
        self.ports.helm.installed()
    }

    /// What helm itself tells of a release of this configuration: how it is now, and its revisions.
    pub async fn release(
        &self,
        id: ConfigurationId,
        namespace: &str,
        release: &str,
    ) -> Result<(Deployed, Vec<Revision>), HelmError> {
        releases::details(&self.ports, id, namespace, release).await
    }

    /// `HelmRelease` objects that this configuration's operator sees and that nobody here keeps.
    pub async fn other_releases(&self, id: ConfigurationId) -> Result<Vec<ReleaseKey>, HelmError> {
        releases::others(&self.ports, id).await
    }

    async fn run(self, tasks: &TaskTracker, stop: &CancellationToken) {
        let mut waiting = Waiting::default();
        while !stop.is_cancelled() {
            let sleep = match self.start_due(&mut waiting, tasks).await {
                Ok(until_next) => until_next,
                Err(error) => {
                    tracing::error!("the queue cannot be read, trying again: {error}");
                    AFTER_FAILURE
                }
            };
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.ports.storage.signals().woken() => {}
                () = self.ended.notified() => tokio::time::sleep(GATHER).await,
                () = tokio::time::sleep(sleep) => {}
            }
        }
    }

    /// Starts what may start, and says how long nothing else becomes due.
    async fn start_due(&self, waiting: &mut Waiting, tasks: &TaskTracker) -> Result<Duration, StorageError> {
        if !waiting.is_believed() {
            // What starts or ends while the list is read may stand in it although its run is on, or over.
            let running = self.running();
            let mut due = self.ports.storage.due(READ_AT_ONCE).await?;
            let later = self.running();
            due.retain(|due| !running.contains(&due.id) && !later.contains(&due.id));
            *waiting = Waiting::read(due);
        }
        for candidate in self.choose(&waiting.due) {
            let requested = waiting.take(candidate.configuration);
            self.start_one(candidate, requested, tasks);
        }
        if !waiting.due.is_empty() {
            return Ok(BELIEVED);
        }
        let next = self.ports.storage.next_due().await?;
        let now = self.ports.clock.now();
        // What is due already and could not start waits for a run to end, not for the clock.
        let wait = next.map(|next| next.milliseconds_since(now)).filter(|wait| *wait > 0);
        let wait = wait.and_then(|wait| u64::try_from(wait).ok()).map_or(SLEEP_MAX, Duration::from_millis);
        Ok(wait.min(SLEEP_MAX))
    }

    fn running(&self) -> BTreeSet<ConfigurationId> {
        self.book().candidates.keys().copied().collect()
    }

    fn choose(&self, due: &[DueConfiguration]) -> Vec<Candidate> {
        let book = self.book();
        let waiting: Vec<Candidate> = due
            .iter()
            .filter(|due| !book.candidates.contains_key(&due.id))
            .filter_map(|due| {
                Some(Candidate { configuration: due.id, cluster: due.cluster, team: team(&due.place)? })
            })
            .collect();
        let free = self.settings.workers.saturating_sub(book.candidates.len());
        choose(&waiting, &book.counts, free, PER_CLUSTER)
    }

    fn start_one(&self, candidate: Candidate, requested: bool, tasks: &TaskTracker) {
        let whole = {
            let mut book = self.book();
            book.counts.start(&candidate);
            book.candidates.insert(candidate.configuration, candidate);
            requested || book.seen.insert(candidate.configuration)
        };
        let reconciler = self.clone();
        tasks.spawn(async move {
            // Counted as ended also when the run panics.
            let _ended = Ended { reconciler: &reconciler, candidate };
            let id = candidate.configuration;
            match worker::work(reconciler.ports.clone(), &reconciler.holder, id, whole).await {
                Ok(_) => {}
                Err(StorageError::LeaseLost { .. }) => {
                    tracing::warn!(configuration.id = %id, "a sync of configuration {id} stopped: its lease is lost");
                }
                Err(error) => {
                    tracing::error!(configuration.id = %id, "a sync of configuration {id} could not be recorded: {error}");
                    tokio::time::sleep(AFTER_FAILURE).await;
                }
            }
        });
    }

    fn book(&self) -> std::sync::MutexGuard<'_, Book> {
        self.state.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is due and waits for its turn, as it was read last.
#[derive(Default)]
struct Waiting {
    due: Vec<DueConfiguration>,
    read_at: Option<Instant>,
}

impl Waiting {
    fn read(due: Vec<DueConfiguration>) -> Self {
        metrics::gauge!("fairlead_queue_due").set(f64::from(u32::try_from(due.len()).unwrap_or(u32::MAX)));
        Self { due, read_at: Some(Instant::now()) }
    }

    /// Nothing that waits: then whatever woke the queue is to be read.
    fn is_believed(&self) -> bool {
        !self.due.is_empty() && self.read_at.is_some_and(|read| read.elapsed() < BELIEVED)
    }

    /// Takes one out; whether a person asked for it.
    fn take(&mut self, id: ConfigurationId) -> bool {
        let at = self.due.iter().position(|due| due.id == id);
        at.is_some_and(|at| self.due.remove(at).requested)
    }
}

struct Ended<'reconciler> {
    reconciler: &'reconciler Reconciler,
    candidate: Candidate,
}

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        let mut book = self.reconciler.book();
        book.counts.end(&self.candidate);
        book.candidates.remove(&self.candidate.configuration);
        drop(book);
        self.reconciler.ended.notify_one();
    }
}
