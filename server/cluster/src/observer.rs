//! Our objects as the cluster's watches see them: one label-selected watch per kind, under the kubeconfig's identity.
//! What was applied from Git is one sight, the operators' own objects are another (`operator::sight`).
//!
//! What is kept of an object is who it is, the hash of our fields and its health; objects of kinds without status
//! rules are asked for as metadata only. Nothing waits here: whoever wants to know reads the last known state or
//! listens for changes.

mod events;
mod follow;
mod state;

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use domain::object::{ObjectKey, ResourceKind};
use engine::port::cluster::{Observation, Observed, Observer};
use futures::future::join_all;
use tokio::sync::{broadcast, watch};
use tokio::time::timeout;
use tokio_util::task::AbortOnDropHandle;

pub(crate) use self::events::{APPLIED, Sight, text};
use self::follow::follow;
use self::state::{KindKey, Name, State};
use crate::call::{ApiServer, CallError};

/// How long a sync waits for the first lists; a kind that is not listed by then is not watched yet.
const FIRST_LIST_TIMEOUT: Duration = Duration::from_secs(10);

/// Whether a watch has made its first list, or found that it cannot.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    Starting,
    Tried,
}

/// The watches of one cluster; they end when it is dropped.
pub(crate) struct Watches {
    server: ApiServer,
    sight: Sight,
    state: Arc<State>,
    running: Mutex<HashMap<KindKey, Running>>,
    stopped: AtomicBool,
}

struct Running {
    phase: watch::Receiver<Phase>,
    _task: AbortOnDropHandle<()>,
}

impl Watches {
    /// None yet.
    pub(crate) fn new(server: ApiServer, sight: Sight) -> Self {
        Self {
            server,
            sight,
            state: Arc::new(State::new()),
            running: Mutex::default(),
            stopped: AtomicBool::new(false),
        }
    }

    pub(crate) fn start(&self, kind: &ResourceKind) -> watch::Receiver<Phase> {
        let mut running = self.running();
        if self.is_stopped() {
            return watch::channel(Phase::Tried).1;
        }
        let started = running.entry(KindKey::of(kind)).or_insert_with(|| {
            let (sender, phase) = watch::channel(Phase::Starting);
            let task = follow(self.server.clone(), kind.clone(), self.sight, Arc::clone(&self.state), sender);
            Running { phase, _task: AbortOnDropHandle::new(tokio::spawn(task)) }
        });
        started.phase.clone()
    }

    /// Ends all of them, whoever still holds this, and begins none any more. What was seen counts no longer.
    pub(crate) fn stop(&self) {
        let mut running = self.running();
        self.stopped.store(true, Ordering::Release);
        running.clear();
    }

    fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Acquire)
    }

    fn running(&self) -> MutexGuard<'_, HashMap<KindKey, Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Our objects of a kind as one list shows them, for a cluster whose kubeconfig may not watch.
pub(crate) async fn listed(
    server: &ApiServer,
    kind: &ResourceKind,
    namespace: Option<&str>,
) -> Result<HashMap<ObjectKey, Observed>, CallError> {
    let objects = events::list_metadata(server, kind, namespace).await?;
    let key = |name: Name| ObjectKey {
        group: kind.group.clone(),
        kind: kind.kind.clone(),
        namespace: name.namespace,
        name: name.name,
    };
    Ok(objects.into_iter().map(|(name, seen)| (key(name), seen)).collect())
}

#[async_trait]
impl Observer for Watches {
    async fn watch(&self, kinds: &BTreeSet<ResourceKind>) {
        let phases: Vec<_> = kinds.iter().map(|kind| self.start(kind)).collect();
        let tried = phases.into_iter().map(|mut phase| async move {
            // An error means that the watch ended, which is an answer too.
            let _ = phase.wait_for(|phase| *phase == Phase::Tried).await;
        });
        // Who is late is unwatched, and says so when asked.
        let _ = timeout(FIRST_LIST_TIMEOUT, join_all(tried)).await;
    }

    fn observation(&self, object: &ObjectKey) -> Observation {
        if self.is_stopped() { Observation::Unwatched } else { self.state.observation(object) }
    }

    fn changes(&self) -> broadcast::Receiver<ObjectKey> {
        self.state.changes()
    }
}
