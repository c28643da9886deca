//! How many requests are at work at once: of everybody, and of one person or address, so that nobody keeps the others out.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::access::Actor;
use domain::service::{ServiceError, Visit};
use http::{HeaderValue, StatusCode, header};
use service::Presence;
use tokio::sync::Semaphore;

use crate::error::ApiError;

/// Of everybody. A page is a few milliseconds; what waits longer waits for clusters and hosts.
const ALL: usize = 1024;
/// Of one person, or of one address where nobody signed in.
const OF_ONE: usize = 128;
/// Seconds after which somebody who was too many may come again.
const AGAIN: HeaderValue = HeaderValue::from_static("1");

/// The requests at work.
#[derive(Clone, Debug)]
pub struct Crowd {
    all: Arc<Semaphore>,
    each: Presence,
}

impl Default for Crowd {
    fn default() -> Self {
        Self { all: Arc::new(Semaphore::new(ALL)), each: Presence::new(OF_ONE) }
    }
}

/// Inside the guard: who asks is known there.
pub async fn bound_crowd(State(crowd): State<Crowd>, request: Request, next: Next) -> Response {
    let Ok(_one) = crowd.all.try_acquire() else {
        tracing::warn!("{ALL} requests are at work: another one was told to come again");
        return again(StatusCode::SERVICE_UNAVAILABLE);
    };
    let Some(_present) = crowd.each.enter(who(&request)) else {
        return again(StatusCode::TOO_MANY_REQUESTS);
    };
    next.run(request).await
}

fn who(request: &Request) -> String {
    if let Some(actor) = request.extensions().get::<Actor>() {
        return actor.user.to_string();
    }
    let address = request.extensions().get::<Visit>().and_then(|visit| visit.via.address.clone());
    address.unwrap_or_default()
}

fn again(status: StatusCode) -> Response {
    (status, [(header::RETRY_AFTER, AGAIN)], ApiError(ServiceError::Busy)).into_response()
}
