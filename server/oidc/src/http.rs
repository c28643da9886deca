//! HTTP to a provider: every connection goes through the outbound policy, no redirect is followed, no proxy setting of
//! the environment is read, and an answer is bounded in time and bytes.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{HeaderValue, USER_AGENT};
use http::{Request, Response};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client as HyperClient;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use rustls::ClientConfig;
use rustls_platform_verifier::BuilderVerifierExt;

/// A person waits for each call.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The largest answer is a description or a set of keys: some ten kilobytes.
const BODY_MAX: usize = 1024 * 1024;
/// A connection that nobody used for so long is closed.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
/// How we name ourselves.
const AGENT: &str = concat!("fairlead/", env!("CARGO_PKG_VERSION"));

/// Why a call came to nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HttpFault {
    #[error("it has an address without TLS")]
    NoTls,
    #[error("it does not answer within {} seconds", TIMEOUT.as_secs())]
    Late,
    #[error("it cannot be connected to")]
    Connect(#[source] hyper_util::client::legacy::Error),
    #[error("its answer breaks off or is larger than {} KiB", BODY_MAX / 1024)]
    Body,
}

/// A client for one provider. Clones share its connections.
#[derive(Clone)]
pub(crate) struct Client {
    pool: HyperClient<HttpsConnector<outbound::Connector>, Full<Bytes>>,
    /// Whether addresses without TLS are taken: for a provider on this machine.
    without_tls: bool,
}

impl Client {
    pub(crate) fn new(policy: outbound::Policy, without_tls: bool) -> Result<Self, rustls::Error> {
        // The provider is named here, so that it does not matter what else the process installs or links.
        let cryptography = Arc::new(rustls::crypto::ring::default_provider());
        let tls = ClientConfig::builder_with_provider(cryptography)
            .with_safe_default_protocol_versions()?
            .with_platform_verifier()?
            .with_no_client_auth();
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .wrap_connector(outbound::Connector::new(policy));
        let pool = HyperClient::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_TIMEOUT)
            .build(connector);
        Ok(Self { pool, without_tls })
    }

    async fn ask(&self, request: HttpRequest) -> Result<HttpResponse, HttpFault> {
        if !self.takes(request.uri().scheme_str().unwrap_or_default()) {
            return Err(HttpFault::NoTls);
        }
        let (mut parts, body) = request.into_parts();
        parts.headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
        let request = Request::from_parts(parts, Full::new(Bytes::from(body)));
        let answer = async {
            let response = self.pool.request(request).await.map_err(HttpFault::Connect)?;
            let (parts, body) = response.into_parts();
            let body = Limited::new(body, BODY_MAX).collect().await.map_err(|_| HttpFault::Body)?;
            Ok(Response::from_parts(parts, body.to_bytes().to_vec()))
        };
        tokio::time::timeout(TIMEOUT, answer).await.map_err(|_| HttpFault::Late)?
    }

    /// Whether an address of this scheme may be gone to, by us or by a browser.
    pub(crate) fn takes(&self, scheme: &str) -> bool {
        scheme == "https" || (scheme == "http" && self.without_tls)
    }
}

impl<'client> AsyncHttpClient<'client> for Client {
    type Error = HttpFault;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpFault>> + Send + 'client>>;

    /// One request, one answer.
    fn call(&'client self, request: HttpRequest) -> Self::Future {
        Box::pin(self.ask(request))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn s_e1_a_provider_at_a_refused_address_gets_no_connection() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let client = Client::new(outbound::Policy::default(), true).expect("a client");
        for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0"] {
            let uri = format!("http://{host}:{port}/.well-known/openid-configuration");
            let request = Request::builder().uri(uri).body(Vec::new()).expect("a request");
            let answer = client.ask(request).await;
            assert!(matches!(answer, Err(HttpFault::Connect(_))), "{host}: {answer:?}");
        }
        // Whoever had come would be waiting.
        let came = tokio::select! {
            biased;
            came = listener.accept() => Some(came),
            () = tokio::task::yield_now() => None,
        };
        assert!(came.is_none());
    }
}
