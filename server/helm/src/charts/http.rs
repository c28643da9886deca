//! HTTP to hosts of charts: every connection goes through the outbound policy, answers are bounded in time and bytes, and
//! redirects lead to no place that sees what is not for it.

use std::collections::HashMap;
use std::error::Error as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use domain::outbound::Narrowing;
use http::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderName, HeaderValue, LOCATION, USER_AGENT};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Empty, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client as HyperClient;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use outbound::{OutboundError, Policy, Proxies, Route};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;
use sha2::{Digest, Sha256};
use url::Url;

use super::address::{host, without_query};
use super::error::{ChartError, shown};

/// One request with its redirects and its whole answer.
const TIMEOUT: Duration = Duration::from_mins(2);
/// A connection that nobody used for so long is closed.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
/// More redirects than any host of charts needs.
const REDIRECTS_MAX: usize = 3;
/// Pools of connections for authorities and lists of one's own; when there are more of these, the pools begin anew.
const POOLS_MAX: usize = 32;
/// The name that is shown to hosts.
const AGENT: &str = concat!("fairlead/", env!("CARGO_PKG_VERSION"));

type Pool = HyperClient<HttpsConnector<Route>, Empty<Bytes>>;

/// The clients of all hosts.
pub(crate) struct Client {
    policy: Policy,
    proxies: Proxies,
    /// By the hash of the authorities that are trusted beside the public ones, and of where it may lead to.
    pools: Mutex<HashMap<[u8; 32], Pool>>,
}

/// A question.
pub(crate) struct Ask<'a> {
    pub(crate) url: Url,
    /// What it is, for messages: `the index of …`.
    pub(crate) what: String,
    /// Bytes of the answer.
    pub(crate) limit: u64,
    /// PEM.
    pub(crate) authorities: Option<&'a str>,
    /// Narrows the policy.
    pub(crate) outbound: &'a Narrowing,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    /// What is shown to a host, asked anew for each that it comes to.
    pub(crate) authorization: &'a (dyn Fn(&Url) -> Option<HeaderValue> + Sync),
}

/// An answer: 200, 304 where it was asked for, or what else the host says.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// Whether the last host saw a credential.
    pub(crate) shown: bool,
}

impl Client {
    pub(crate) fn new(policy: Policy, proxies: Proxies) -> Self {
        Self { policy, proxies, pools: Mutex::default() }
    }

    /// Asks, along at most three redirects.
    pub(crate) async fn get(&self, ask: &Ask<'_>) -> Result<Answer, ChartError> {
        let pool = self.pool(ask)?;
        let mut url = ask.url.clone();
        let hops = async {
            for _ in 0..=REDIRECTS_MAX {
                let (response, shown) = request(&pool, &url, ask).await?;
                match redirect(&url, &response, &ask.what)? {
                    Some(next) => url = next,
                    None => return answer(&url, response, shown, ask).await,
                }
            }
            let reason = "after three redirects there is still no answer";
            Err(ChartError::Redirect { host: host(&url), what: ask.what.clone(), reason })
        };
        let late =
            ChartError::Late { host: host(&ask.url), what: ask.what.clone(), seconds: TIMEOUT.as_secs() };
        tokio::time::timeout(TIMEOUT, hops).await.map_err(|_| late)?
    }

    /// A connection is used again only by whom the policy would let make it.
    fn pool(&self, ask: &Ask<'_>) -> Result<Pool, ChartError> {
        let authorities = ask.authorities.unwrap_or_default();
        let key = format!("{}\n{authorities}", ask.outbound.entries().join(","));
        let key = <[u8; 32]>::from(Sha256::digest(key.as_bytes()));
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pool) = pools.get(&key) {
            return Ok(pool.clone());
        }
        let tls = trusting(authorities)
            .map_err(|reason| ChartError::Connection { what: ask.what.clone(), reason })?;
        // HTTP/1.1 alone: through a proxy, and for some large answers, nothing else gains anything.
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .wrap_connector(Route::new(self.policy.narrowed(ask.outbound), self.proxies.clone()));
        let pool = HyperClient::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_TIMEOUT)
            .build(connector);
        if pools.len() >= POOLS_MAX {
            pools.clear();
        }
        pools.insert(key, Pool::clone(&pool));
        Ok(pool)
    }
}

