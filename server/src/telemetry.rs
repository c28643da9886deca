//! Log lines and metrics.

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::SubscriberInitExt;

use crate::settings::LogFormat;

/// Sends log lines to standard error in the wished form. A second call in one process changes nothing.
pub fn start_log(filter: &str, format: LogFormat) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(filter)?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match format {
        LogFormat::Text => builder.with_ansi(false).finish().try_init().ok(),
        LogFormat::Json => builder.json().flatten_event(true).finish().try_init().ok(),
    };
    Ok(())
}

/// Collects what the crates count, for `/metrics`.
pub fn start_metrics() -> anyhow::Result<PrometheusHandle> {
    let recorder = PrometheusBuilder::new().build_recorder();
    let handle = recorder.handle();
    // A second server in one process (tests) keeps the first recorder and serves its own, empty one.
    if metrics::set_global_recorder(recorder).is_err() {
        tracing::debug!("metrics are collected by an earlier recorder");
    }
    Ok(handle)
}
