//! The way to a destination: straight to its checked address, or by the administrator's proxy.

use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http::header::HOST;
use http_body_util::Empty;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::Destination;
use crate::{Connector, OutboundError, Proxies, Proxy};

/// A proxy connects to the destination within this time.
const PROXY_TIMEOUT: Duration = Duration::from_secs(30);

/// What comes in a head, from a host or a proxy.
pub(super) const HEAD_BYTES: usize = 64 * 1024;
pub(super) const HEADERS_MAX: usize = 100;

/// A connection to the destination, however it was made.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<Any: AsyncRead + AsyncWrite + Send + Unpin> Stream for Any {}

/// Connected to the destination, or to the proxy that leads there.
pub(crate) struct Reached<'a> {
    pub(crate) stream: TcpStream,
    pub(crate) proxy: Option<&'a Proxy>,
}

/// A proxy stands for the destination where there is one; it is the administrator's and needs no permission, but a
/// host that is known to be refused is refused through a proxy too.
pub(crate) async fn reach<'a>(
    destination: &Destination,
    connector: &Connector,
    proxies: &'a Proxies,
) -> Result<Reached<'a>, OutboundError> {
    let Destination { scheme, host, port } = destination;
    let Some(proxy) = proxies.to(scheme, host) else {
        return Ok(Reached { stream: connector.connect(host, *port).await?, proxy: None });
    };
    match connector.policy().resolve(host, *port).await {
        Ok(_) => {}
        // Behind a proxy the names of the world may be unknown to us.
        Err(OutboundError::NotResolved { .. } | OutboundError::ResolveTimeout { .. }) => {
            connector.policy().lists_name(host)?;
        }
        Err(error) => return Err(error),
    }
    let connecting = TcpStream::connect((proxy.host.as_str(), proxy.port));
    match timeout(PROXY_TIMEOUT, connecting).await {
        Ok(Ok(stream)) => Ok(Reached { stream, proxy: Some(proxy) }),
        Ok(Err(_)) | Err(_) => Err(OutboundError::Proxy { proxy: proxy.url() }),
    }
}

/// A connection that carries bytes to the destination and back as they are.
pub(super) async fn tunnel(
    destination: &Destination,
    connector: &Connector,
    proxies: &Proxies,
) -> Result<Box<dyn Stream>, OutboundError> {
    let Reached { stream, proxy } = reach(destination, connector, proxies).await?;
    match proxy {
        None => Ok(Box::new(stream)),
        Some(proxy) => through(proxy, stream, destination).await,
    }
}

/// Has a proxy connect to the destination.
pub(crate) async fn through(
    proxy: &Proxy,
    stream: TcpStream,
    destination: &Destination,
) -> Result<Box<dyn Stream>, OutboundError> {
    let broken = || OutboundError::Proxy { proxy: proxy.url() };
    let asked = async {
        let (mut sender, connection) = http1::Builder::new()
            .max_buf_size(HEAD_BYTES)
            .max_headers(HEADERS_MAX)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|_| broken())?;
        // Ends when the sender is dropped, or with the tunnel in its place.
        tokio::spawn(connection.with_upgrades());
        let authority = destination.authority();
        let request = Request::connect(&authority).header(HOST, &authority).body(Empty::<Bytes>::new());
        let request = request.map_err(|_| OutboundError::NoHost)?;
        let response = sender.send_request(request).await.map_err(|_| broken())?;
        if !response.status().is_success() {
            return Err(OutboundError::refused_by(proxy, destination, response.status()));
        }
        hyper::upgrade::on(response).await.map_err(|_| broken())
    };
    let upgraded = timeout(PROXY_TIMEOUT, asked).await.map_err(|_| broken())??;
    Ok(Box::new(TokioIo::new(upgraded)))
}
