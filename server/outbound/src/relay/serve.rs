//! The side that programs see: who asks, for what, and the answer.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::header::{HeaderValue, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION};
use http::{Method, Request, Response, StatusCode};
use http_body_util::{Either, Empty};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::forward::{Body, forward};
use super::pass::Grant;
use super::tunnel::Tunnel;
use super::upstream::{HEAD_BYTES, HEADERS_MAX};
use super::{Destination, Shared, upstream};
use crate::OutboundError;

/// After an error of the listener, most likely one of too many open files.
const PAUSE: Duration = Duration::from_millis(100);

/// Where a connection leaves what it turns into.
type Slot = Mutex<Option<Tunnel>>;

/// Takes connections as long as there are places for them; the others wait.
pub(super) async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    // Never closed, so there is always a turn.
    while let Ok(place) = Arc::clone(&shared.places).acquire_owned().await {
        while connections.try_join_next().is_some() {}
        match listener.accept().await {
            Ok((stream, _)) => {
                // What a program waits for is not held back until it has acknowledged what came before.
                let _ = stream.set_nodelay(true);
                let shared = Arc::clone(&shared);
                connections.spawn(async move {
                    connection(stream, &shared).await;
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "the relay of programs cannot take a connection");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

async fn connection(stream: TcpStream, shared: &Shared) {
    let slot = Slot::default();
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(shared.bounds.head)
        .max_buf_size(HEAD_BYTES)
        .max_headers(HEADERS_MAX)
        .auto_date_header(false)
        .serve_connection(TokioIo::new(stream), service_fn(|request| answer(request, shared, &slot)))
        .with_upgrades()
        .await;
    if let Err(error) = served {
        tracing::debug!(%error, "a connection to the relay of programs broke");
    }
    let tunnel = slot.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(tunnel) = tunnel {
        tunnel.carry(shared.bounds.idle).await;
    }
}

/// What a program asks for.
struct Asked {
    tunnel: bool,
    host: String,
    port: u16,
}

impl Asked {
    fn of(request: &Request<Incoming>) -> Option<Self> {
        let uri = request.uri();
        let host = uri.host()?.to_owned();
        if *request.method() == Method::CONNECT {
            return Some(Self { tunnel: true, host, port: uri.port_u16()? });
        }
        (uri.scheme_str() == Some("http")).then(|| Self {
            tunnel: false,
            host,
            port: uri.port_u16().unwrap_or(80),
        })
    }
}

async fn answer(
    request: Request<Incoming>,
    shared: &Shared,
    slot: &Slot,
) -> Result<Response<Body>, Infallible> {
    let Some(asked) = Asked::of(&request) else { return Ok(empty(StatusCode::BAD_REQUEST)) };
    let shown = request.headers().get(PROXY_AUTHORIZATION);
    let Some(grant) = shown.and_then(|shown| shared.passes.grant(shown.as_bytes())) else {
        tracing::warn!(host = asked.host, port = asked.port, "the relay was asked to connect without a pass");
        return Ok(unknown());
    };
    let Some(destination) = grant.destination(asked.tunnel, &asked.host, asked.port).cloned() else {
        tracing::warn!(
            host = asked.host,
            port = asked.port,
            "a program asked for a connection that it has no pass for"
        );
        return Ok(empty(StatusCode::FORBIDDEN));
    };
    let done = tokio::select! {
        done = connect(request, asked.tunnel, &grant, &destination, shared, slot) => done,
        () = grant.revoked.cancelled() => return Ok(unknown()),
    };
    let (answer, refusal) = match done {
        Ok(answer) => (answer, None),
        Err(error) => {
            tracing::info!(destination = destination.authority(), %error, "a program was not connected");
            // Whatever the network said: one answer for what may not be, one for what did not come to be.
            let status = if error.is_refusal() { StatusCode::FORBIDDEN } else { StatusCode::BAD_GATEWAY };
            (empty(status), Some(error))
        }
    };
    grant.note(refusal);
    Ok(answer)
}

async fn connect(
    mut request: Request<Incoming>,
    tunnel: bool,
    grant: &Arc<Grant>,
    destination: &Destination,
    shared: &Shared,
    slot: &Slot,
) -> Result<Response<Body>, OutboundError> {
    if !tunnel {
        return forward(request, grant, destination, shared).await;
    }
    let upstream = upstream::tunnel(destination, &grant.connector, &shared.proxies).await?;
    let tunnel = Tunnel {
        program: hyper::upgrade::on(&mut request),
        upstream,
        grant: Arc::clone(grant),
        destination: destination.clone(),
    };
    *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(tunnel);
    Ok(empty(StatusCode::OK))
}

fn empty(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Either::Right(Empty::new()));
    *response.status_mut() = status;
    response
}

/// To one that has no pass, or one that holds no longer.
fn unknown() -> Response<Body> {
    let mut response = empty(StatusCode::PROXY_AUTHENTICATION_REQUIRED);
    response.headers_mut().insert(PROXY_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"relay\""));
    response
}
