//! What the server hands to the pages and server functions as Leptos context, and how they take it.
//!
//! The crate documentation lists what must be there.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::http::request::Parts;
use domain::access::Actor;
use domain::service::ServiceError;
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

use crate::embedding::PortalOrigin;
use crate::error::WireError;

/// Name of the header that carries the id of a request; the log lines of the request carry the same.
const REQUEST_ID: &str = "x-request-id";

/// Writes the session cookie of the answer. Implemented by the server, which knows whether it is behind TLS.
pub trait SessionCookie: Send + Sync {
    /// Begins a session in this browser.
    fn set(&self, secret: &str, max_age_seconds: i64);
    /// The secret of the present session, as the browser sent it.
    fn secret(&self) -> Option<String>;
    /// Ends it.
    fn clear(&self);
}

/// What whole addresses of the portal begin with; empty where nobody knows it.
pub(crate) fn portal_origin() -> String {
    use_context::<PortalOrigin>().map(|PortalOrigin(origin)| origin).unwrap_or_default()
}

/// Who asks, if anybody is signed in; put there by the server's session middleware.
pub(crate) fn asking() -> Option<Actor> {
    use_context::<Option<Actor>>().flatten()
}

/// Who asks; nobody else is answered.
pub(crate) fn actor() -> Result<Actor, WireError> {
    asking().ok_or(ServiceError::Unauthenticated).map_err(refused)
}

/// A service of the server.
pub(crate) fn service<Service: ?Sized + Send + Sync + 'static>() -> Result<Arc<Service>, WireError> {
    use_context::<Arc<Service>>().ok_or_else(|| refused(ServiceError::Internal { id: request_id() }))
}

/// The wire error of a refused use case; gives the answer the HTTP status that fits.
pub(crate) fn refused(error: ServiceError) -> WireError {
    set_status(match &error {
        ServiceError::Invalid { .. } => StatusCode::UNPROCESSABLE_ENTITY,
        ServiceError::Unauthenticated => StatusCode::UNAUTHORIZED,
        ServiceError::NotFound => StatusCode::NOT_FOUND,
        ServiceError::Denied => StatusCode::FORBIDDEN,
        ServiceError::Stale | ServiceError::Conflict { .. } => StatusCode::CONFLICT,
        ServiceError::Busy => StatusCode::SERVICE_UNAVAILABLE,
        ServiceError::Internal { .. } => StatusCode::INTERNAL_SERVER_ERROR,
    });
    error.into()
}

/// Sets the status of the answer being made, if one is.
pub(crate) fn set_status(status: StatusCode) {
    if let Some(response) = use_context::<ResponseOptions>() {
        response.set_status(status);
    }
}

/// A header of the request being answered.
pub(crate) fn header(name: &str) -> Option<String> {
    let parts = use_context::<Parts>()?;
    parts.headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// A cookie of the request being answered.
pub(crate) fn cookie(name: &str) -> Option<String> {
    let header = header("cookie")?;
    header.split(';').find_map(|pair| {
        let (key, value) = pair.trim().split_once('=')?;
        (key == name).then(|| value.to_owned())
    })
}

fn request_id() -> String {
    header(REQUEST_ID).unwrap_or_else(|| "-".to_owned())
}
