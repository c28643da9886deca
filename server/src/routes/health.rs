//! Is the program alive, and can it work? And what has it counted?

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::access::Actor;
use http::{StatusCode, header};
use metrics_exporter_prometheus::PrometheusHandle;
use storage::Storage;

/// `/healthz`: the process answers.
pub async fn healthz() -> &'static str {
    "ok\n"
}

/// `/readyz`: the database answers too.
pub async fn readyz(State(storage): State<Arc<Storage>>) -> Response {
    match storage.ping().await {
        Ok(()) => "ok\n".into_response(),
        Err(error) => {
            tracing::warn!(%error, "not ready: the database does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n").into_response()
        }
    }
}

/// `/metrics` for a signed-in administrator; machines use the listener of its own.
pub async fn metrics_for_administrator(
    State(metrics): State<PrometheusHandle>,
    actor: Option<Extension<Actor>>,
) -> Response {
    match actor {
        Some(Extension(actor)) if actor.administrator => render(&metrics),
        Some(_) => StatusCode::FORBIDDEN.into_response(),
        None => StatusCode::UNAUTHORIZED.into_response(),
    }
}

/// `/metrics` on the listener that is only for it.
pub async fn metrics(State(metrics): State<PrometheusHandle>) -> Response {
    render(&metrics)
}

fn render(metrics: &PrometheusHandle) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], metrics.render()).into_response()
}
