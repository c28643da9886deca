//! What is refused is kept in the audit like what was done: `note_refusals` what somebody has no right to, `note_strangers`
//! what comes from a foreign page or with a credential that is none of ours.
//!
//! What one may not even see answers as what does not exist does, so that it leaves nothing either: else the audit would
//! tell the two apart. A session that is over is no attempt at anything, and leaves nothing.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use domain::access::{Actor, Via};
use domain::service::Visit;
use http::{StatusCode, header};

use crate::router::ActivityUseCases;

/// Mark of an answer whose refusal is kept already.
#[derive(Clone, Copy)]
struct Noted;

/// Inside the guard: the actor is known there.
pub async fn note_refusals(
    State(activity): State<ActivityUseCases>,
    request: Request,
    next: Next,
) -> Response {
    let changes = !request.method().is_safe();
    let asked = request.extensions().get::<Actor>().filter(|_| changes).cloned();
    let asked = asked.map(|actor| (actor, words(&request)));
    let mut response = next.run(request).await;
    if let Some((actor, what)) = asked.filter(|_| response.status() == StatusCode::FORBIDDEN) {
        activity.refused(Some(&actor), &actor.via, &what).await;
        response.extensions_mut().insert(Noted);
    }
    response
}

/// Around everything that asks who and from where.
pub async fn note_strangers(
    State(activity): State<ActivityUseCases>,
    request: Request,
    next: Next,
) -> Response {
    let shows_token = request.headers().contains_key(header::AUTHORIZATION);
    let (is_change, what) = (!request.method().is_safe(), words(&request));
    let via = request.extensions().get::<Visit>().map(|visit| visit.via.clone()).unwrap_or_default();
    let response = next.run(request).await;
    let why = match response.status() {
        StatusCode::UNAUTHORIZED if shows_token => "with a token that is not known, or is over",
        StatusCode::FORBIDDEN if is_change && response.extensions().get::<Noted>().is_none() => {
            "from a foreign page (CSRF)"
        }
        _ => return response,
    };
    activity.refused(None, &Via { token: None, ..via }, &format!("{what} {why}")).await;
    response
}

fn words(request: &Request) -> String {
    format!("{} {}", request.method(), request.uri().path())
}
