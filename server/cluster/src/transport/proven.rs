//! Connections that have proven which cluster they lead to before anybody has them.
//!
//! The address of a cluster can become another's between two connections: behind a name, a load balancer or a forwarded
//! port. Each new connection is asked for the UID of `kube-system` first.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use domain::cluster::ClusterUid;
use http::header::{ACCEPT, AUTHORIZATION, CONNECTION, HOST, HeaderValue, USER_AGENT};
use http::{Request, Response, StatusCode, Uri, Version};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::client::conn::http1;
use hyper::rt::{Read, Write};
use kube::core::Status;
use tokio::time::timeout;
use tower::{BoxError, Service};

use super::USER_AGENT_VALUE;
use crate::call::{METADATA, bounded};
use crate::identity::{PATH, uid_in};

/// An API server that has not said by then who it is, is not well.
const PROOF_TIMEOUT: Duration = Duration::from_secs(20);

/// Connections that are asked, while each is closed with the answer: a server that is ending, or a proxy.
const ATTEMPTS: usize = 3;

/// The largest answer that is read: metadata of one namespace.
const ANSWER_MAX: usize = 1024 * 1024;

/// Why a connection was not used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unproven {
    #[error("another cluster answers: kube-system has UID {found}, it had {expected}")]
    Another { found: ClusterUid, expected: ClusterUid },
    #[error("asked which cluster it is, the server answered: {message}")]
    Refused { status: StatusCode, message: String },
    #[error("the server did not say which cluster it is")]
    Silent,
}

/// A connector whose connections lead to one cluster.
#[derive(Clone)]
pub(super) struct Proven<C> {
    connector: C,
    expected: ClusterUid,
    /// Where the API server is: scheme, authority and what its paths begin with.
    base: Uri,
    authorization: Option<HeaderValue>,
}

impl<C> Proven<C> {
    pub(super) fn new(
        connector: C,
        expected: ClusterUid,
        base: Uri,
        authorization: Option<HeaderValue>,
    ) -> Self {
        Self { connector, expected, base, authorization }
    }

    fn question(&self) -> Result<Request<Empty<Bytes>>, http::Error> {
        let host = self.base.authority().map_or("", |authority| authority.as_str());
        let mut request = Request::get(format!("{}{PATH}", self.base.path().trim_end_matches('/')))
            .header(HOST, host)
            .header(USER_AGENT, USER_AGENT_VALUE)
            .header(ACCEPT, METADATA);
        if let Some(authorization) = &self.authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        request.body(Empty::new())
    }
}

impl<C: Service<Uri, Error = BoxError>> Proven<C> {
    async fn connect(&mut self, uri: Uri) -> Result<C::Response, BoxError> {
        poll_fn(|context| self.connector.poll_ready(context)).await?;
        self.connector.call(uri).await
    }
}

impl<C> Service<Uri> for Proven<C>
where
    C: Service<Uri, Error = BoxError> + Clone + Send + 'static,
    C::Response: Read + Write + Unpin + Send + 'static,
    C::Future: Send,
{
    type Response = C::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.connector.poll_ready(context)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let ready = self.clone();
        let mut ready = std::mem::replace(self, ready);
        Box::pin(async move {
            for _ in 0..ATTEMPTS {
                let connection = ready.connect(uri.clone()).await?;
                let asked = timeout(PROOF_TIMEOUT, ask(connection, ready.question()?));
                let (uid, connection) = asked.await.map_err(|_| Unproven::Silent)??;
                if uid != ready.expected {
                    return Err(Unproven::Another { found: uid, expected: ready.expected }.into());
                }
                if let Some(connection) = connection {
                    return Ok(connection);
                }
            }
            // A proxy that keeps no connection: the next one, at once, is as near as one can get.
            ready.connect(uri).await
        })
    }
}

/// Asks on a connection and gives it back, unless the server closes it with the answer.
async fn ask<I: Read + Write + Unpin>(
    connection: I,
    question: Request<Empty<Bytes>>,
) -> Result<(ClusterUid, Option<I>), BoxError> {
    let (mut sender, connection) = http1::handshake(connection).await?;
    let asked = async move { read(sender.send_request(question).await?).await };
    // The sender goes with the answer, and the connection is free.
    let (connection, answer) = futures::join!(connection.without_shutdown(), asked);
    let (uid, closes) = answer?;
    let connection = connection.ok().filter(|parts| !closes && parts.read_buf.is_empty());
    Ok((uid, connection.map(|parts| parts.io)))
}

/// The UID, and whether the connection ends with it.
async fn read(response: Response<hyper::body::Incoming>) -> Result<(ClusterUid, bool), BoxError> {
    let status = response.status();
    let said = response.headers().get(CONNECTION).map(HeaderValue::as_bytes).unwrap_or_default();
    let closes = said.eq_ignore_ascii_case(b"close") || response.version() < Version::HTTP_11;
    let body = Limited::new(response.into_body(), ANSWER_MAX).collect().await?.to_bytes();
    if status != StatusCode::OK {
        // What a proxy answers instead of the API server is for browsers and not repeated.
        let said = serde_json::from_slice(&body).map(|Status { message, .. }| message).unwrap_or_default();
        let message = if said.is_empty() { status.to_string() } else { bounded(&said) };
        return Err(Unproven::Refused { status, message }.into());
    }
    let uid = uid_in(&body).ok_or(Unproven::Silent)?;
    Ok((uid, closes))
}
