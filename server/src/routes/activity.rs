//! The audit as a file.

use axum::Extension;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use domain::access::Actor;
use domain::service::ActivityQuery;
use http::{HeaderValue, header};

use crate::error::ApiError;
use crate::router::ActivityUseCases;

/// JSON lines: one entry each, newest first.
const LINES: HeaderValue = HeaderValue::from_static("application/x-ndjson");
const AS_FILE: HeaderValue = HeaderValue::from_static("attachment; filename=\"activity.jsonl\"");

/// `GET /activity.jsonl?filter=&outcome=&from=&to=&before=`
pub async fn activity(
    State(activity): State<ActivityUseCases>,
    Extension(actor): Extension<Actor>,
    Query(query): Query<ActivityQuery>,
) -> Response {
    match activity.export(&actor, &query).await {
        Ok(lines) => {
            ([(header::CONTENT_TYPE, LINES), (header::CONTENT_DISPOSITION, AS_FILE)], lines).into_response()
        }
        Err(error) => ApiError(error).into_response(),
    }
}
