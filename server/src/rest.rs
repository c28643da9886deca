//! The REST API: ARM's own routes for scripts, policies and Microsoft's SDKs ([`arm`]), and beside them what ARM has
//! no words for ([`portal`]). One `OpenAPI` document describes both ([`document`]).
//!
//! - [`words`] path words are found in any case, before a route is chosen
//! - [`caller`] who asks: a bearer token and nothing else; these routes know no cookie
//! - [`arm`] and [`portal`] a handler each operation, one call of [`domain::service::ResourceService`] each
//! - [`error`] every answer that is no success has ARM's shape
//!
//! To add an operation: a handler with its `#[utoipa::path]` in one of the two, and its name in that module's
//! `routes`. It is then in the router and in the document, and the tests that walk the document walk it too.

pub mod arm;
pub mod caller;
pub mod document;
pub mod error;
pub mod input;
pub mod link;
pub mod portal;
pub mod time;
pub mod words;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::Method;
use axum::response::{IntoResponse, Response};
use catalogue::{Locale, text};
use http::StatusCode;
use utoipa::openapi::OpenApi;

use self::error::ArmError;
use crate::router::AppState;

/// What the routes of this API begin with; nothing else of the server does.
pub const PREFIXES: [&str; 3] = ["/subscriptions", "/providers", "/api/v1"];

/// A kubeconfig of 256 KiB, escaped for JSON, is the largest body there is.
const BODY_MAX_BYTES: usize = 512 * 1024;

/// The routes and their document.
pub fn routes() -> (Router<AppState>, OpenApi) {
    let (router, api) = document::frame().merge(arm::routes()).merge(portal::routes()).split_for_parts();
    let router = router.method_not_allowed_fallback(method_not_allowed);
    (router.layer(DefaultBodyLimit::max(BODY_MAX_BYTES)), document::finish(api))
}

/// Whether a path belongs to this API.
pub fn is_rest(path: &str) -> bool {
    PREFIXES
        .iter()
        .any(|prefix| path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

/// Answer of a path that begins like one of ours.
pub fn nothing_here() -> Response {
    let message = text::rest_route_missing(Locale::English);
    ArmError::new(StatusCode::NOT_FOUND, "InvalidResourceType", message).into_response()
}

async fn method_not_allowed(request: Request) -> Response {
    let method: &Method = request.method();
    let message = text::rest_method_not_allowed(Locale::English, method.as_str());
    ArmError::new(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", message).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_words_make_a_path_ours() {
        for ours in ["/subscriptions", "/subscriptions/x", "/providers/a/operations", "/api/v1/x"] {
            assert!(is_rest(ours), "{ours}");
        }
        for other in ["/", "/subscriptionsx", "/api/portal/sign_in", "/api", "/clusters"] {
            assert!(!is_rest(other), "{other}");
        }
    }
}
