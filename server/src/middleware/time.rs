//! No request runs for ever: whoever does not come to the end of what they send is told so, and what takes too long here is
//! given up.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use hyper::body::{Body as HttpBody, Frame, SizeHint};

/// From the head of a request to the head of its answer: nothing a page asks for takes longer. The live stream is not
/// bounded by it.
pub const REQUEST_TIMEOUT: Duration = Duration::from_mins(1);
/// Seconds after which it may be tried again.
const AGAIN: HeaderValue = HeaderValue::from_static("5");

/// Answers in time, in place of whatever does not.
pub async fn bound_time(request: Request, next: Next) -> Response {
    let arrived = Arc::new(AtomicBool::new(request.body().is_end_stream()));
    let request = request.map(|body| Body::new(Watched { body, arrived: Arc::clone(&arrived) }));
    match tokio::time::timeout(REQUEST_TIMEOUT, next.run(request)).await {
        Ok(response) => response,
        Err(_) if arrived.load(Ordering::Relaxed) => {
            (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, AGAIN)]).into_response()
        }
        Err(_) => {
            let close = (header::CONNECTION, HeaderValue::from_static("close"));
            (StatusCode::REQUEST_TIMEOUT, [close]).into_response()
        }
    }
}

/// A body that tells when all of it has come.
struct Watched {
    body: Body,
    arrived: Arc<AtomicBool>,
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if matches!(polled, Poll::Ready(None)) || self.body.is_end_stream() {
            self.arrived.store(true, Ordering::Relaxed);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::routing::post;
    use tower::ServiceExt;

    use super::*;

    async fn answer(body: Body) -> StatusCode {
        let slow = |body: Bytes| async move {
            assert_eq!(body, "all of it");
            std::future::pending::<()>().await;
        };
        let router = Router::new().route("/", post(slow)).layer(axum::middleware::from_fn(bound_time));
        router.oneshot(Request::post("/").body(body).unwrap()).await.unwrap().status()
    }

    // S-F4
    #[tokio::test(start_paused = true)]
    async fn whoever_does_not_come_to_an_end_is_told_apart_from_what_takes_too_long_here() {
        assert_eq!(answer(Body::from("all of it")).await, StatusCode::SERVICE_UNAVAILABLE);
        let begun = futures::stream::once(async { Ok::<_, std::io::Error>("all") });
        let endless = futures::StreamExt::chain(begun, futures::stream::pending());
        assert_eq!(answer(Body::from_stream(endless)).await, StatusCode::REQUEST_TIMEOUT);
    }
}
