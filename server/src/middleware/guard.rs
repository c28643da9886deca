//! Who asks: no page, no server function and no stream answers without a session.
//!
//! The routes of the REST API take a bearer token in its place, and nothing else; [`EITHER`] take both.
//!
//! The session's secret becomes an [`Actor`] in the request's extensions; whatever is not in the public list
//! and comes without one is answered here. A new route is closed until it is listed.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use catalogue::{Locale, text};
use domain::access::{Actor, Via};
use domain::service::{
    AccountService, EmbedService, Entered, FormerSession, NewSession, ServiceError, TokenService, Visit,
};
use http::{HeaderValue, Method, StatusCode, header};

use super::embed::{InFrame, require_embedded, show_sign_in};
use crate::cookie::SessionCookies;
use crate::error::ApiError;
use crate::rest::caller::{bearer, token_in_query};
use crate::rest::error::ArmError;
use crate::rest::is_rest;

/// Paths that answer without a session, each with its reason.
pub const PUBLIC_PATHS: [&str; 15] = [
    "/healthz",                 // asked by the machine that runs us
    "/readyz",                  // asked by the machine that runs us
    "/sign-in",                 // how one gets a session
    "/set-password",            // the one-time link is the credential
    "/favicon.svg",             // the same for everybody
    "/robots.txt",              // the same for everybody
    "/embed.js",                // the same for everybody
    "/embed/sign-in",           // how one gets a session in a frame
    "/embed/enter",             // the one-time code is the credential
    "/api/portal/sign_in",      // form of the sign-in page
    "/api/portal/set_password", // form of the set-password page
    "/api/portal/link_user",    // the one-time link is the credential
    "/api/portal/set_locale",   // a cookie, no right
    "/api/portal/set_theme",    // a cookie, no right
    "/metrics",                 // decides by itself: own listener, or the administrator's session
];

/// Paths that a session opens as well as a token.
pub const EITHER: [&str; 2] = ["/openapi.json", "/activity.jsonl"];

/// Folder of built scripts and styles: the same for everybody.
pub const PUBLIC_FOLDER: &str = "/pkg/";

/// What is below is the way to identity providers and back: how one gets a session, and leaves.
pub const PROVIDERS_FOLDER: &str = "/sign-in/";

/// What Git hosts send is below: each shows that it knows the webhook's secret, and the route is merged outside this guard
/// (`router.rs`), so that no cookie is even read for it.
pub use domain::service::WEBHOOKS_FOLDER;

/// The session's secret of this request, for sign-out and for re-checks of streams.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionSecret(pub String);

/// What the guard needs.
#[derive(Clone)]
pub struct Guard {
    /// Knows sessions.
    pub accounts: Arc<dyn AccountService>,
    /// Knows tokens.
    pub tokens: Arc<dyn TokenService>,
    /// Knows sessions in frames.
    pub embedding: Arc<dyn EmbedService>,
    /// Names the cookies.
    pub cookies: SessionCookies,
}

/// Whether a path answers without a session.
pub fn is_public(path: &str) -> bool {
    let folders = [PUBLIC_FOLDER, PROVIDERS_FOLDER, WEBHOOKS_FOLDER];
    PUBLIC_PATHS.contains(&path) || folders.iter().any(|folder| path.starts_with(folder))
}

/// Puts the actor into the request, or answers in its place.
pub async fn require_session(
    State(guard): State<Guard>,
    cookies: CookieJar,
    mut request: Request,
    next: Next,
) -> Response {
    if token_in_query(request.uri().query()) {
        let message = text::rest_token_in_address(Locale::English);
        return ArmError::new(StatusCode::BAD_REQUEST, "InvalidParameter", message).into_response();
    }
    let path = request.uri().path();
    if is_rest(path) || (EITHER.contains(&path) && request.headers().contains_key(header::AUTHORIZATION)) {
        return require_token(&guard, request, next).await;
    }
    if request.extensions().get::<InFrame>().is_some() {
        return require_embedded(&guard, &cookies, request, next).await;
    }
    if path == app::routes::EMBED_SIGN_IN {
        return show_sign_in(&guard, request, next).await;
    }
    let secret = cookies.get(guard.cookies.name()).map(|cookie| cookie.value().to_owned());
    if let Some(secret) = secret.filter(|secret| !secret.is_empty()) {
        match guard.accounts.enter(&secret).await {
            Ok(Some(Entered { actor, renewed })) => {
                let via = via(&request);
                request.extensions_mut().insert(Actor { via, ..actor });
                let present = renewed.as_ref().map_or(secret, |renewed| renewed.secret.clone());
                if let Some(visit) = request.extensions_mut().get_mut::<Visit>() {
                    visit.former = Some(FormerSession(present.clone()));
                }
                request.extensions_mut().insert(SessionSecret(present));
                let mut response = next.run(request).await;
                if let Some(NewSession { secret, max_age_seconds }) = renewed {
                    let cookie = guard.cookies.set(&secret, max_age_seconds);
                    hand_over(guard.cookies.name(), cookie, &mut response);
                }
                return response;
            }
            Ok(None) => {}
            Err(error) => return ApiError(error).into_response(),
        }
    }
    if is_public(request.uri().path()) { next.run(request).await } else { refuse(&request) }
}

/// A program shows its token; a cookie that comes along means nothing.
async fn require_token(guard: &Guard, mut request: Request, next: Next) -> Response {
    let actor = match bearer(request.headers()) {
        Some(token) => guard.tokens.bearer(token).await,
        None => Ok(None),
    };
    match actor {
        Ok(Some(actor)) => {
            let via = Via { token: actor.via.token, ..via(&request) };
            request.extensions_mut().insert(Actor { via, ..actor });
            next.run(request).await
        }
        Ok(None) => ArmError::from(ServiceError::Unauthenticated).into_response(),
        Err(error) => ArmError::from(error).into_response(),
    }
}

/// Gives the browser the session's new secret, unless the answer gives or takes a session itself.
pub(super) fn hand_over(name: &str, cookie: Option<HeaderValue>, response: &mut Response) {
    let begins = format!("{name}=");
    let set = |cookie: &HeaderValue| cookie.as_bytes().starts_with(begins.as_bytes());
    if response.headers().get_all(header::SET_COOKIE).iter().any(set) {
        return;
    }
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

/// How the request came.
pub(super) fn via(request: &Request) -> Via {
    request.extensions().get::<Visit>().map(|visit| visit.via.clone()).unwrap_or_default()
}

/// Whether a browser asks for a page.
pub(super) fn accepts_html(request: &Request) -> bool {
    let accept = request.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

/// A person is sent to sign in and back again; a program is told.
fn refuse(request: &Request) -> Response {
    let accepts_html = accepts_html(request);
    let is_page = request.method() == Method::GET && !request.uri().path().starts_with("/api/");
    if accepts_html && is_page {
        let wanted = request.uri().path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
        Redirect::to(&app::routes::sign_in_then(wanted)).into_response()
    } else if accepts_html {
        Redirect::to(app::routes::SIGN_IN).into_response()
    } else {
        (StatusCode::UNAUTHORIZED, ApiError(ServiceError::Unauthenticated)).into_response()
    }
}
