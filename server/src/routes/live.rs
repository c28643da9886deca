//! The live stream: one per tab, telling the state of what changed and the actor may see.
//!
//! Events carry whole states, so the browser needs no second request. They are read again at most every
//! [`GATHER`], all that changed in one query: a burst of changes costs one read, not one each.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use domain::access::Actor;
use domain::event::StatusEvent;
use domain::id::{ClusterId, ConfigurationId};
use domain::service::{AccountService, ClusterService, ConfigurationService, EmbedService};
use http::{HeaderValue, header};
use service::{Presence, Present};
use storage::Storage;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, broadcast, mpsc};
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;

use crate::middleware::embed::InFrame;
use crate::middleware::guard::SessionSecret;

/// Streams at once; more are asked to come back, and their pages work without.
pub const STREAMS_MAX: usize = 1000;
/// Of one person: a wall of dashboards is in one name.
pub const STREAMS_OF_ONE: usize = 200;
/// How long changes are gathered before they are read: below what an eye notices.
const GATHER: Duration = Duration::from_millis(100);
/// How often an open stream's session and rights are looked at again.
const RECHECK: Duration = Duration::from_secs(5);
/// Events a slow browser may be behind; then the sender waits for it.
const QUEUE: usize = 64;
/// Proxies cut connections that are silent for longer.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// What the stream needs.
#[derive(Clone)]
pub struct Live {
    pub accounts: Arc<dyn AccountService>,
    pub embedding: Arc<dyn EmbedService>,
    pub configurations: Arc<dyn ConfigurationService>,
    pub clusters: Arc<dyn ClusterService>,
    /// Where changes are told.
    pub storage: Arc<Storage>,
    /// Bounds the streams at once.
    pub places: Arc<Semaphore>,
    /// And those of one person.
    pub people: Presence,
    /// Ends the streams when the server stops.
    pub stop: CancellationToken,
}

/// `/live`
pub async fn live(
    State(live): State<Live>,
    Extension(actor): Extension<Actor>,
    Extension(SessionSecret(secret)): Extension<SessionSecret>,
    in_frame: Option<Extension<InFrame>>,
) -> Result<impl IntoResponse, http::StatusCode> {
    let person = live.people.enter(actor.user.to_string()).ok_or(http::StatusCode::TOO_MANY_REQUESTS)?;
    let place = live.places.clone().try_acquire_owned().map_err(|_| http::StatusCode::SERVICE_UNAVAILABLE)?;
    let (sender, receiver) = mpsc::channel(QUEUE);
    let changes = live.storage.signals().events();
    tokio::spawn(
        Follower {
            live,
            actor,
            secret,
            in_frame: in_frame.is_some(),
            sender,
            changes,
            changed: Changed::default(),
            _place: (place, person),
        }
        .run(),
    );
    let stream = Sse::new(ReceiverStream::new(receiver)).keep_alive(KeepAlive::new().interval(KEEP_ALIVE));
    // By itself it would say that a browser may keep it.
    Ok(([(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))], stream))
}

/// One open stream.
struct Follower {
    live: Live,
    actor: Actor,
    secret: String,
    in_frame: bool,
    sender: mpsc::Sender<Result<Event, Infallible>>,
    changes: broadcast::Receiver<StatusEvent>,
    /// Gathered and not yet told; kept here so that a recheck in between loses nothing.
    changed: Changed,
    _place: (OwnedSemaphorePermit, Present),
}

/// Data of the event `removed`.
#[derive(serde::Serialize)]
struct Removed {
    id: ConfigurationId,
}

/// What has changed since the last read.
#[derive(Default)]
struct Changed {
    configurations: BTreeMap<ConfigurationId, ClusterId>,
    clusters: BTreeSet<ClusterId>,
    /// Events were lost: the page has to read everything again.
    lagged: bool,
}

impl Follower {
    /// Ends when the browser leaves, the session ends, rights change or the server stops.
    async fn run(mut self) {
        let mut recheck = tokio::time::interval(RECHECK);
        recheck.tick().await;
        // From here on everything is told: the browser fetches what happened before. Not called `open`, since browsers
        // have an event of their own by that name.
        let mut going = self.send(Event::default().event("ready").data("{}")).await;
        while going {
            let stop = self.live.stop.clone();
            let sender = self.sender.clone();
            going = tokio::select! {
                () = stop.cancelled() => false,
                () = sender.closed() => false,
                _ = recheck.tick() => self.still_the_same().await,
                gathered = self.gather() => gathered.is_some() && self.tell().await,
            };
        }
    }

