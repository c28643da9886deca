//! The accept loop of every server inside this process: plain or TLS, each connection with a token that cuts it; and who
//! shows the credentials that a server asks for.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, Request, Response, header};
use hyper::body::{Body, Incoming};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::{TestbedError, background, port};

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A running server; it stops and cuts its connections when dropped.
#[derive(Debug)]
pub(crate) struct Server {
    address: SocketAddr,
    _stop: DropGuard,
}

impl Server {
    /// Starts a server on a free port of the loopback interface. `service` is called once per connection and gets
    /// the token that cuts it.
    pub(crate) fn start<S, F, B>(
        part: &'static str,
        tls: Option<ServerConfig>,
        service: impl Fn(CancellationToken) -> S + Send + Sync + 'static,
    ) -> Result<Self, TestbedError>
    where
        S: Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<Response<B>, Infallible>> + Send + 'static,
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let handle = background::handle()?;
        let guard = handle.enter();
        let listener = port::listen(part)?;
        drop(guard);
        let address = listener.local_addr().map_err(|source| TestbedError::Listen { part, source })?;
        let stop = CancellationToken::new();
        let acceptor = tls.map(|config| TlsAcceptor::from(Arc::new(config)));
        handle.spawn(accept(listener, acceptor, stop.clone(), service));
        Ok(Self { address, _stop: stop.drop_guard() })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

async fn accept<S, F, B>(
    listener: TcpListener,
    acceptor: Option<TlsAcceptor>,
    stop: CancellationToken,
    service: impl Fn(CancellationToken) -> S + Send + Sync + 'static,
) where
    S: Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Result<Response<B>, Infallible>> + Send + 'static,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    while let Some(accepted) = stop.run_until_cancelled(listener.accept()).await {
        // An accept that fails concerns one connection; the client sees it as closed.
        let Ok((stream, _)) = accepted else { continue };
        let _ = stream.set_nodelay(true);
        let cut = stop.child_token();
        let service = service(cut.clone());
        let acceptor = acceptor.clone();
        tokio::spawn(async move {
            cut.run_until_cancelled(connection(stream, acceptor, service)).await;
            // Whoever waits for the token learns that the client has left.
            cut.cancel();
        });
    }
}

/// Errors end the connection and nothing else: clients of a test may leave at any moment.
async fn connection<S, F, B>(stream: TcpStream, acceptor: Option<TlsAcceptor>, service: S)
where
    S: Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Result<Response<B>, Infallible>> + Send + 'static,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let _ = stream.set_nodelay(true);
    match acceptor {
        None => talk(stream, service).await,
        Some(acceptor) => {
            if let Ok(stream) = acceptor.accept(stream).await {
                talk(stream, service).await;
            }
        }
    }
}

async fn talk<S, F, B>(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static, service: S)
where
    S: Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Result<Response<B>, Infallible>> + Send + 'static,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let service = hyper::service::service_fn(service);
    let _ = auto::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
}

/// Whether a request shows these credentials, `user:password`, by basic authentication.
pub(crate) fn shows_basic(headers: &HeaderMap, wanted: &str) -> bool {
    let given = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Basic "))
        .and_then(|value| STANDARD.decode(value).ok());
    given.is_some_and(|given| given == wanted.as_bytes())
}
