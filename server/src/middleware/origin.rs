//! A change comes from our own pages, or not at all.
//!
//! The layer before this one refuses what a browser marks as foreign (`Sec-Fetch-Site`, then `Origin` against
//! `Host`), and lets pass what carries neither mark, as programs send it. A program has no session cookie: what
//! comes with a cookie and without a mark is refused here. Behind a proxy that rewrites `Host`, the public
//! address of the settings is what `Origin` must be.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, Method, StatusCode, header};

/// The public address, when one is set.
#[derive(Clone, Debug, Default)]
pub struct Origins {
    /// For instance `https://fairlead.example.com`.
    pub public: Option<String>,
}

/// Refuses changes with a cookie whose origin nobody vouches for.
pub async fn require_own_origin(State(origins): State<Origins>, request: Request, next: Next) -> Response {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let has_cookie = request.headers().contains_key(header::COOKIE);
    if safe || !has_cookie || vouched(request.headers(), &origins) {
        return next.run(request).await;
    }
    tracing::warn!(path = request.uri().path(), "a change was refused: its origin is not known to be ours");
    (
        StatusCode::FORBIDDEN,
        "This request did not come from a page of this portal. Open the portal and try again.\n",
    )
        .into_response()
}

fn vouched(headers: &HeaderMap, origins: &Origins) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match (text("sec-fetch-site"), text("origin")) {
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => match &origins.public {
            Some(public) => origin == public,
            None => {
                text("host").is_some_and(|host| origin.split_once("://").is_some_and(|(_, own)| own == host))
            }
        },
        (None, None) => false,
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn vouched_for(pairs: &[(&'static str, &'static str)], public: Option<&str>) -> bool {
        let headers = pairs
            .iter()
            .map(|(name, value)| (http::HeaderName::from_static(name), HeaderValue::from_static(value)));
        vouched(&headers.collect(), &Origins { public: public.map(str::to_owned) })
    }

    #[test]
    fn only_our_own_pages_are_vouched_for() {
        assert!(vouched_for(&[("sec-fetch-site", "same-origin")], None));
        assert!(!vouched_for(&[("sec-fetch-site", "same-site")], None));
        assert!(!vouched_for(&[("sec-fetch-site", "none")], None));
        assert!(vouched_for(&[("origin", "http://portal:3000"), ("host", "portal:3000")], None));
        assert!(!vouched_for(&[("origin", "http://evil:3000"), ("host", "portal:3000")], None));
        assert!(!vouched_for(&[("origin", "null"), ("host", "portal:3000")], None));
        assert!(!vouched_for(&[("host", "portal:3000")], None));
    }

    #[test]
    fn behind_a_proxy_the_public_address_counts() {
        let headers = [("origin", "https://fairlead.example.com"), ("host", "10.0.0.7:3000")];
        assert!(vouched_for(&headers, Some("https://fairlead.example.com")));
        assert!(!vouched_for(&headers, Some("https://other.example.com")));
    }
}