    /// Waits for a change and gathers what follows it closely; `None` when there will be none.
    async fn gather(&mut self) -> Option<()> {
        if self.changed.is_empty() {
            let event = self.changes.recv().await;
            self.changed.take(&event)?;
        }
        let until = tokio::time::Instant::now() + GATHER;
        while let Ok(event) = tokio::time::timeout_at(until, self.changes.recv()).await {
            self.changed.take(&event)?;
        }
        Some(())
    }

    /// Sends the present state of everything that changed; `false` when nobody listens any more.
    async fn tell(&mut self) -> bool {
        let changed = std::mem::take(&mut self.changed);
        if changed.lagged {
            return self.send(Event::default().event("reload").data("{}")).await;
        }
        let told = self.tell_configurations(&changed.configurations).await;
        told && self.tell_clusters(changed.clusters.into_iter().collect()).await
    }

    async fn tell_configurations(&self, changed: &BTreeMap<ConfigurationId, ClusterId>) -> bool {
        if changed.is_empty() {
            return true;
        }
        let ids: Vec<ConfigurationId> = changed.keys().copied().collect();
        let states = match self.live.configurations.states(&self.actor, &ids).await {
            Ok(states) => states,
            Err(error) => {
                tracing::warn!(%error, "live states could not be read; the next change tries again");
                return true;
            }
        };
        for state in &states {
            if !self.send_json("configuration", state).await {
                return false;
            }
        }
        let found: BTreeSet<ConfigurationId> = states.iter().map(|state| state.id).collect();
        let gone = changed.iter().filter(|(id, _)| !found.contains(id));
        self.tell_gone(gone.map(|(id, cluster)| (*id, *cluster)).collect()).await
    }

    /// What is no longer found is told only to those who may see its cluster: for everybody else it never was.
    async fn tell_gone(&self, gone: Vec<(ConfigurationId, ClusterId)>) -> bool {
        if gone.is_empty() {
            return true;
        }
        let clusters: BTreeSet<ClusterId> = gone.iter().map(|(_, cluster)| *cluster).collect();
        let clusters: Vec<ClusterId> = clusters.into_iter().collect();
        let visible = match self.live.clusters.rows(&self.actor, &clusters).await {
            Ok(rows) => rows.into_iter().map(|row| row.id).collect::<BTreeSet<_>>(),
            Err(error) => {
                tracing::warn!(%error, "live clusters could not be read; the next change tries again");
                return true;
            }
        };
        for (id, _) in gone.into_iter().filter(|(_, cluster)| visible.contains(cluster)) {
            if !self.send_json("removed", &Removed { id }).await {
                return false;
            }
        }
        true
    }

    async fn tell_clusters(&self, ids: Vec<ClusterId>) -> bool {
        if ids.is_empty() {
            return true;
        }
        match self.live.clusters.rows(&self.actor, &ids).await {
            Ok(rows) => {
                for row in &rows {
                    if !self.send_json("cluster", row).await {
                        return false;
                    }
                }
            }
            Err(error) => {
                tracing::warn!(%error, "live clusters could not be read; the next change tries again");
            }
        }
        true
    }

    /// Whether the session still stands with the same rights; else the page reloads and is asked to sign in.
    async fn still_the_same(&self) -> bool {
        let present = if self.in_frame {
            self.live.embedding.embedded(&self.secret).await.map(|found| found.map(|found| found.actor))
        } else {
            self.live.accounts.actor(&self.secret).await
        };
        match present {
            Ok(Some(actor)) if actor.is_alike(&self.actor) => true,
            Ok(_) => {
                self.send(Event::default().event("reload").data("{}")).await;
                false
            }
            // A database that is busy for a moment is no reason to end the stream.
            Err(_) => true,
        }
    }

    async fn send_json(&self, name: &str, data: &impl serde::Serialize) -> bool {
        match Event::default().event(name).json_data(data) {
            Ok(event) => self.send(event).await,
            Err(error) => {
                tracing::error!(%error, "a live event could not be written");
                true
            }
        }
    }

    async fn send(&self, event: Event) -> bool {
        self.sender.send(Ok(event)).await.is_ok()
    }
}

impl Changed {
    fn is_empty(&self) -> bool {
        self.configurations.is_empty() && self.clusters.is_empty() && !self.lagged
    }

    /// `None` when the feed has ended.
    fn take(&mut self, event: &Result<StatusEvent, RecvError>) -> Option<()> {
        match *event {
            Ok(StatusEvent::Configuration { id, cluster, .. }) => {
                self.configurations.insert(id, cluster);
            }
            Ok(StatusEvent::Cluster { id, .. }) => {
                self.clusters.insert(id);
            }
            Err(RecvError::Lagged(_)) => self.lagged = true,
            Err(RecvError::Closed) => return None,
        }
        Some(())
    }
}
