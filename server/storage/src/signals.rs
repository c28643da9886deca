//! What storage tells the rest of the process after a commit: "there is work" and "this has a newer version".
//!
//! Both carry no truth: whoever misses one reads the rows again by timer or on reconnect.

use domain::event::StatusEvent;
use tokio::sync::{Notify, broadcast};

/// Events a slow receiver may lag behind before it is told to read everything again. A sync of a thousand
/// configurations at once fits.
const FEED_CAPACITY: usize = 4096;

/// The wake-up of the queue and the feed of the open pages.
pub struct Signals {
    work: Notify,
    releases: Notify,
    feed: broadcast::Sender<StatusEvent>,
}

impl Signals {
    pub(crate) fn new() -> Self {
        Self { work: Notify::new(), releases: Notify::new(), feed: broadcast::Sender::new(FEED_CAPACITY) }
    }

    /// There may be work due: ends the present or the next [`Self::woken`].
    pub fn wake(&self) {
        self.work.notify_one();
        self.releases.notify_one();
    }

    /// Waits for [`Self::wake`]. For one waiter: the queue.
    pub async fn woken(&self) {
        self.work.notified().await;
    }

    /// As [`Self::woken`], for the queue of Helm releases.
    pub async fn releases_woken(&self) {
        self.releases.notified().await;
    }

    /// Everything that changes from now on. A receiver that lags reads the rows again.
    pub fn events(&self) -> broadcast::Receiver<StatusEvent> {
        self.feed.subscribe()
    }

    pub(crate) fn send(&self, event: StatusEvent) {
        // an error only says that nobody listens
        let _ = self.feed.send(event);
    }
}
