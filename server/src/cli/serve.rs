//! `fairlead serve`

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use axum::routing::get;
use axum::serve::ListenerExt;
use storage::{AuditEnd, Storage};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::composition::{self, ADMINISTRATOR, Parts};
use crate::lifecycle::Lifecycle;
use crate::routes::health;
use crate::serving::{Protocol, serve};
use crate::settings::Settings;
use crate::tls::{self, TlsListener};

/// How often expired sessions, links and drafts are forgotten.
const PURGE: Duration = Duration::from_mins(1);

/// How often the end of the audit is written to the log.
const NOTE_AUDIT: Duration = Duration::from_mins(10);

/// Runs until it is asked to stop, then lets what runs come to its end.
pub(super) async fn run(settings: Settings) -> anyhow::Result<ExitCode> {
    let lifecycle = Lifecycle::default();
    lifecycle.stop_on_signals()?;
    let listener = TcpListener::bind(settings.listen)
        .await
        .with_context(|| format!("cannot listen on {}: is another program there?", settings.listen))?;
    let address = listener.local_addr()?;
    let parts = composition::build(&settings, address, &lifecycle.stop).await?;
    let Parts { router, reconciler, accounts, storage, metrics } = parts;
    if let Some(link) = accounts.first_administrator(ADMINISTRATOR).await? {
        announce(&composition::link_address(&settings, address, &link));
    }
    if let Some(address) = settings.metrics_listen {
        let routes = Router::new().route("/metrics", get(health::metrics)).with_state(metrics);
        let listener =
            TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}"))?;
        lifecycle.tasks.spawn(serve(listener, routes, |_| Protocol::Http1, lifecycle.stop.clone()));
    }
    reconciler.start(&lifecycle.tasks, &lifecycle.stop);
    lifecycle.tasks.spawn(purge((*storage).clone(), lifecycle.stop.clone()));
    lifecycle.tasks.spawn(note_audit((*storage).clone(), lifecycle.stop.clone()));
    let certificate = composition::certificate(&settings)?;
    let secured = certificate.map(|files| (files, lifecycle.stop.clone()));
    tracing::info!(listen = %address, "listening on {}://{address}", settings.scheme());
    match secured {
        None => {
            // The next part of an answer is not held back until the browser has acknowledged the one before.
            let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
            serve(listener, router, |_| Protocol::Http1, lifecycle.stop.clone()).await;
        }
        Some((files, stop)) => {
            let listener = TlsListener::start(listener, files, stop)?;
            serve(listener, router, tls::agreed, lifecycle.stop.clone()).await;
        }
    }
    if !lifecycle.finish().await {
        tracing::warn!("some syncs had to be left; the next start takes them up again");
    }
    storage.close().await;
    tracing::info!("stopped");
    Ok(ExitCode::SUCCESS)
}

async fn purge(storage: Storage, stop: CancellationToken) {
    while !stop.is_cancelled() {
        if let Err(error) = storage.purge_sign_in().await {
            tracing::warn!("expired sessions are not forgotten yet: {error}");
        }
        if let Err(error) = storage.purge_cluster_drafts().await {
            tracing::warn!("expired kubeconfig drafts are not forgotten yet: {error}");
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(PURGE) => {}
        }
    }
}

/// Writes the newest entry of the audit and its hash to the log, where nobody who changes the database can change it
/// too: `fairlead audit check --known` compares.
async fn note_audit(storage: Storage, stop: CancellationToken) {
    let mut noted = AuditEnd::default();
    loop {
        match storage.audit_end().await {
            Ok(end) if end != noted => {
                let AuditEnd { seq, hash } = &end;
                tracing::info!(audit.end = format!("{seq}:{hash}"), "the audit ends with {seq}:{hash}");
                noted = end;
            }
            Ok(_) => {}
            Err(error) => tracing::warn!("the end of the audit could not be read: {error}"),
        }
        if stop.is_cancelled() {
            return;
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(NOTE_AUDIT) => {}
        }
    }
}

/// On standard output, not in the log: whoever starts the server sees it, whoever collects logs does not.
#[expect(clippy::print_stdout, reason = "the one-time link must not go to the log")]
fn announce(address: &str) {
    println!("No administrator has a password yet. Within one hour, set it at:\n\n    {address}\n");
}
