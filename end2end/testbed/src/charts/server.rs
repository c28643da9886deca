//! The files of a chart repository over HTTP, as web servers give them out, and what a test wants in their place.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode, header};
use http_body_util::Full;
use serde::{Deserialize, Serialize};

use crate::serve::shows_basic;

/// What is answered in place of a file.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChartAnswer {
    /// The status.
    pub status: u16,
    /// For redirects: to where.
    pub location: Option<String>,
    /// The body.
    #[serde(default)]
    pub body: String,
}

/// A request that a repository has got.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChartsRequest {
    /// With its `/`.
    pub path: String,
    /// What was answered.
    pub status: u16,
    /// Whether it carried a credential, right or wrong.
    pub with_credential: bool,
}

/// What the server gives out, and what it was asked for.
#[derive(Debug)]
pub(super) struct Site {
    pub(super) root: PathBuf,
    credentials: Option<String>,
    instead: Mutex<HashMap<String, ChartAnswer>>,
    requests: Mutex<Vec<ChartsRequest>>,
}

impl Site {
    pub(super) fn new(root: PathBuf, credentials: Option<(String, String)>) -> Self {
        let credentials = credentials.map(|(user, password)| format!("{user}:{password}"));
        Self { root, credentials, instead: Mutex::default(), requests: Mutex::default() }
    }

    /// What a path is answered with from now on; `None` for the file again.
    pub(super) fn answer_with(&self, path: &str, answer: Option<ChartAnswer>) {
        match answer {
            Some(answer) => lock(&self.instead).insert(path.to_owned(), answer),
            None => lock(&self.instead).remove(path),
        };
    }

    pub(super) fn requests(&self) -> Vec<ChartsRequest> {
        lock(&self.requests).clone()
    }

    pub(super) fn answer<Body>(&self, request: &Request<Body>) -> Response<Full<Bytes>> {
        let path = request.uri().path();
        let response = self.respond(path, request.headers());
        lock(&self.requests).push(ChartsRequest {
            path: path.to_owned(),
            status: response.status().as_u16(),
            with_credential: request.headers().contains_key(header::AUTHORIZATION),
        });
        response
    }

    fn respond(&self, path: &str, headers: &HeaderMap) -> Response<Full<Bytes>> {
        if !self.admits(headers) {
            let challenge = (header::WWW_AUTHENTICATE, "Basic realm=\"testbed\"".to_owned());
            return made(StatusCode::UNAUTHORIZED, [challenge], "Sign in first.\n".into());
        }
        if let Some(ChartAnswer { status, location, body }) = lock(&self.instead).get(path) {
            let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let location = location.iter().map(|location| (header::LOCATION, location.clone()));
            return made(status, location, body.clone().into());
        }
        let name = path.trim_start_matches('/');
        // The files lie in one folder.
        let is_name = !name.is_empty() && !name.contains('/') && !name.starts_with('.');
        let Some(content) = is_name.then(|| std::fs::read(self.root.join(name)).ok()).flatten() else {
            return made(StatusCode::NOT_FOUND, [], "There is no such file.\n".into());
        };
        let mut hasher = DefaultHasher::new();
        content.hash(&mut hasher);
        let tag = format!("\"{:016x}\"", hasher.finish());
        if headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes()) {
            return made(StatusCode::NOT_MODIFIED, [(header::ETAG, tag)], Bytes::new());
        }
        made(StatusCode::OK, [(header::ETAG, tag)], content.into())
    }

    fn admits(&self, headers: &HeaderMap) -> bool {
        self.credentials.as_ref().is_none_or(|wanted| shows_basic(headers, wanted))
    }
}

fn made(
    status: StatusCode,
    headers: impl IntoIterator<Item = (header::HeaderName, String)>,
    body: Bytes,
) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    for (name, value) in headers {
        if let Ok(value) = value.parse() {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

fn lock<Value>(mutex: &Mutex<Value>) -> MutexGuard<'_, Value> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