/// TLS by the public authorities and these.
fn trusting(authorities: &str) -> Result<ClientConfig, String> {
    let told = |error: rustls::Error| format!("TLS cannot be set up: {error}");
    // The provider is named here, so that it does not matter what else the process installs or links.
    let cryptography = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(cryptography);
    let builder = builder.with_safe_default_protocol_versions().map_err(told)?;
    if authorities.is_empty() {
        return Ok(builder.with_platform_verifier().map_err(told)?.with_no_client_auth());
    }
    let mut roots = RootCertStore::empty();
    // A certificate of the system that cannot be read vouches for nobody, and the others still do.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let unreadable = || "the authorities that are to be trusted are no PEM of certificates".to_owned();
    for certificate in CertificateDer::pem_slice_iter(authorities.as_bytes()) {
        roots.add(certificate.map_err(|_| unreadable())?).map_err(|_| unreadable())?;
    }
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

async fn request(pool: &Pool, url: &Url, ask: &Ask<'_>) -> Result<(Response<Incoming>, bool), ChartError> {
    let mut request = Request::get(url.as_str())
        .body(Empty::new())
        .map_err(|_| ChartError::Address { written: without_query(url), reason: "HTTP cannot ask for it" })?;
    let headers = request.headers_mut();
    headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
    headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
    headers.extend(ask.headers.iter().cloned());
    let authorization = (ask.authorization)(url);
    let shown = authorization.is_some();
    if let Some(mut value) = authorization {
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
    }
    let response = pool.request(request).await.map_err(|error| unreached(&error, url, &ask.what))?;
    Ok((response, shown))
}

/// Where an answer leads; `None` when it is the answer.
fn redirect<Body>(from: &Url, response: &Response<Body>, what: &str) -> Result<Option<Url>, ChartError> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let refused = |reason| ChartError::Redirect { host: host(from), what: what.to_owned(), reason };
    let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
    let next = location.and_then(|location| from.join(location).ok());
    let next = next.ok_or_else(|| refused("it does not say where to"))?;
    match (from.scheme(), next.scheme()) {
        ("https", "http") => Err(refused("it leads out of TLS")),
        (_, "http" | "https") if !next.username().is_empty() || next.password().is_some() => {
            Err(refused("it names a user"))
        }
        (_, "http" | "https") => Ok(Some(next)),
        _ => Err(refused("it leads to no web server")),
    }
}

async fn answer(
    url: &Url,
    response: Response<Incoming>,
    shown: bool,
    ask: &Ask<'_>,
) -> Result<Answer, ChartError> {
    let (parts, body) = response.into_parts();
    // What else a host says of an error is read to its end, for the connection's sake, and not far.
    let limit = usize::try_from(ask.limit).unwrap_or(usize::MAX);
    let body = Limited::new(body, limit).collect().await.map_err(|error| {
        if error.is::<LengthLimitError>() {
            ChartError::TooLarge { what: ask.what.clone(), limit: ask.limit }
        } else {
            ChartError::Broken { host: host(url), what: ask.what.clone() }
        }
    })?;
    Ok(Answer { status: parts.status, headers: parts.headers, body: body.to_bytes(), shown })
}

impl Answer {
    /// The answer where it is one; `what` is for messages.
    pub(crate) fn expected(self, url: &Url, what: &str) -> Result<Self, ChartError> {
        match self.status {
            StatusCode::OK | StatusCode::NOT_MODIFIED => Ok(self),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                Err(ChartError::Unauthorized { host: host(url), what: what.to_owned(), shown: self.shown })
            }
            status => Err(ChartError::Status { host: host(url), what: what.to_owned(), status }),
        }
    }
}

/// Why there is no connection, in the words of whoever knows.
fn unreached(error: &hyper_util::client::legacy::Error, url: &Url, what: &str) -> ChartError {
    let mut cause = error.source();
    while let Some(found) = cause {
        if let Some(outbound) = found.downcast_ref::<OutboundError>() {
            return ChartError::Connection { what: what.to_owned(), reason: outbound.to_string() };
        }
        if let Some(tls) = found.downcast_ref::<rustls::Error>() {
            let reason = format!(
                "the certificate or TLS of {} is not accepted: {}",
                host(url),
                shown(&tls.to_string())
            );
            return ChartError::Connection { what: what.to_owned(), reason };
        }
        // What an error of the system carries is not its source.
        let inside = found.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        cause = inside.map(|inside| inside as &dyn std::error::Error).or_else(|| found.source());
    }
    ChartError::Broken { host: host(url), what: what.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_lead_to_web_servers_and_not_out_of_tls() {
        let to = |from: &str, location: &str| {
            let response = Response::builder().status(302).header(LOCATION, location).body(()).unwrap();
            redirect(&Url::parse(from).unwrap(), &response, "it").map(|url| url.map(String::from))
        };
        assert_eq!(to("https://a.example/x/y", "../z"), Ok(Some("https://a.example/z".to_owned())));
        assert_eq!(
            to("http://a.example/", "https://b.example/?t=1"),
            Ok(Some("https://b.example/?t=1".to_owned()))
        );
        for location in
            ["http://a.example/", "file:///etc/passwd", "https://me:word@a.example/", "oci://a.example/x"]
        {
            let refused = to("https://a.example/", location);
            assert!(matches!(refused, Err(ChartError::Redirect { .. })), "{location}: {refused:?}");
        }
    }

    #[test]
    fn authorities_that_are_none_are_refused() {
        assert!(trusting("").is_ok());
        assert!(trusting("-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n").is_err());
    }
}
