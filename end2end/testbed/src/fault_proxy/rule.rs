//! Which fault happens to which request.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use http::{HeaderValue, Method, Response, StatusCode, header};

use super::{ProxiedRequest, RuleId};

type Predicate = Arc<dyn Fn(&ProxiedRequest) -> bool + Send + Sync>;

/// A fault and the requests it happens to: every one, until a method narrows it down.
#[derive(Clone)]
pub struct Rule {
    action: Action,
    conditions: Vec<Predicate>,
    /// Which of the requests that fit, counted from 1: first and last.
    from: usize,
    to: usize,
}

#[derive(Debug, Clone)]
pub(super) enum Action {
    Delay(Duration),
    Answer(Answer),
    Cut,
    CutAfterwards,
    Truncate(usize),
    Slow(usize),
    Hang,
}

/// An answer that the server behind the proxy never gave.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    retry_after: Option<u64>,
    content_type: HeaderValue,
    body: String,
}

impl Rule {
    /// The request is passed on after a while.
    pub fn delay(time: Duration) -> Self {
        Self::new(Action::Delay(time))
    }

    /// The request is not passed on; the answer is this status with a body as the API server would write it.
    pub fn answer(status: StatusCode) -> Self {
        let reason = status.canonical_reason().unwrap_or_default();
        let body = serde_json::json!({
            "apiVersion": "v1",
            "kind": "Status",
            "metadata": {},
            "status": "Failure",
            "message": format!("the fault proxy answers {status}"),
            "reason": reason.replace(' ', ""),
            "code": status.as_u16(),
        });
        let content_type = HeaderValue::from_static("application/json");
        Self::new(Action::Answer(Answer { status, retry_after: None, content_type, body: body.to_string() }))
    }

    /// The request is not passed on; its connection is closed.
    pub fn cut() -> Self {
        Self::new(Action::Cut)
    }

    /// The request is passed on and done, but the connection is closed in place of the answer.
    pub fn cut_afterwards() -> Self {
        Self::new(Action::CutAfterwards)
    }

    /// The connection is closed after so many bytes of the answer's body.
    pub fn truncate(bytes: usize) -> Self {
        Self::new(Action::Truncate(bytes))
    }

    /// The answer's body trickles.
    pub fn slow(bytes_per_second: usize) -> Self {
        Self::new(Action::Slow(bytes_per_second.max(1)))
    }

    /// The request is not passed on and never answered.
    pub fn hang() -> Self {
        Self::new(Action::Hang)
    }

    fn new(action: Action) -> Self {
        Self { action, conditions: Vec::new(), from: 1, to: usize::MAX }
    }

    /// Only requests with this HTTP method.
    #[must_use]
    pub fn method(self, method: Method) -> Self {
        self.when(move |request| request.method == method)
    }

    /// Only requests whose path and query contain this.
    #[must_use]
    pub fn path_contains(self, part: &str) -> Self {
        let part = part.to_owned();
        self.when(move |request| request.path.contains(&part))
    }

    /// Only requests for which this holds.
    #[must_use]
    pub fn when(mut self, condition: impl Fn(&ProxiedRequest) -> bool + Send + Sync + 'static) -> Self {
        self.conditions.push(Arc::new(condition));
        self
    }

    /// Only the n-th request that fits, counted from 1.
    #[must_use]
    pub fn nth(mut self, number: usize) -> Self {
        (self.from, self.to) = (number, number);
        self
    }

    /// Only the first requests that fit.
    #[must_use]
    pub fn first(mut self, count: usize) -> Self {
        (self.from, self.to) = (1, count);
        self
    }

    /// Only the n-th request that fits, counted from 1, and all after it.
    #[must_use]
    pub fn from_nth(mut self, number: usize) -> Self {
        (self.from, self.to) = (number, usize::MAX);
        self
    }

    /// With this header `Retry-After` in seconds, where the rule answers.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        if let Action::Answer(answer) = &mut self.action {
            answer.retry_after = Some(seconds);
        }
        self
    }

    /// With this body, where the rule answers.
    #[must_use]
    pub fn body(mut self, content_type: &'static str, text: &str) -> Self {
        if let Action::Answer(answer) = &mut self.action {
            answer.content_type = HeaderValue::from_static(content_type);
            text.clone_into(&mut answer.body);
        }
        self
    }
}

impl std::fmt::Debug for Rule {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { action, conditions, from, to } = self;
        write!(formatter, "Rule({action:?}, {} conditions, {from} to {to})", conditions.len())
    }
}

impl Answer {
    pub(super) fn response(&self) -> Response<Body> {
        let Self { status, retry_after, content_type, body } = self;
        let mut response = Response::new(Body::from(body.clone()));
        *response.status_mut() = *status;
        response.headers_mut().insert(header::CONTENT_TYPE, content_type.clone());
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(*seconds));
        }
        response
    }
}

/// A rule in force, with what it has met so far.
#[derive(Debug)]
pub(super) struct Active {
    pub(super) id: RuleId,
    pub(super) hits: usize,
    rule: Rule,
    met: usize,
}

impl Active {
    pub(super) fn new(id: RuleId, rule: Rule) -> Self {
        Self { id, hits: 0, rule, met: 0 }
    }

    /// What the rule wants to happen to a request.
    pub(super) fn meet(&mut self, request: &ProxiedRequest) -> Option<Action> {
        let Rule { action, conditions, from, to } = &self.rule;
        if !conditions.iter().all(|condition| condition(request)) {
            return None;
        }
        self.met += 1;
        if !(*from..=*to).contains(&self.met) {
            return None;
        }
        self.hits += 1;
        Some(action.clone())
    }
}
