//! `/embed/enter`: a one-time code becomes a session in a frame. The code is in the address or, from the page to sign in
//! inside a frame, in a form together with what that page kept for itself; neither is logged.

use app::routes::{self, behind_embed, embed_sign_in, in_embed};
use axum::Form;
use axum::extract::{Query, Request, State};
use axum::response::Response;
use domain::service::Visit;
use http::{StatusCode, header};
use serde::Deserialize;

use crate::middleware::embed::{claimed_parent, redirect};
use crate::router::AppState;

/// What comes along.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Entry {
    code: String,
    /// The text whose hash the code was made for.
    verifier: String,
    /// Where to go on to.
    then: String,
}

/// `GET /embed/enter?code=&then=&parent=`: as a dashboard's server makes the frame's address.
pub async fn enter(State(state): State<AppState>, Query(entry): Query<Entry>, request: Request) -> Response {
    let parent = claimed_parent(request.uri(), request.headers());
    let visit = request.extensions().get::<Visit>().cloned().unwrap_or_default();
    go_in(&state, &entry, &parent, &visit).await
}

/// `POST /embed/enter?parent=`: from the page to sign in inside a frame.
pub async fn enter_by_form(
    State(state): State<AppState>,
    parts: http::request::Parts,
    Form(entry): Form<Entry>,
) -> Response {
    let visit = parts.extensions.get::<Visit>().cloned().unwrap_or_default();
    let parent = claimed_parent(&parts.uri, &parts.headers);
    go_in(&state, &entry, &parent, &visit).await
}

async fn go_in(state: &AppState, entry: &Entry, parent: &str, visit: &Visit) -> Response {
    let then = routes::own_path(&entry.then).unwrap_or(routes::CLUSTERS);
    let then = behind_embed(then).unwrap_or(then);
    match state.embedding.enter(&entry.code, &entry.verifier, visit).await {
        Ok(session) => {
            let mut response = redirect(StatusCode::SEE_OTHER, &in_embed(then));
            if let Some(cookie) = state.cookies.set_embed(&session.secret, session.max_age_seconds) {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
            response
        }
        // Why is in the log; here it is one thing: this code opens nothing.
        Err(_) => redirect(StatusCode::SEE_OTHER, &embed_sign_in(parent, then, true)),
    }
}
