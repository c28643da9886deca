//! The life of one watch: list, watch, watch on from the last version, list again when that is too old.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use domain::object::ResourceKind;
use futures::StreamExt;
use http::StatusCode;
use tokio::sync::watch as phase;
use tokio::time::{Instant, sleep, timeout};

use super::Phase;
use super::events::{Event, SILENCE_MAX, Sight, list, watch};
use super::state::{KindKey, State};
use crate::call::{ApiServer, CallError};

/// Between attempts: at first, and at most while the cluster does not answer.
const PAUSE: (Duration, Duration) = (Duration::from_secs(1), Duration::from_mins(1));

/// Until the next attempt when the cluster says that it may not be, or that there is no such kind.
const PAUSE_REFUSED: Duration = Duration::from_mins(5);

/// A watch that ends sooner than this after it was opened did not work, whatever it said.
const SHORT: Duration = Duration::from_secs(5);

/// Follows the objects of a kind for ever.
pub(super) async fn follow(
    server: ApiServer,
    kind: ResourceKind,
    sight: Sight,
    state: Arc<State>,
    phase: phase::Sender<Phase>,
) {
    let key = KindKey::of(&kind);
    let mut version = None;
    let mut pause = PAUSE.0;
    loop {
        let opened = Instant::now();
        let ended = go_on(&server, &kind, &sight, &key, &state, &mut version, &phase).await;
        // Also when the list failed: whoever waits for it is told that there is nothing to wait for.
        phase.send_replace(Phase::Tried);
        let lasted = opened.elapsed() >= SHORT;
        match ended {
            Ok(()) if lasted => pause = PAUSE.0,
            Ok(()) => rest(&mut pause).await,
            Err(error) => {
                state.lost(&key);
                if is_refusal(&error) {
                    version = None;
                    sleep(jittered(PAUSE_REFUSED)).await;
                } else {
                    pause = if lasted { PAUSE.0 } else { pause };
                    rest(&mut pause).await;
                }
            }
        }
    }
}

/// One list if need be and one watch, until the watch ends.
async fn go_on(
    server: &ApiServer,
    kind: &ResourceKind,
    sight: &Sight,
    key: &KindKey,
    state: &State,
    version: &mut Option<String>,
    phase: &phase::Sender<Phase>,
) -> Result<(), CallError> {
    let from = if let Some(version) = version {
        version.clone()
    } else {
        let (objects, listed) = list(server, kind, sight).await?;
        state.replace(key, &objects);
        phase.send_replace(Phase::Tried);
        version.insert(listed).clone()
    };
    let mut events = match watch(server, kind, sight, &from).await {
        Err(error) if error.has_status(StatusCode::GONE) => {
            *version = None;
            return Ok(());
        }
        events => events?,
    };
    state.resumed(key);
    // After an ordinary end the next watch goes on where this one was. After a silence, in which bookmarks were due, it
    // may be a version that this server has not come to yet.
    loop {
        let Ok(event) = timeout(SILENCE_MAX, events.next()).await else {
            *version = None;
            return Ok(());
        };
        let Some(event) = event else { return Ok(()) };
        let reached = match event? {
            Event::Seen(name, seen, reached) => {
                state.set(key, &name, Some(seen));
                reached
            }
            Event::Gone(name, reached) => {
                state.set(key, &name, None);
                reached
            }
            Event::Bookmark(reached) => reached,
            Event::Expired => {
                *version = None;
                return Ok(());
            }
        };
        if !reached.is_empty() {
            *version = Some(reached);
        }
    }
}

async fn rest(pause: &mut Duration) {
    sleep(jittered(*pause)).await;
    *pause = (*pause * 2).min(PAUSE.1);
}

/// Up to a quarter longer, so that the watches of a cluster that comes back do not all ask at once.
fn jittered(pause: Duration) -> Duration {
    let random = RandomState::new().build_hasher().finish() % 256;
    pause + pause.mul_f64(f64::from(u8::try_from(random).unwrap_or_default()) / 1024.0)
}

/// Answers that asking again soon does not change.
fn is_refusal(error: &CallError) -> bool {
    match error {
        CallError::Unauthenticated { .. } => true,
        CallError::Refused(refusal) => {
            refusal.status.is_client_error() && refusal.status != StatusCode::TOO_MANY_REQUESTS
        }
        CallError::Unreached(_) | CallError::Unreadable(_) => false,
    }
}
