//! `{"error": {…}}`: ARM's answer to everything that was not done.

use axum::Json;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use catalogue::{Locale, rule_sentence, service_error_sentence, text};
use domain::service::{Conflict, ServiceError};
use domain::violation::{Rule, Violation};
use http::{HeaderValue, StatusCode, header};
use inbound::body::{Fault, Wrong};
use serde::Serialize;
use utoipa::ToSchema;

/// `ErrorResponse` of ARM's common types.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ErrorResponse {
    /// What happened.
    pub error: ErrorDetail,
}

/// `ErrorDetail` of ARM's common types.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ErrorDetail {
    /// A word for programs, for instance `InvalidParameter`.
    pub code: String,
    /// A sentence for people.
    pub message: String,
    /// The JSON field that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Every single fault.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(no_recursion, required = false)]
    pub details: Vec<ErrorDetail>,
}

/// An error with its status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArmError {
    status: StatusCode,
    error: ErrorDetail,
}

impl ArmError {
    /// Without details.
    pub fn new(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        let error =
            ErrorDetail { code: code.to_owned(), message: message.into(), target: None, details: Vec::new() };
        Self { status, error }
    }

    /// 400, of one or more faults of a body.
    pub fn faults(code: &str, faults: Vec<Fault>) -> Self {
        Self::details(code, faults.into_iter().map(ErrorDetail::of).collect())
    }

    /// 400, with what is said of each fault.
    pub fn details(code: &str, faults: Vec<ErrorDetail>) -> Self {
        let number = u32::try_from(faults.len()).unwrap_or(u32::MAX);
        let mut error =
            Self::new(StatusCode::BAD_REQUEST, code, text::error_invalid(Locale::English, number));
        error.error.target = faults.first().and_then(|fault| fault.target.clone());
        error.error.details = faults;
        error
    }

    /// The same about one field.
    #[must_use]
    pub fn about(mut self, target: &str) -> Self {
        self.error.target = Some(target.to_owned());
        self
    }

    /// What is answered, for tests.
    #[cfg(test)]
    pub fn json(self) -> serde_json::Value {
        serde_json::to_value(ErrorResponse { error: self.error }).unwrap_or_default()
    }

    /// The same, when it is an answer to something that is not there, in ARM's words.
    #[must_use]
    pub fn missing(self, code: &str, message: impl FnOnce() -> String) -> Self {
        if self.status == StatusCode::NOT_FOUND { Self::new(self.status, code, message()) } else { self }
    }
}

impl ErrorDetail {
    /// One fault of one field.
    pub fn fault(target: &str, message: impl Into<String>) -> Self {
        Self {
            code: "InvalidParameter".to_owned(),
            message: message.into(),
            target: Some(target.to_owned()),
            details: Vec::new(),
        }
    }

    fn of(fault: Fault) -> Self {
        let Fault { field, wrong } = fault;
        let locale = Locale::English;
        match wrong {
            Wrong::Text => Self::fault(&field, text::rest_value_text(locale)),
            Wrong::Truth => Self::fault(&field, text::rest_value_truth(locale)),
            Wrong::Object => Self::fault(&field, text::rest_value_object(locale)),
            Wrong::List => Self::fault(&field, text::rest_value_list(locale)),
            Wrong::Unknown => Self::fault(&field, text::rest_field_unknown(locale)),
            Wrong::OtherName { name } => Self::fault(&field, text::rest_name_differs(locale, &name)),
            Wrong::Rule(rule) => Self::fault(&field, rule_sentence(locale, &rule)),
        }
    }

    fn violation(violation: &Violation) -> Self {
        Self::fault(violation.field.json_path(), rule_sentence(Locale::English, &violation.rule))
    }
}

impl From<ServiceError> for ArmError {
    fn from(error: ServiceError) -> Self {
        let (status, code) = status_and_code(&error);
        if let ServiceError::Invalid { violations } = &error {
            let faults = violations.0.iter().map(ErrorDetail::violation).collect();
            return Self { status, ..Self::details(code, faults) };
        }
        Self::new(status, code, service_error_sentence(Locale::English, &error))
    }
}

/// What is taken by something else is no fault of the input by itself.
fn is_taken(violation: &Violation) -> bool {
    matches!(violation.rule, Rule::OperatorTaken { .. } | Rule::NameTaken { .. })
}

