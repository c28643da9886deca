//! One request to an API server, with its limits: time, size, pace, and what a failure means.

mod fault;
mod list;
mod path;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use domain::clock::Timestamp;
use domain::cluster::ClusterUid;
use http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, DATE, HeaderMap, HeaderValue, RETRY_AFTER};
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Limited};
use kube::client::Body;
use kube::core::Status;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize as _;
use serde::de::DeserializeOwned;
use tokio::time::timeout;

pub(crate) use self::fault::{Fault, bounded};
pub(crate) use self::list::{Listing, list};
pub(crate) use self::path::{collection_path, object_path, query};
use crate::Credential;
use crate::operator::ServiceAccountName;
use crate::reason::is_passing;
use crate::transport::{Outcome, Pace, Transport, Unproven};

/// Reads: an API server that has not answered by then is not well.
pub(crate) const READ_TIMEOUT: Duration = Duration::from_secs(20);

/// Writes wait for admission webhooks, which have up to 30 s each; API servers end a request after 60 s.
pub(crate) const WRITE_TIMEOUT: Duration = Duration::from_secs(65);

/// The largest answer that is read: a page of objects of 1 MiB each, unpacked.
const ANSWER_MAX: usize = 64 * 1024 * 1024;

/// The largest refusal that is read; its message is cut to much less.
const REFUSAL_MAX: usize = 1024 * 1024;

/// How often a request is sent again that the server asked to come back for, or whose connection it had just closed.
const ATTEMPTS: usize = 4;

/// Where the server names no time to come back.
const RETRY_AFTER_DEFAULT: Duration = Duration::from_secs(1);

/// An API server as one user sees it: the kubeconfig's, or a service account.
#[derive(Clone)]
pub(crate) struct ApiServer {
    client: kube::Client,
    pace: Arc<Pace>,
    expires: Option<Timestamp>,
    /// Sent with every request; whoever answers may repeat it.
    token: Option<SecretString>,
}

/// What is asked.
pub(crate) struct Call {
    method: Method,
    path: String,
    accept: &'static str,
    body: Option<(&'static str, Bytes)>,
    timeout: Duration,
}

/// An answer that is no refusal.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// A refusal in the API server's words.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) message: String,
    pub(crate) causes: Vec<String>,
}

/// Why there is no answer that can be used.
#[derive(Debug)]
pub(crate) enum CallError {
    /// There was no answer.
    Unreached(Fault),
    /// The API server does not know the credential; by its own clock, or that of the proxy before it, the credential
    /// has expired.
    Unauthenticated { expired: bool, message: String },
    /// It refused.
    Refused(Box<Refusal>),
    /// It answered something that no API server answers.
    Unreadable(String),
}

/// Stands for a token.
const HIDDEN: &str = "•••";
pub(crate) const JSON: &str = "application/json";
pub(crate) const METADATA: &str = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
pub(crate) const METADATA_LIST: &str = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

impl Call {
    pub(crate) fn new(method: Method, path: String) -> Self {
        let timeout = if method == Method::GET { READ_TIMEOUT } else { WRITE_TIMEOUT };
        Self { method, path, accept: JSON, body: None, timeout }
    }

    pub(crate) fn get(path: String) -> Self {
        Self::new(Method::GET, path)
    }

    pub(crate) fn accept(mut self, accept: &'static str) -> Self {
        self.accept = accept;
        self
    }

    pub(crate) fn json<T: serde::Serialize>(self, value: &T) -> Result<Self, CallError> {
        self.body(JSON, value)
    }

    pub(crate) fn body<T: serde::Serialize>(
        mut self,
        kind: &'static str,
        value: &T,
    ) -> Result<Self, CallError> {
        let bytes = serde_json::to_vec(value).map_err(|error| CallError::Unreadable(error.to_string()))?;
        self.body = Some((kind, Bytes::from(bytes)));
        Ok(self)
    }

