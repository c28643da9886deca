//! The way of our own HTTP clients where the administrator's proxies count: straight to a checked address, or by the
//! proxy that leads to a host.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::Uri;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use tower::Service;

use crate::relay::upstream::{Reached, Stream, reach, through};
use crate::{Connector, Destination, OutboundError, Policy, Proxies};

/// What an HTTP client of the hyper family connects with, under a policy and behind proxies.
#[derive(Clone, Debug)]
pub struct Route {
    connector: Connector,
    proxies: Arc<Proxies>,
}

impl Route {
    /// A route under a policy.
    pub fn new(policy: Policy, proxies: Proxies) -> Self {
        Self { connector: Connector::new(policy), proxies: Arc::new(proxies) }
    }

    async fn open(&self, uri: &Uri) -> Result<Routed, OutboundError> {
        let (scheme, default) = match uri.scheme_str() {
            Some("https") => ("https", 443),
            Some("http") => ("http", 80),
            _ => return Err(OutboundError::NoHost),
        };
        let host = uri.host().ok_or(OutboundError::NoHost)?.to_owned();
        let destination = Destination { scheme, host, port: uri.port_u16().unwrap_or(default) };
        let Reached { stream, proxy } = reach(&destination, &self.connector, &self.proxies).await?;
        let stream: Box<dyn Stream> = match proxy {
            // TLS goes through a proxy as it is; what is in the open it is asked for by the whole URL.
            Some(proxy) if scheme == "https" => through(proxy, stream, &destination).await?,
            _ => {
                // Small requests shall not wait for each other; a socket that cannot do that works all the same.
                let _ = stream.set_nodelay(true);
                Box::new(stream)
            }
        };
        Ok(Routed { stream: TokioIo::new(stream), asks_proxy: proxy.is_some() && scheme == "http" })
    }
}

impl Service<Uri> for Route {
    type Response = Routed;
    type Error = OutboundError;
    type Future = Pin<Box<dyn Future<Output = Result<Routed, OutboundError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), OutboundError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let route = self.clone();
        Box::pin(async move { route.open(&uri).await })
    }
}

/// A connection to a host, or to the proxy that leads there.
pub struct Routed {
    stream: TokioIo<Box<dyn Stream>>,
    asks_proxy: bool,
}

impl Connection for Routed {
    fn connected(&self) -> Connected {
        Connected::new().proxy(self.asks_proxy)
    }
}

impl Read for Routed {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl Write for Routed {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    async fn proxy() -> (TcpListener, Proxies) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        (listener, Proxies::new(&url, &url, "", "").expect("a proxy"))
    }

    #[tokio::test]
    async fn a_host_that_is_refused_is_refused_behind_a_proxy_too() {
        let (_listener, proxies) = proxy().await;
        let route = Route::new(Policy::default(), proxies);
        for url in ["http://127.0.0.1/x", "https://127.0.0.1/x", "http://[::1]:8080/"] {
            let refused = route.open(&url.parse().expect("a URL")).await;
            assert!(matches!(refused, Err(OutboundError::Refused { .. })), "{url}");
        }
    }

    #[tokio::test]
    async fn a_proxy_is_asked_by_the_whole_url_or_for_a_tunnel() {
        let (listener, proxies) = proxy().await;
        let route = Route::new(Policy::default(), proxies);
        let plain = route.open(&"http://10.11.12.13/x".parse().expect("a URL")).await;
        assert!(plain.is_ok_and(|routed| routed.connected().is_proxied()));
        let (_, _) = listener.accept().await.expect("a connection");
        let uri = "https://10.11.12.13/x".parse().expect("a URL");
        let (tunnel, asked) = tokio::join!(route.open(&uri), async {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            let mut head = [0; 512];
            let length = stream.read(&mut head).await.expect("a head");
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.expect("an answer");
            (String::from_utf8_lossy(&head[..length]).into_owned(), stream)
        });
        assert!(tunnel.is_ok_and(|routed| !routed.connected().is_proxied()));
        assert!(asked.0.starts_with("CONNECT 10.11.12.13:443 HTTP/1.1\r\n"), "{}", asked.0);
    }
}
