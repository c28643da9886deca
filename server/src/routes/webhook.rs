//! `POST /webhooks/{address}`: what a Git host sends.
//!
//! It stands outside the layers for sessions and origins, because it has neither cookie nor session and shows a credential
//! of its own. 401 is one answer for everything that is not proved; 202 is one answer for everything that is, whatever it
//! says and also when it is no JSON, for it is a hint and no request: what cannot be read is a hint too.

use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use domain::service::WEBHOOKS_FOLDER;
use http::{HeaderMap, StatusCode, header};
use inbound::webhook::Credential;
use service::Delivery;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;

use crate::error::ApiError;
use crate::router::AppState;

/// Largest body: anybody can send one, and all of it is needed to check it. A push of so many commits that its webhook is
/// larger is found by the poll.
const BODY_MAX_BYTES: usize = 64 * 1024;
/// Seconds until another one may be sent by whoever has sent too many.
const RETRY_AFTER: &str = "10";
/// A host sends its body in one go.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The route, with limits of its own.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route(&format!("{WEBHOOKS_FOLDER}{{address}}"), post(webhook))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, TIMEOUT))
        .layer(RequestBodyLimitLayer::new(BODY_MAX_BYTES))
        .layer(DefaultBodyLimit::max(BODY_MAX_BYTES))
}

/// Takes one, or refuses it.
async fn webhook(
    State(state): State<AppState>,
    address: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let body = match body {
        Ok(body) => body,
        Err(rejection) => return rejection.into_response(),
    };
    // An address that is no text is nobody's.
    let Path(address) = address.unwrap_or_else(|_| Path(String::new()));
    match state.webhooks.receive(&address, Credential::read(&headers), &body).await {
        Ok(Delivery::Taken) => (StatusCode::ACCEPTED, "taken\n").into_response(),
        Ok(Delivery::Refused) => (StatusCode::UNAUTHORIZED, "refused\n").into_response(),
        Ok(Delivery::TooMany) => {
            (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, RETRY_AFTER)], "too many\n")
                .into_response()
        }
        Err(error) => ApiError(error).into_response(),
    }
}
