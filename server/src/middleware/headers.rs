//! Security headers of every answer.
//!
//! The Content-Security-Policy of a page needs the nonce that is made while the page is rendered, so it is set
//! there ([`content_security_policy`] from the render context); here every answer without one gets the closed
//! policy, so that nothing is ever without.

use app::routes::{EMBED_GRANT, SIGN_IN};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use domain::embed::ParentOrigin;
use http::{HeaderName, HeaderValue, header};

use super::embed::FrameParent;
use super::guard::PROVIDERS_FOLDER;

/// Policy of everything that is no page: nothing may be loaded, nobody may frame it.
const CLOSED_POLICY: &str = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// What a page is only told about: text that becomes markup or script anywhere in it. `end2end/tests/crawl.script.spec.ts`
/// lists the places where that happens.
pub const REPORTED_POLICY: &str = "require-trusted-types-for 'script'";

/// One year, the least that browsers' preload lists take.
const STRICT_TRANSPORT: &str = "max-age=31536000; includeSubDomains";

/// What the headers depend on.
#[derive(Clone, Copy, Debug)]
pub struct HeaderPolicy {
    /// Whether people reach the portal through TLS.
    pub secure: bool,
}

/// Adds what is missing to every answer, errors included.
pub async fn security_headers(State(policy): State<HeaderPolicy>, request: Request, next: Next) -> Response {
    let is_static = request.uri().path().starts_with("/pkg/");
    let opener = if meets_its_opener(request.uri().path()) { "unsafe-none" } else { "same-origin" };
    let mut response = next.run(request).await;
    let framed = response.extensions().get::<FrameParent>().is_some();
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    set(header::CONTENT_SECURITY_POLICY, CLOSED_POLICY);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    // It cannot name an origin; in a frame that is allowed the policy alone decides.
    if !framed {
        set(header::X_FRAME_OPTIONS, "DENY");
    }
    // Forms without script are answered by a redirect to the page they came from: it needs the referrer.
    set(header::REFERRER_POLICY, "same-origin");
    set(HeaderName::from_static("cross-origin-opener-policy"), opener);
    set(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    set(
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    );
    set(header::CACHE_CONTROL, if is_static { "no-cache" } else { "no-store" });
    if policy.secure {
        set(header::STRICT_TRANSPORT_SECURITY, STRICT_TRANSPORT);
    }
    response
}

/// Pages of the pop-up in which somebody signs in for a frame: they have to reach the frame that opened them.
fn meets_its_opener(path: &str) -> bool {
    path == SIGN_IN || path.starts_with(PROVIDERS_FOLDER) || path == EMBED_GRANT
}

/// Policy of a page whose scripts carry this nonce, in frames of `parent` if there is one.
pub fn content_security_policy(nonce: &str, parent: Option<&ParentOrigin>) -> String {
    let ancestors = parent.map_or("'none'", ParentOrigin::as_str);
    format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; \
         style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; connect-src 'self'; font-src 'self'; \
         form-action 'self'; base-uri 'none'; object-src 'none'; frame-src 'none'; frame-ancestors {ancestors}"
    )
}
