//! What a program is told when something fails: the ARM error body on every JSON route.

use axum::Json;
use axum::response::{IntoResponse, Response};
use catalogue::Locale;
use domain::service::ServiceError;
use http::StatusCode;
use serde::Serialize;

/// A use case's error as an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError(pub ServiceError);

/// `{"error": {…}}`: `ErrorResponse` of the ARM common types.
#[derive(Debug, Serialize)]
struct Body {
    error: Detail,
}

#[derive(Debug, Serialize)]
struct Detail {
    code: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    details: Vec<Detail>,
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, code) = status_and_code(&self.0);
        let message = catalogue::service_error_sentence(Locale::English, &self.0);
        let details = violations(&self.0);
        let target = details.first().and_then(|detail| detail.target);
        (status, Json(Body { error: Detail { code, message, target, details } })).into_response()
    }
}

fn status_and_code(error: &ServiceError) -> (StatusCode, &'static str) {
    match error {
        ServiceError::Invalid { .. } => (StatusCode::BAD_REQUEST, "InvalidParameter"),
        ServiceError::Unauthenticated => (StatusCode::UNAUTHORIZED, "AuthenticationFailed"),
        ServiceError::NotFound => (StatusCode::NOT_FOUND, "ResourceNotFound"),
        ServiceError::Denied => (StatusCode::FORBIDDEN, "AuthorizationFailed"),
        ServiceError::Stale => (StatusCode::PRECONDITION_FAILED, "PreconditionFailed"),
        ServiceError::Conflict { .. } => (StatusCode::CONFLICT, "Conflict"),
        ServiceError::Busy => (StatusCode::TOO_MANY_REQUESTS, "TooManyRequests"),
        ServiceError::Internal { .. } => (StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError"),
    }
}

fn violations(error: &ServiceError) -> Vec<Detail> {
    let ServiceError::Invalid { violations } = error else { return Vec::new() };
    let detail = |violation: &domain::violation::Violation| Detail {
        code: "InvalidParameter",
        message: catalogue::rule_sentence(Locale::English, &violation.rule),
        target: Some(violation.field.json_path()),
        details: Vec::new(),
    };
    violations.0.iter().map(detail).collect()
}

/// Answer when a handler panicked: no word of it to the caller, one line in the log.
#[expect(clippy::needless_pass_by_value, reason = "the shape that the layer calls")]
pub fn panic_answer(panic: Box<dyn std::any::Any + Send>) -> Response {
    let detail = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    tracing::error!(detail, "a request panicked: {detail}");
    metrics::counter!("fairlead_request_panics_total").increment(1);
    ApiError(ServiceError::Internal { id: "panic".to_owned() }).into_response()
}
