//! Signing in by an identity provider: the way there, the way back, and out.
//!
//! What an address brings along is compared or looked up and never shown: the page says a sentence of ours.

use app::{routes, shell};
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use domain::service::{ProviderAnswer, RefusedSignIn, SignInFault, Visit};
use http::{HeaderName, HeaderValue, StatusCode, header};
use leptos::prelude::provide_context;
use url::form_urlencoded;

use crate::router::{AppState, provide_page_context};

/// Goes on to another address as a click would. A redirect would not do where a form leads here: the policy of our pages
/// lets forms lead to ourselves alone, and browsers hold that against redirects too.
const REFRESH: HeaderName = HeaderName::from_static("refresh");

/// `GET /sign-in/{provider}?then=`
pub async fn begin(
    State(state): State<AppState>,
    Path(provider): Path<String>,
    request: Request,
) -> Response {
    let then = parameter(&request, "then").unwrap_or_default();
    let going_to = routes::own_path(&then).unwrap_or_default();
    match state.providers.begin(&provider, going_to, &visit(&request)).await {
        Ok(departure) => {
            let cookie = state.cookies.set_sign_in(&departure.browser, departure.max_age_seconds);
            leave(&departure.address, &[cookie])
        }
        Err(fault) => refuse(state, &provider, fault, request).await,
    }
}

/// `GET /sign-in/{provider}/callback?code=&state=&iss=&error=`
pub async fn callback(
    State(state): State<AppState>,
    Path(provider): Path<String>,
    cookies: CookieJar,
    request: Request,
) -> Response {
    let answer = ProviderAnswer {
        code: parameter(&request, "code"),
        state: parameter(&request, "state"),
        issuer: parameter(&request, "iss"),
        error: parameter(&request, "error"),
    };
    let browser = cookies.get(state.cookies.sign_in_name()).map(|cookie| cookie.value().to_owned());
    match state.providers.finish(&provider, &answer, browser.as_deref(), &visit(&request)).await {
        Ok(arrival) => {
            let session = state.cookies.set(&arrival.session.secret, arrival.session.max_age_seconds);
            let going_to = routes::own_path(&arrival.going_to).unwrap_or(routes::CLUSTERS);
            leave(going_to, &[session, state.cookies.clear_sign_in()])
        }
        Err(fault) => refuse(state, &provider, fault, request).await,
    }
}

/// `GET /sign-in/{provider}/sign-out`: the session is over already; the provider's may end too.
pub async fn farewell(State(state): State<AppState>, Path(provider): Path<String>) -> Response {
    let address = state.providers.farewell(&provider).await;
    let refresh = address.and_then(|address| HeaderValue::from_str(&format!("0; url={address}")).ok());
    match refresh {
        Some(refresh) => ([(REFRESH, refresh)], StatusCode::OK).into_response(),
        None => Redirect::to(routes::SIGN_IN).into_response(),
    }
}

fn leave(address: &str, cookies: &[Option<HeaderValue>]) -> Response {
    let mut response = Redirect::to(address).into_response();
    for cookie in cookies.iter().flatten() {
        response.headers_mut().append(header::SET_COOKIE, cookie.clone());
    }
    response
}

/// The page to sign in, with why nobody was.
async fn refuse(state: AppState, provider: &str, fault: SignInFault, request: Request) -> Response {
    let row = state.providers.providers().into_iter().find(|row| row.name == provider);
    let refused = RefusedSignIn { fault, title: row.map(|row| row.title).unwrap_or_default() };
    let options = state.leptos.clone();
    let context = move || {
        provide_page_context(&state);
        provide_context(refused.clone());
    };
    let render = leptos_axum::render_app_async_with_context(context, move || shell(options.clone()));
    let (parts, _) = request.into_parts();
    let mut response = render(Request::from_parts(parts, Body::empty())).await.into_response();
    *response.status_mut() = status(fault);
    response
}

fn status(fault: SignInFault) -> StatusCode {
    match fault {
        SignInFault::Unknown => StatusCode::NOT_FOUND,
        SignInFault::Denied | SignInFault::Refused => StatusCode::FORBIDDEN,
        SignInFault::Stale => StatusCode::BAD_REQUEST,
        SignInFault::Unreachable => StatusCode::BAD_GATEWAY,
        SignInFault::Busy => StatusCode::TOO_MANY_REQUESTS,
        SignInFault::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// A parameter that is there exactly once (RFC 6749 3.1).
fn parameter(request: &Request, name: &str) -> Option<String> {
    let query = request.uri().query().unwrap_or_default();
    let mut values = form_urlencoded::parse(query.as_bytes()).filter(|(key, _)| key == name);
    let (_, value) = values.next()?;
    values.next().is_none().then(|| value.into_owned())
}

fn visit(request: &Request) -> Visit {
    request.extensions().get::<Visit>().cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_that_comes_twice_is_none() {
        let request =
            Request::get("/x?state=a&code=b&code=c&iss=https%3A%2F%2Fid").body(Body::empty()).unwrap();
        assert_eq!(parameter(&request, "state").as_deref(), Some("a"));
        assert_eq!(parameter(&request, "iss").as_deref(), Some("https://id"));
        assert_eq!(parameter(&request, "code"), None);
        assert_eq!(parameter(&request, "error"), None);
    }
}
