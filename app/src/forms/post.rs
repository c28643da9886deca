//! The server's side of a form post.

use axum::body::{Body, Bytes, to_bytes};
use axum::http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, LOCATION, REFERER, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, Request, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use leptos::prelude::{IntoView, provide_context};
use server_fn::error::{FromServerFnError, SERVER_FN_ERROR_HEADER};
use url::form_urlencoded;

use super::answered::SHOWN;
use super::{AnsweredForm, FORM, RefusedForm, SECRET_FIELDS};
use crate::error::WireError;
use crate::routes;
use crate::server_fns::PREFIX;

/// Bytes of a form post: a pasted kubeconfig is the largest, 256 KiB before each of its special characters
/// becomes three.
const FORM_MAX: usize = 768 * 1024;
/// What the browser is to forget of us.
const CLEAR_SITE_DATA: &str = "clear-site-data";
/// Bytes of an answer of a server function that is read: an error with its violations.
const ANSWER_MAX: usize = 256 * 1024;

/// Answers a POST to a page. `context` provides what server functions and pages need, `shell` is the page, `may_call` says
/// whether a server function may be called from here, by its path; one that may not does not exist.
pub async fn answer<Context, Shell, View>(
    request: Request<Body>,
    context: Context,
    shell: Shell,
    may_call: impl Fn(&str) -> bool,
) -> Response
where
    Context: Fn() + Clone + Send + Sync + 'static,
    Shell: Fn() -> View + Clone + Send + Sync + 'static,
    View: IntoView + 'static,
{
    let (parts, body) = request.into_parts();
    if !is_form(&parts) {
        return StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response();
    }
    let Ok(body) = to_bytes(body, FORM_MAX).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let mut fields: Vec<(String, String)> = form_urlencoded::parse(&body).into_owned().collect();
    let Some(form) = fields.iter().find(|(name, _)| name == FORM).map(|(_, value)| value.clone()) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let Some(call) = call(&parts, &form, body) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    if !may_call(call.uri().path()) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let called = leptos_axum::handle_server_fns_with_context(context.clone(), call).await.into_response();
    if called.headers().contains_key(SERVER_FN_ERROR_HEADER) {
        let status = called.status();
        let error = error_of(called).await;
        if error.is_unauthenticated() {
            return see_other(&routes::sign_in_then(&page_of(&parts)));
        }
        fields.retain(|(name, _)| name != FORM && !SECRET_FIELDS.contains(&name.as_str()));
        let refused = RefusedForm { form, fields, error };
        return page_again(parts, context, shell, refused, status).await;
    }
    if called.headers().contains_key(SHOWN) {
        let answered = AnsweredForm { form, answer: text_of(called).await };
        return page_again(parts, context, shell, answered, StatusCode::OK).await;
    }
    if called.status() == StatusCode::BAD_REQUEST {
        return called;
    }
    done(&parts, &called)
}

fn is_form(parts: &Parts) -> bool {
    let content_type =
        parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// The call of the server function. It is made as a script would make it, so that the answer tells success
/// from refusal and is no redirect to the referring page.
fn call(parts: &Parts, form: &str, body: Bytes) -> Option<Request<Body>> {
    let known = |character: char| character.is_ascii_lowercase() || character == '_';
    if !form.chars().all(known) {
        return None;
    }
    let mut parts = parts.clone();
    parts.uri = Uri::try_from(format!("{PREFIX}/{form}")).ok()?;
    for name in [ACCEPT, REFERER, CONTENT_LENGTH] {
        parts.headers.remove(name);
    }
    Some(Request::from_parts(parts, Body::from(body)))
}

async fn error_of(called: Response) -> WireError {
    match to_bytes(called.into_body(), ANSWER_MAX).await {
        Ok(bytes) => WireError::de(bytes),
        Err(_) => WireError::Malformed,
    }
}

async fn text_of(called: Response) -> String {
    let bytes = to_bytes(called.into_body(), ANSWER_MAX).await.unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// On to where the server function says, else back to the page, with the cookies it set and what it had the browser forget.
fn done(parts: &Parts, called: &Response) -> Response {
    let location = called.headers().get(LOCATION).and_then(|value| value.to_str().ok());
    let mut response = see_other(location.unwrap_or(&page_of(parts)));
    for cookie in called.headers().get_all(SET_COOKIE) {
        response.headers_mut().append(SET_COOKIE, cookie.clone());
    }
    if let Some(forgotten) = called.headers().get(CLEAR_SITE_DATA) {
        response.headers_mut().insert(CLEAR_SITE_DATA, forgotten.clone());
    }
    response
}

fn see_other(path: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    if let Ok(location) = HeaderValue::from_str(path) {
        response.headers_mut().insert(LOCATION, location);
    }
    response
}

fn page_of(parts: &Parts) -> String {
    let page = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    routes::own_path(page).unwrap_or(routes::CLUSTERS).to_owned()
}

/// The page that the form is on, with what became of the post in its context.
async fn page_again<Context, Shell, View, Outcome>(
    mut parts: Parts,
    context: Context,
    shell: Shell,
    outcome: Outcome,
    status: StatusCode,
) -> Response
where
    Outcome: Clone + Send + Sync + 'static,
    Context: Fn() + Clone + Send + Sync + 'static,
    Shell: Fn() -> View + Clone + Send + Sync + 'static,
    View: IntoView + 'static,
{
    parts.method = Method::GET;
    parts.headers.remove(CONTENT_LENGTH);
    let context = move || {
        context();
        provide_context(outcome.clone());
    };
    let render = leptos_axum::render_app_async_with_context(context, shell);
    let mut response = render(Request::from_parts(parts, Body::empty())).await;
    if response.status() == StatusCode::OK {
        *response.status_mut() = status;
    }
    response
}
