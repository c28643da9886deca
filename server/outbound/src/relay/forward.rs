//! What was asked for by its URL: one request to the host, one answer back, on a connection of its own.

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{
    CONNECTION, EXPECT, HOST, HeaderMap, HeaderName, HeaderValue, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION,
    TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
};
use http::{Request, Response, StatusCode, Uri, Version};
use http_body_util::{Either, Empty};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;

use super::pass::Grant;
use super::traffic::{Counted, Traffic};
use super::upstream::{HEAD_BYTES, HEADERS_MAX, Reached, reach};
use super::{Destination, Shared};
use crate::OutboundError;

/// A host's, or none.
pub(super) type Body = Either<Incoming, Empty<Bytes>>;

/// These are between two neighbours and go no further.
const OF_ONE_CONNECTION: [HeaderName; 10] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
    EXPECT,
];

/// Asks the destination and hands its answer back, body and all.
pub(super) async fn forward(
    request: Request<Incoming>,
    grant: &Arc<Grant>,
    destination: &Destination,
    shared: &Shared,
) -> Result<Response<Body>, OutboundError> {
    let broken = |_| OutboundError::Broken { host: destination.host.clone(), port: destination.port };
    let Reached { stream, proxy } = reach(destination, &grant.connector, &shared.proxies).await?;
    let request = onward(request, proxy.is_some())?;
    let traffic = Traffic::new();
    let (mut sender, connection) = http1::Builder::new()
        .max_buf_size(HEAD_BYTES)
        .max_headers(HEADERS_MAX)
        .handshake(TokioIo::new(Counted::new(stream, Arc::clone(&traffic))))
        .await
        .map_err(broken)?;
    tokio::spawn(drive(connection, traffic, Arc::clone(grant), destination.clone(), shared.bounds.idle));
    let mut response = sender.send_request(request).await.map_err(broken)?;
    // Ours are the only words that a program may ask or be asked for here.
    if response.status() == StatusCode::PROXY_AUTHENTICATION_REQUIRED {
        return Err(match proxy {
            Some(proxy) => OutboundError::refused_by(proxy, destination, response.status()),
            None => OutboundError::Broken { host: destination.host.clone(), port: destination.port },
        });
    }
    strip(response.headers_mut());
    *response.version_mut() = Version::HTTP_11;
    Ok(response.map(Either::Left))
}

/// Keeps the connection going until the answer is through.
async fn drive<Connection>(
    connection: Connection,
    traffic: Arc<Traffic>,
    grant: Arc<Grant>,
    destination: Destination,
    idle: std::time::Duration,
) where
    Connection: Future<Output = hyper::Result<()>>,
{
    let end = tokio::select! {
        done = connection => if done.is_ok() { "closed" } else { "broken" },
        () = grant.revoked.cancelled() => "revoked",
        () = traffic.silent(idle) => "silent",
    };
    traffic.log(&destination, end);
}

/// The request as the next one is asked: a proxy by the whole URL, a host by the path.
fn onward(request: Request<Incoming>, to_proxy: bool) -> Result<Request<Incoming>, OutboundError> {
    let (mut parts, body) = request.into_parts();
    let authority = authority(&parts.uri).ok_or(OutboundError::NoHost)?;
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let uri = if to_proxy { format!("http://{authority}{path}").parse() } else { path.parse() };
    parts.uri = uri.map_err(|_| OutboundError::NoHost)?;
    parts.version = Version::HTTP_11;
    strip(&mut parts.headers);
    parts.headers.insert(HOST, HeaderValue::from_str(&authority).map_err(|_| OutboundError::NoHost)?);
    Ok(Request::from_parts(parts, body))
}

/// Host and port as they were written, without a user.
fn authority(uri: &Uri) -> Option<String> {
    let host = uri.host()?;
    let host = if host.parse::<IpAddr>().is_ok_and(|address| address.is_ipv6()) {
        format!("[{host}]")
    } else {
        host.to_owned()
    };
    Some(uri.port().map_or(host.clone(), |port| format!("{host}:{port}")))
}

/// Takes out what concerns the last connection alone, whatever its own list adds.
fn strip(headers: &mut HeaderMap) {
    let listed: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in OF_ONE_CONNECTION.iter().chain(&listed) {
        headers.remove(name);
    }
}
