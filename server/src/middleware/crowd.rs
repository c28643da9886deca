//! How many requests are at work at once: of everybody, and of one person or address, so that nobody keeps the others out.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::access::Actor;
use domain::service::{ServiceError, Visit};
use http::{HeaderValue, StatusCode, header};
use tokio::sync::Semaphore;

use crate::error::ApiError;

/// Of everybody. A page is a few milliseconds; what waits longer waits for clusters and hosts.
const ALL: usize = 1024;
/// Of one person, or of one address where nobody signed in.
const OF_ONE: usize = 128;
/// Seconds after which somebody who was too many may come again.
const AGAIN: HeaderValue = HeaderValue::from_static("1");

/// Counts who is present, by name.
#[derive(Clone, Debug)]
pub struct Presence {
    max: usize,
    present: Arc<Mutex<HashMap<String, usize>>>,
}

/// One who is present, until it is dropped.
#[derive(Debug)]
pub struct Present {
    presence: Presence,
    who: String,
}

impl Presence {
    /// Each may be there this often.
    pub fn new(max: usize) -> Self {
        Self { max, present: Arc::default() }
    }

    /// One more of this name; `None` when that is too many.
    pub fn enter(&self, who: String) -> Option<Present> {
        let mut present = self.present.lock().unwrap_or_else(PoisonError::into_inner);
        let number = present.entry(who.clone()).or_default();
        if *number >= self.max {
            return None;
        }
        *number += 1;
        Some(Present { presence: self.clone(), who })
    }
}

impl Drop for Present {
    fn drop(&mut self) {
        let mut present = self.presence.present.lock().unwrap_or_else(PoisonError::into_inner);
        let left = present.get_mut(&self.who).map(|number| {
            *number = number.saturating_sub(1);
            *number
        });
        if left == Some(0) {
            present.remove(&self.who);
        }
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_counted_alone_and_forgotten_when_gone() {
        let presence = Presence::new(2);
        let enter = |who: &str| presence.enter(who.to_owned());
        let (first, second) = (enter("a"), enter("a"));
        assert!(first.is_some() && second.is_some() && enter("a").is_none());
        assert!(enter("b").is_some());
        drop(first);
        assert!(enter("a").is_some(), "one has gone");
        drop(second);
        assert!(presence.present.lock().unwrap().is_empty());
    }
}
