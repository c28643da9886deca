//! Start and end of the server's tasks.

use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long running syncs and requests may take to end after a stop was asked for; then they are dropped,
/// and the next start takes them up again from what is stored.
pub const GRACE: Duration = Duration::from_secs(20);

/// Tasks of the server and the wish that they end.
#[derive(Clone, Debug, Default)]
pub struct Lifecycle {
    /// Cancelled when a stop is asked for: take nothing new, finish what is begun.
    pub stop: CancellationToken,
    /// Everything that has to be waited for.
    pub tasks: TaskTracker,
}

impl Lifecycle {
    /// Cancels on SIGTERM and on Ctrl-C.
    pub fn stop_on_signals(&self) -> std::io::Result<()> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let stop = self.stop.clone();
        tokio::spawn(async move {
            tokio::select! {
                _ = terminate.recv() => tracing::info!("stopping: SIGTERM"),
                _ = interrupt.recv() => tracing::info!("stopping: interrupt"),
            }
            stop.cancel();
        });
        Ok(())
    }

    /// Waits for all tasks, at most [`GRACE`]; `false` when some had to be left.
    pub async fn finish(&self) -> bool {
        self.tasks.close();
        tokio::time::timeout(GRACE, self.tasks.wait()).await.is_ok()
    }
}