    fn request(&self) -> Result<Request<Body>, CallError> {
        let mut request = Request::builder().method(&self.method).uri(&self.path).header(ACCEPT, self.accept);
        let mut bytes = Bytes::new();
        if let Some((kind, body)) = &self.body {
            request = request.header(CONTENT_TYPE, *kind);
            bytes = body.clone();
        }
        request.body(Body::from(bytes)).map_err(|error| CallError::Unreadable(error.to_string()))
    }
}

impl ApiServer {
    /// As the kubeconfig's user.
    pub(crate) fn own(transport: &Transport, credential: &Credential) -> Self {
        Self {
            client: transport.own_client(),
            pace: transport.pace(),
            expires: credential.expires_at(),
            token: credential.token().cloned(),
        }
    }

    /// As the same user, in one cluster alone.
    pub(crate) fn proven(&self, transport: &Transport, cluster: &ClusterUid) -> Self {
        Self { client: transport.proven_client(cluster), ..self.clone() }
    }

    /// As a service account of one cluster.
    pub(crate) fn impersonating(
        &self,
        transport: &Transport,
        account: &ServiceAccountName,
        cluster: &ClusterUid,
    ) -> Self {
        Self { client: transport.impersonating_client(account, cluster), ..self.clone() }
    }

    /// Sends and reads the answer, within the call's time. A request that the server asked to come back for is sent
    /// again; all of ours may be repeated.
    pub(crate) async fn send(&self, call: &Call) -> Result<Answer, CallError> {
        timeout(call.timeout, self.attempts(call)).await.unwrap_or(Err(CallError::Unreached(Fault::TimedOut)))
    }

    /// Sends and reads the answer as JSON.
    pub(crate) async fn fetch<T: DeserializeOwned>(&self, call: &Call) -> Result<T, CallError> {
        self.send(call).await?.json()
    }

