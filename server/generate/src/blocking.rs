//! Work that would hold up the runtime's threads.

/// Reading trees and writing files blocks; a panic or the end of the runtime is an error of ours.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, String> {
    tokio::task::spawn_blocking(work).await.map_err(|error| error.to_string())
}
