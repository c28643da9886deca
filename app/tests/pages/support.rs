//! Asks the portal as a browser without scripts would.

use std::sync::LazyLock;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use axum::response::Response;
use http_body_util::BodyExt;
use leptos::config::LeptosOptions;
use leptos::prelude::{Owner, provide_context};
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt;

use crate::sample;

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    location: Option<String>,
    pub(crate) cookies: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn location(&self) -> &str {
        self.location.as_deref().unwrap_or("no location")
    }
}

fn router() -> Router {
    let options = LeptosOptions::builder().output_name("fairlead").build();
    sample::router(&options)
}

pub(crate) fn get(path: &str, cookie: &str) -> Answer {
    let request = Request::get(path).header(header::COOKIE, cookie).header(header::ACCEPT, "text/html");
    answer(request.body(Body::empty()).expect("a request"))
}

pub(crate) fn post(path: &str, cookie: &str, form: &[(&str, &str)]) -> Answer {
    answer(post_of(path, cookie, form))
}

pub(crate) fn post_of(path: &str, cookie: &str, form: &[(&str, &str)]) -> Request<Body> {
    let body: Vec<String> = form.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
    let request = Request::post(path)
        .header(header::COOKIE, cookie)
        .header(header::ACCEPT, "text/html")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(body.join("&")));
    request.expect("a request")
}

fn encode(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// All tests ask one server: pages are rendered by many threads of one runtime, as they are in earnest.
pub(crate) fn answer(request: Request<Body>) -> Answer {
    static SERVER: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("a runtime"));
    SERVER.block_on(async { SERVER.spawn(ask(request)).await.expect("an answer") })
}

/// On a thread on which the page of somebody who is signed in is being made.
pub(crate) fn beside_somebody(request: Request<Body>) -> Answer {
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let theirs = Owner::new_root(None);
        theirs.with(|| {
            provide_context(sample::actor());
            provide_context(Some(sample::actor()));
        });
        let answer = ask(request).await;
        drop(theirs);
        answer
    })
}

async fn ask(request: Request<Body>) -> Answer {
    let response: Response = router().oneshot(request).await.expect("an answer");
    let cookies = response.headers().get_all(header::SET_COOKIE).iter();
    let cookies: Vec<String> = cookies.filter_map(|cookie| cookie.to_str().ok().map(str::to_owned)).collect();
    let location =
        response.headers().get(header::LOCATION).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let status = response.status();
    let body = response.into_body().collect().await.expect("a body").to_bytes();
    Answer {
        status,
        location,
        cookies: cookies.join(", "),
        body: String::from_utf8_lossy(&body).into_owned(),
    }
}

/// Without what the renderer leaves between pieces of text.
pub(crate) fn text_of(body: &str) -> String {
    body.replace("<!>", "")
}
