//! Shows on the open pages where a run is.

use std::time::Duration;

use storage::StorageError;

use crate::run::Run;

/// A step that is over sooner is not shown: nobody could read it, and each would cost a write of the database.
const NOTICEABLE: Duration = Duration::from_millis(200);

/// Writes down the steps of a run that last; ends only when that fails, for instance because its lease is lost.
///
/// It has to be dropped with the run's end, so that nothing is shown as running after that.
pub(crate) async fn show(run: &Run) -> StorageError {
    let mut progress = run.progress.subscribe();
    // The first step may have begun already.
    progress.mark_changed();
    loop {
        // The run holds the sender for as long as this waits.
        let _ = progress.changed().await;
        tokio::time::sleep(NOTICEABLE).await;
        let Some((step, counts)) = *progress.borrow_and_update() else { continue };
        if let Err(error) = run.ports.storage.record_step(&run.lease, step, counts).await {
            return error;
        }
    }
}
