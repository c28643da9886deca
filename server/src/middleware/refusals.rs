//! A change that somebody has no right to is kept in the audit like one that was made.
//!
//! What one may not even see answers as what does not exist does, so that it leaves nothing either: else the audit would
//! tell the two apart. Of requests without a session or token nobody is known; sign-in keeps its own.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use domain::access::Actor;
use http::StatusCode;

use crate::router::ActivityUseCases;

/// Inside the guard: the actor is known there.
pub async fn note_refusals(
    State(activity): State<ActivityUseCases>,
    request: Request,
    next: Next,
) -> Response {
    let changes = !request.method().is_safe();
    let asked = request.extensions().get::<Actor>().filter(|_| changes).cloned();
    let asked = asked.map(|actor| (actor, format!("{} {}", request.method(), request.uri().path())));
    let response = next.run(request).await;
    if let Some((actor, what)) = asked.filter(|_| response.status() == StatusCode::FORBIDDEN) {
        activity.refused(&actor, &what).await;
    }
    response
}
