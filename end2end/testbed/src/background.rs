//! The runtime that carries the servers of the testbed.
//!
//! Each `#[tokio::test]` brings its own runtime and drops it at its end, with all tasks. What several tests share
//! (the control plane of the process, the Git server) must not hang on one of them, so everything of the testbed
//! that lives longer than one call runs here.

use std::future::Future;
use std::sync::{Mutex, PoisonError};

use tokio::runtime::{Builder, Handle, Runtime};
use tokio_util::task::AbortOnDropHandle;

use crate::TestbedError;

/// Servers and pollers wait most of the time; two threads also serve a slow request next to a quick one.
const WORKER_THREADS: usize = 2;

static RUNTIME: Mutex<Option<Runtime>> = Mutex::new(None);

/// The handle of the runtime, which is started by the first call and lives as long as the process.
pub(crate) fn handle() -> Result<Handle, TestbedError> {
    let mut runtime = RUNTIME.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(runtime) = runtime.as_ref() {
        return Ok(runtime.handle().clone());
    }
    // kube and our own TLS ask for the process-wide provider; whoever installed one first is right too.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let started = Builder::new_multi_thread()
        .worker_threads(WORKER_THREADS)
        .thread_name("testbed")
        .enable_all()
        .build()
        .map_err(TestbedError::Runtime)?;
    let handle = started.handle().clone();
    *runtime = Some(started);
    Ok(handle)
}

/// Runs a future on the background runtime. It is aborted when the caller is dropped.
pub(crate) async fn run<T: Send + 'static>(
    future: impl Future<Output = Result<T, TestbedError>> + Send + 'static,
) -> Result<T, TestbedError> {
    match AbortOnDropHandle::new(handle()?.spawn(future)).await {
        Ok(result) => result,
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        Err(error) => Err(TestbedError::Runtime(std::io::Error::other(error))),
    }
}