    /// As [`ApiServer::fetch`]; `None` when there is no such object.
    pub(crate) async fn find<T: DeserializeOwned>(&self, call: &Call) -> Result<Option<T>, CallError> {
        match self.fetch(call).await {
            Ok(found) => Ok(Some(found)),
            Err(CallError::Refused(refusal)) if refusal.status == StatusCode::NOT_FOUND => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Opens a stream whose beginning is answered within the call's time. It does not count for the pace.
    pub(crate) async fn open(&self, call: &Call) -> Result<Response<Body>, CallError> {
        let mut request = call.request()?;
        // API servers pack each event of a watch for itself, of which decoders read the first one only.
        request.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        let answered = timeout(call.timeout, async {
            let response = self.client.send(request).await;
            let response = response.map_err(|error| CallError::Unreached(Fault::of(&error)))?;
            if response.status().is_success() { Ok(response) } else { Err(self.refusal(response).await) }
        });
        answered.await.unwrap_or(Err(CallError::Unreached(Fault::TimedOut)))
    }

    async fn attempts(&self, call: &Call) -> Result<Answer, CallError> {
        let mut attempt = 1;
        loop {
            let turn = self.pace.turn().await;
            let result = self.attempt(call).await;
            let (outcome, again) = match &result {
                Err((_, Some(pause))) => (Outcome::TooMany(Some(*pause)), true),
                Err((CallError::Unreached(Fault::Dropped), None)) => (Outcome::Unknown, true),
                Ok(_) | Err((CallError::Refused(_), None)) => (Outcome::Answered, false),
                Err((_, None)) => (Outcome::Unknown, false),
            };
            turn.end(outcome);
            if !again || attempt >= ATTEMPTS {
                return result.map_err(|(error, _)| error);
            }
            attempt += 1;
        }
    }

    /// One request; an error comes with the pause the server asked for.
    async fn attempt(&self, call: &Call) -> Result<Answer, (CallError, Option<Duration>)> {
        let request = call.request().map_err(|error| (error, None))?;
        let response = self.client.send(request).await;
        let response = response.map_err(|error| self.unanswered(Fault::of(&error)))?;
        let (status, pause) = (response.status(), retry_after(&response));
        if !status.is_success() {
            return Err((self.refusal(response).await, pause));
        }
        let (parts, body) = response.into_parts();
        let body = read(body, ANSWER_MAX).await.map_err(|error| (error, None))?;
        if body.is_empty() {
            // API servers say something with every success; this answer got lost on its way.
            return Err((CallError::Unreached(Fault::Dropped), None));
        }
        Ok(Answer { status, headers: parts.headers, body })
    }

    /// What an API server, or a proxy before it, says is stored, logged and shown.
    fn without_token(&self, message: &str) -> String {
        let token = self.token.as_ref().map(ExposeSecret::expose_secret).filter(|token| !token.is_empty());
        token.map_or_else(|| message.to_owned(), |token| message.replace(token, HIDDEN))
    }

    /// Why nothing was sent, and the pause until it is worth trying again.
    fn unanswered(&self, fault: Fault) -> (CallError, Option<Duration>) {
        let Fault::Unproven(Unproven::Refused { status, message }) = fault else {
            return (CallError::Unreached(fault), None);
        };
        let message = self.without_token(&message);
        if status == StatusCode::UNAUTHORIZED {
            return (CallError::Unauthenticated { expired: false, message }, None);
        }
        let refused = Fault::Unproven(Unproven::Refused { status, message });
        (CallError::Unreached(refused), is_passing(status).then_some(RETRY_AFTER_DEFAULT))
    }

    async fn refusal(&self, response: Response<Body>) -> CallError {
        let status = response.status();
        let now = server_time(&response);
        let body = match read(response.into_body(), REFUSAL_MAX).await {
            Ok(body) => body,
            Err(error) => return error,
        };
        let said: Option<Status> = serde_json::from_slice(&body).ok();
        // What a proxy answers instead of the API server is for browsers and not repeated.
        let Status { message, details, .. } = said.unwrap_or_default();
        let message = if message.is_empty() {
            format!("the server answered {status}")
        } else {
            bounded(&self.without_token(&message))
        };
        if status == StatusCode::UNAUTHORIZED {
            let expired = self.expires.zip(now).is_some_and(|(end, now)| end <= now);
            return CallError::Unauthenticated { expired, message };
        }
        let causes = details.map(|details| details.causes).unwrap_or_default();
        let causes = causes.into_iter().map(|cause| cause.reason).collect();
        CallError::Refused(Box::new(Refusal { status, message, causes }))
    }
}

impl Answer {
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, CallError> {
        // The error's text would repeat parts of the answer, and with it of a Secret.
        serde_json::from_slice(&self.body).map_err(|error| {
            CallError::Unreadable(format!("the answer is not as expected (column {})", error.column()))
        })
    }
}

/// Whether an answer of this kind is a list: a refusal or a page that somebody else answers with 200 is none, and must
/// not be taken for an empty one.
pub(crate) fn is_list(kind: &str) -> bool {
    kind.ends_with("List")
}

/// Go writes an empty list as `null`.
pub(crate) fn null_is_empty<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: serde::Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

async fn read(body: Body, max: usize) -> Result<Bytes, CallError> {
    let read = Limited::new(body, max).collect().await;
    match read {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => {
            Err(CallError::Unreadable(format!("the answer is larger than {} MiB", max / (1024 * 1024))))
        }
        Err(error) => Err(CallError::Unreached(Fault::of(error.as_ref()))),
    }
}

/// The pause asked for: by 429 always, by 503 where it names one.
fn retry_after(response: &Response<Body>) -> Option<Duration> {
    let named = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    let named = named.and_then(|seconds| seconds.trim().parse().ok()).map(Duration::from_secs);
    match response.status() {
        StatusCode::TOO_MANY_REQUESTS => Some(named.unwrap_or(RETRY_AFTER_DEFAULT)),
        StatusCode::SERVICE_UNAVAILABLE => named,
        _ => None,
    }
}

/// The other side's clock: it decides whether a credential has expired.
fn server_time(response: &Response<Body>) -> Option<Timestamp> {
    let date = response.headers().get(DATE)?.to_str().ok()?;
    let date = jiff::fmt::rfc2822::parse(date).ok()?;
    Some(Timestamp(date.timestamp().as_millisecond()))
}
