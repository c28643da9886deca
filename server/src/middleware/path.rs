//! Paths that everybody reads alike.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::service::ServiceError;
use http::StatusCode;
use url::Url;

use crate::error::ApiError;

/// Answers that there is nothing where a path would be read in two ways: the pages' router follows `..` and turns `\\`
/// into `/`, while the guards decide by what is written. Browsers send no such path.
pub async fn refuse_crooked(request: Request, next: Next) -> Response {
    if is_straight(request.uri().path()) {
        next.run(request).await
    } else {
        (StatusCode::NOT_FOUND, ApiError(ServiceError::NotFound)).into_response()
    }
}

/// Whether the rules for URLs leave a path as it is.
fn is_straight(path: &str) -> bool {
    // `*` of OPTIONS is none.
    !path.starts_with('/') || Url::parse(&format!("http://x{path}")).is_ok_and(|url| url.path() == path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_leads_elsewhere_than_it_says_is_none() {
        for path in
            ["/", "/clusters", "/clusters/", "/a%20b", "/subscriptions/x/resourceGroups/%C3%A4", "/a..b/.c"]
        {
            assert!(is_straight(path), "{path}");
        }
        for path in ["/clusters/../settings", "/clusters/%2e%2E/settings", "/a/./b", "/a\\..\\b", "/a/.."] {
            assert!(!is_straight(path), "{path}");
        }
    }
}
