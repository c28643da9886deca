//! Changes that watches tell of, gathered into what has to be looked at.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::object::ObjectKey;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

/// When it is looked again at what somebody may be writing just now.
const RECHECK: Duration = Duration::from_millis(500);

/// Waits for a change, or for the time to look again while something is `pending`, and takes what comes with it:
/// changes that come within `together` are looked at together. `None` when nothing comes any more.
///
/// What was missed because it came too fast is not told: the next sync, or look, sees it.
pub(crate) async fn gather<T: Ord>(
    changes: &mut Receiver<ObjectKey>,
    pending: &mut BTreeSet<T>,
    together: Duration,
    concerned: impl Fn(&ObjectKey) -> Option<T>,
) -> Option<()> {
    let change = if pending.is_empty() {
        Some(changes.recv().await)
    } else {
        tokio::time::timeout(RECHECK, changes.recv()).await.ok()
    };
    match change {
        Some(Ok(key)) => pending.extend(concerned(&key)),
        Some(Err(RecvError::Lagged(_))) | None => {}
        Some(Err(RecvError::Closed)) => return None,
    }
    tokio::time::sleep(together).await;
    while let Ok(key) = changes.try_recv() {
        pending.extend(concerned(&key));
    }
    Some(())
}
