//! A body that is JSON.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use catalogue::{Locale, text};
use http::{HeaderMap, StatusCode, header};
use inbound::body::{Unreadable, object};
use serde_json::{Map, Value};

use crate::rest::error::ArmError;

/// A body that is a JSON object.
#[derive(Clone, Debug, PartialEq)]
pub struct JsonBody(pub Map<String, Value>);

impl<State: Send + Sync> FromRequest<State> for JsonBody {
    type Rejection = ArmError;

    async fn from_request(request: Request, state: &State) -> Result<Self, ArmError> {
        let locale = Locale::English;
        if !is_json(request.headers()) {
            let message = text::rest_body_type(locale);
            return Err(ArmError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UnsupportedMediaType", message));
        }
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| {
            let limit = (crate::rest::BODY_MAX_BYTES / 1024).to_string();
            let message = text::rest_body_too_large(locale, &limit);
            let status = rejection.status();
            if status == StatusCode::PAYLOAD_TOO_LARGE {
                ArmError::new(status, "RequestEntityTooLarge", message)
            } else {
                unreadable(&rejection.body_text())
            }
        })?;
        object(&bytes).map(Self).map_err(|error| match error {
            Unreadable::NoObject => unreadable(text::rest_value_object(locale)),
            Unreadable::Syntax(error) => unreadable(&error.to_string()),
        })
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

fn unreadable(detail: &str) -> ArmError {
    let message = text::rest_body_unreadable(Locale::English, detail);
    ArmError::new(StatusCode::BAD_REQUEST, "InvalidRequestContent", message)
}
