//! Connections of the portal: how many, how long somebody may take to say what is wanted, and their end.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::serve::Listener;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// Open connections; whoever comes later waits until one ends. Each open page holds one for its live stream.
const CONNECTIONS: usize = 8192;
/// Time for the head of a request. Whoever keeps a connection without asking anything is let go after it too, and
/// connects anew.
const HEAD_TIME: Duration = Duration::from_secs(20);
/// Header fields of a request; with more it is answered with 431.
const FIELDS: usize = 100;
/// Bytes of a request's head; with more it is answered with 431.
const HEAD_BYTES: usize = 64 * 1024;
/// The same for HTTP/2.
const HEAD_BYTES_HTTP2: u32 = 64 * 1024;
/// Requests of one connection at a time, with HTTP/2.
const STREAMS: u32 = 128;
/// How often somebody who says nothing is asked whether anybody is there, with HTTP/2, and how long for the answer.
const ALIVE: Duration = Duration::from_secs(20);

/// What is spoken on a connection; nothing is ever upgraded to something else. It is decided before its first byte: to find out by reading would mean to wait for
/// whoever says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// HTTP/1.1
    Http1,
    /// HTTP/2, agreed upon in the TLS handshake.
    Http2,
}

/// Takes connections until `stop`, then lets those that are at work come to their end.
pub async fn serve<L: Listener<Addr = SocketAddr>>(
    mut listener: L,
    routes: Router,
    protocol: impl Fn(&L::Io) -> Protocol,
    stop: CancellationToken,
) {
    let connections = Arc::new(Semaphore::new(CONNECTIONS));
    let ending = GracefulShutdown::new();
    while let Ok(turn) = Arc::clone(&connections).acquire_owned().await {
        let accepted = stop.run_until_cancelled(listener.accept()).await;
        let Some((stream, peer)) = accepted else { break };
        let routes = routes.clone();
        let service = service_fn(move |request| answer(routes.clone(), peer, request));
        let builder = builder(protocol(&stream));
        let connection = builder.serve_connection(TokioIo::new(stream), service).into_owned();
        let connection = ending.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(peer = %peer, "a connection ended: {error}");
            }
            drop(turn);
        });
    }
    drop(listener);
    ending.shutdown().await;
}

async fn answer(
    routes: Router,
    peer: SocketAddr,
    mut request: Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    request.extensions_mut().insert(ConnectInfo(peer));
    routes.oneshot(request.map(Body::new)).await
}

fn builder(protocol: Protocol) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_headers(FIELDS)
        .max_buf_size(HEAD_BYTES);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(ALIVE)
        .keep_alive_timeout(ALIVE)
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(HEAD_BYTES_HTTP2);
    match protocol {
        Protocol::Http1 => builder.http1_only(),
        Protocol::Http2 => builder.http2_only(),
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};

    use super::*;

    /// The clock runs ahead whenever everybody waits.
    #[tokio::test(start_paused = true)]
    async fn s_f4_whoever_does_not_come_to_an_end_with_a_head_is_let_go_and_others_are_served_meanwhile() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let routes = Router::new().route("/", get(|| async { "there" }));
        let serving = tokio::spawn(serve(listener, routes, |_| Protocol::Http1, stop.clone()));
        for begun in ["", "G", "GET / HTTP/1.1\r\nhost: x\r\n", "GET / HTTP/1.1\r\nhost: x\r\nx: "] {
            let mut slow = TcpStream::connect(address).await.unwrap();
            slow.write_all(begun.as_bytes()).await.unwrap();
            let mut other = TcpStream::connect(address).await.unwrap();
            other.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
            let mut said = String::new();
            other.read_to_string(&mut said).await.unwrap();
            assert!(said.starts_with("HTTP/1.1 200") && said.ends_with("there"), "{said}");
            said.clear();
            let _ = slow.read_to_string(&mut said).await;
            assert!(said.is_empty() || said.starts_with("HTTP/1.1 408"), "{begun:?}: {said}");
        }
        stop.cancel();
        serving.await.unwrap();
    }
}
