//! Answers a request without what another one left on its thread.

use std::future::{Future, poll_fn};
use std::pin::pin;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use leptos::prelude::Owner;

/// To be put around everything that renders pages or calls server functions.
///
/// Leptos makes the owner of a page the present one of its thread and leaves it there while the page is being made. A
/// server function that begins on that thread would be its child, and would find in the context of somebody else's page
/// what its own request does not have: who is signed in there.
pub async fn alone(request: Request, next: Next) -> Response {
    let mut answer = pin!(next.run(request));
    poll_fn(|context| {
        forget_owner();
        let polled = answer.as_mut().poll(context);
        forget_owner();
        polled
    })
    .await
}

fn forget_owner() {
    if let Some(owner) = Owner::current() {
        owner.unset();
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::middleware::from_fn;
    use axum::routing::get;
    use http_body_util::BodyExt;
    use leptos::prelude::{provide_context, use_context};
    use tower::ServiceExt;

    use super::*;

    #[tokio::test]
    async fn what_begins_beside_a_page_does_not_see_its_context() {
        let sees = async || Owner::new().with(|| use_context::<&str>().unwrap_or("nothing"));
        let theirs = Owner::new_root(None);
        theirs.with(|| provide_context("somebody else's"));
        assert_eq!(sees().await, "somebody else's", "or there is nothing to guard against any more");

        let router: Router = Router::new().route("/", get(sees)).layer(from_fn(alone));
        let answer = router.oneshot(Request::new(Body::empty())).await.expect("an answer");
        let body = answer.into_body().collect().await.expect("a body").to_bytes();
        assert_eq!(&*body, b"nothing");
    }
}