fn status_and_code(error: &ServiceError) -> (StatusCode, &'static str) {
    match error {
        ServiceError::Invalid { violations } if violations.0.iter().all(is_taken) => {
            (StatusCode::CONFLICT, "Conflict")
        }
        ServiceError::Invalid { .. } => (StatusCode::BAD_REQUEST, "InvalidParameter"),
        ServiceError::Unauthenticated => (StatusCode::UNAUTHORIZED, "AuthenticationFailed"),
        ServiceError::NotFound => (StatusCode::NOT_FOUND, "ResourceNotFound"),
        ServiceError::Denied => (StatusCode::FORBIDDEN, "AuthorizationFailed"),
        ServiceError::Stale => (StatusCode::PRECONDITION_FAILED, "PreconditionFailed"),
        // As Azure's resource providers answer, by status and word.
        ServiceError::Conflict { conflict: Conflict::QuotaExceeded { .. } | Conflict::SyncPutOff { .. } } => {
            (StatusCode::CONFLICT, "QuotaExceeded")
        }
        ServiceError::Conflict { .. } => (StatusCode::CONFLICT, "Conflict"),
        ServiceError::Busy => (StatusCode::TOO_MANY_REQUESTS, "TooManyRequests"),
        ServiceError::Internal { .. } => (StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError"),
    }
}

impl IntoResponse for ArmError {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(ErrorResponse { error: self.error })).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Bearer");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

/// Whatever answers a request of this API before or beside a handler (a limit, a timeout, a method) speaks ARM's
/// language too.
pub async fn in_arms_shape(request: Request, next: Next) -> Response {
    let ours = super::is_rest(request.uri().path());
    let response = next.run(request).await;
    let status = response.status();
    let failed = status.is_client_error() || status.is_server_error();
    if !ours || !failed || is_json(&response) {
        return response;
    }
    let (parts, _) = response.into_parts();
    let mut shaped = ArmError::new(status, code(status), sentence(status)).into_response();
    for (name, value) in &parts.headers {
        if ![header::CONTENT_TYPE, header::CONTENT_LENGTH].contains(name) {
            shaped.headers_mut().insert(name.clone(), value.clone());
        }
    }
    shaped
}

fn is_json(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("application/json"))
}

fn code(status: StatusCode) -> &'static str {
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => "RequestEntityTooLarge",
        StatusCode::METHOD_NOT_ALLOWED => "MethodNotAllowed",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "UnsupportedMediaType",
        StatusCode::FORBIDDEN => "AuthorizationFailed",
        StatusCode::NOT_FOUND => "InvalidResourceType",
        StatusCode::SERVICE_UNAVAILABLE => "ServiceUnavailable",
        status if status.is_server_error() => "InternalServerError",
        _ => "BadRequest",
    }
}

fn sentence(status: StatusCode) -> String {
    let locale = Locale::English;
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => {
            text::rest_body_too_large(locale, &(super::BODY_MAX_BYTES / 1024).to_string())
        }
        StatusCode::SERVICE_UNAVAILABLE => text::error_busy(locale).to_owned(),
        status => text::rest_refused(locale, status.canonical_reason().unwrap_or(status.as_str())),
    }
}

#[cfg(test)]
mod tests {
    use domain::violation::{Field, Violations};

    use super::*;

    fn invalid(rules: &[(Field, Rule)]) -> ArmError {
        let mut violations = Violations::default();
        for (field, rule) in rules {
            violations.push(*field, rule.clone());
        }
        ServiceError::Invalid { violations }.into()
    }

    #[test]
    fn every_violation_is_a_detail_with_its_json_field() {
        let error = invalid(&[(Field::RepositoryUrl, Rule::Required), (Field::GitBranch, Rule::BranchName)]);
        assert_eq!((error.status, error.error.code.as_str()), (StatusCode::BAD_REQUEST, "InvalidParameter"));
        assert_eq!(error.error.target.as_deref(), Some("properties.repositoryUrl"));
        let targets: Vec<_> = error.error.details.iter().map(|detail| detail.target.as_deref()).collect();
        assert_eq!(targets, [Some("properties.repositoryUrl"), Some("properties.operatorParams")]);
    }

    #[test]
    fn what_another_configuration_has_is_a_conflict_that_names_it() {
        let taken = Rule::OperatorTaken { configuration: "other".to_owned() };
        let error = invalid(&[(Field::OperatorInstanceName, taken)]);
        assert_eq!((error.status, error.error.code.as_str()), (StatusCode::CONFLICT, "Conflict"));
        assert!(error.error.details[0].message.contains("other"), "{error:?}");
    }
}
