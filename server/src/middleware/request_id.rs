//! An id for every request: in its log lines, in its answer, and quoted by error pages.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderName, HeaderValue};
use tracing::Instrument;

/// The header that carries it, as ARM names it.
pub const HEADER: HeaderName = HeaderName::from_static("x-ms-request-id");

/// The header pages read it from.
const PAGE_HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The id, kept in the request's extensions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(pub String);

/// Makes the id and logs the request when it is answered. The path is logged without its query, which may
/// hold what was typed.
pub async fn identify_request(mut request: Request, next: Next) -> Response {
    let id = new_id();
    let span = tracing::info_span!("request", request.id = %id);
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let started = tokio::time::Instant::now();
    request.extensions_mut().insert(RequestId(id.clone()));
    if let Ok(value) = HeaderValue::from_str(&id) {
        // pages quote it; what the caller sent under this name is replaced
        request.headers_mut().insert(PAGE_HEADER, value);
    }
    let mut response = next.run(request).instrument(span.clone()).await;
    let status = response.status().as_u16();
    let milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    span.in_scope(
        || tracing::info!(%method, path, status, milliseconds, "{method} {path} answered {status}"),
    );
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(HEADER, value);
    }
    response
}

/// 16 hexadecimal digits: short enough to read out, unique enough to find a log line.
fn new_id() -> String {
    let mut bytes = [0_u8; 8];
    // Without randomness the id is all zeros: a request is not worth failing for it.
    getrandom::fill(&mut bytes).ok();
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}
