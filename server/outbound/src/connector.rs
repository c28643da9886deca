//! TCP for HTTP clients: resolve, check, connect, all in one step.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tower::Service;

use crate::{OutboundError, Policy};

/// An address that has not answered by then is given up and the next one is tried.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Connects to checked addresses only. It follows no proxy setting of the server's environment.
#[derive(Clone, Debug)]
pub struct Connector {
    policy: Policy,
}

impl Connector {
    /// A connector under a policy.
    pub fn new(policy: Policy) -> Self {
        Self { policy }
    }

    /// What it holds connections to.
    pub(crate) fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Connects to a host: to one of the addresses that the policy allows and to no other.
    pub async fn connect(&self, host: &str, port: u16) -> Result<TcpStream, OutboundError> {
        let mut last = OutboundError::ConnectTimeout { host: host.to_owned(), port };
        for address in self.policy.resolve(host, port).await? {
            match timeout(CONNECT_TIMEOUT, open(address)).await {
                Ok(Ok(stream)) => return Ok(stream),
                Ok(Err(source)) => last = OutboundError::Connect { host: host.to_owned(), port, source },
                Err(_) => last = OutboundError::ConnectTimeout { host: host.to_owned(), port },
            }
        }
        Err(last)
    }
}

impl Service<Uri> for Connector {
    type Response = TokioIo<TcpStream>;
    type Error = OutboundError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connector = self.clone();
        Box::pin(async move {
            let host = uri.host().ok_or(OutboundError::NoHost)?;
            let port = uri.port_u16().or_else(|| default_port(&uri)).ok_or(OutboundError::NoHost)?;
            connector.connect(host, port).await.map(TokioIo::new)
        })
    }
}

async fn open(address: SocketAddr) -> io::Result<TcpStream> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_keepalive(true)?;
    let stream = socket.connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

fn default_port(uri: &Uri) -> Option<u16> {
    match uri.scheme_str()? {
        "https" => Some(443),
        "http" => Some(80),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    async fn call(policy: Policy, uri: &str) -> Result<TokioIo<TcpStream>, OutboundError> {
        Connector::new(policy).call(uri.parse().expect("a URI")).await
    }

    #[tokio::test]
    async fn a_listener_on_the_loopback_interface_gets_no_connection() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433", "0"] {
            let answer = call(Policy::default(), &format!("https://{host}:{port}/")).await;
            assert!(matches!(answer, Err(OutboundError::Refused { .. })), "{host}: {answer:?}");
        }
        // Only the connection made last, under another policy, is ever accepted.
        let allowing = Policy::allowing(&["127.0.0.1"]).expect("an entry");
        let ours = call(allowing, &format!("http://127.0.0.1:{port}/")).await.expect("allowed");
        let ours = ours.inner().local_addr().expect("an address");
        let (_, first) = listener.accept().await.expect("a connection");
        assert_eq!(first, ours);
    }

    #[tokio::test]
    async fn a_closed_port_is_told_without_what_the_network_said() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        drop(listener);
        let policy = Policy::allowing(&["127.0.0.0/8"]).expect("an entry");
        let error = call(policy, &format!("https://127.0.0.1:{port}/")).await.expect_err("closed");
        assert_eq!(error.to_string(), format!("127.0.0.1 port {port} does not take connections"));
    }

    #[tokio::test]
    async fn a_scheme_without_a_port_is_refused() {
        let answer = call(Policy::default(), "unix://socket/").await;
        assert!(matches!(answer, Err(OutboundError::NoHost)), "{answer:?}");
    }
}
