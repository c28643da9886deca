//! Passing requests on, and answers back whole, in part or slowly.

use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use bytes::Bytes;
use futures::stream::{self, StreamExt};
use http::uri::{Authority, Scheme};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, Uri, Version, header};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::{self, Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};
use tokio_util::sync::CancellationToken;

use crate::TestbedError;
use crate::authority::pem;

/// These speak of one connection and not of the request.
const HOP_BY_HOP: [HeaderName; 5] = [
    header::CONNECTION,
    header::TRANSFER_ENCODING,
    header::TE,
    header::UPGRADE,
    HeaderName::from_static("keep-alive"),
];

/// What has been handed over needs a moment to leave before the connection is closed.
const FLUSH: Duration = Duration::from_millis(50);

/// Pieces in which a slow answer trickles, each second.
const PIECES_PER_SECOND: usize = 10;

/// The server behind the proxy.
#[derive(Debug)]
pub(super) struct Upstream {
    scheme: Scheme,
    authority: Authority,
    client: Client<HttpsConnector<HttpConnector>, Incoming>,
    /// Shown in place of what the caller shows.
    authorization: Option<HeaderValue>,
}

impl Upstream {
    pub(super) fn new(url: &str, ca_pem: Option<&str>) -> Result<Self, TestbedError> {
        let unusable = |reason: &str| TestbedError::Url { url: url.to_owned(), reason: reason.to_owned() };
        let uri: Uri = url.parse().map_err(|_| unusable("it cannot be parsed"))?;
        let parts = uri.into_parts();
        let mut roots = RootCertStore::empty();
        if let Some(ca_pem) = ca_pem {
            roots.add(pem::<CertificateDer<'static>>(ca_pem)?)?;
        }
        let tls = ClientConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let connector =
            HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_all_versions().build();
        Ok(Self {
            scheme: parts.scheme.ok_or_else(|| unusable("it has no scheme"))?,
            authority: parts.authority.ok_or_else(|| unusable("it has no host"))?,
            client: Client::builder(TokioExecutor::new()).build(connector),
            authorization: None,
        })
    }

    /// Whoever calls is whoever has this token.
    pub(super) fn with_bearer(self, token: &str) -> Result<Self, TestbedError> {
        let unusable = |_| TestbedError::Url {
            url: self.authority.to_string(),
            reason: "its token is no header".to_owned(),
        };
        let authorization = Some(HeaderValue::try_from(format!("Bearer {token}")).map_err(unusable)?);
        Ok(Self { authorization, ..self })
    }

    pub(super) async fn send(&self, request: Request<Incoming>) -> Result<Response<Body>, legacy::Error> {
        let (mut parts, body) = request.into_parts();
        let mut uri = std::mem::take(&mut parts.uri).into_parts();
        uri.scheme = Some(self.scheme.clone());
        uri.authority = Some(self.authority.clone());
        // An address with scheme, host and the path of a request that was parsed is an address.
        parts.uri = Uri::from_parts(uri).unwrap_or_default();
        parts.version = Version::HTTP_11;
        parts.headers.remove(header::HOST);
        if let Some(authorization) = &self.authorization {
            parts.headers.insert(header::AUTHORIZATION, authorization.clone());
        }
        remove_hop_by_hop(&mut parts.headers);
        let mut response = self.client.request(Request::from_parts(parts, body)).await?;
        *response.version_mut() = Version::HTTP_11;
        remove_hop_by_hop(response.headers_mut());
        Ok(response.map(Body::new))
    }
}

fn remove_hop_by_hop(headers: &mut HeaderMap) {
    for name in HOP_BY_HOP {
        headers.remove(name);
    }
}

/// The first bytes of a body; then the connection is closed.
pub(super) fn truncated(body: Body, bytes: usize, cut: CancellationToken) -> Body {
    let pieces = stream::unfold((body.into_data_stream(), bytes, cut), |(mut body, left, cut)| async move {
        if left == 0 {
            tokio::time::sleep(FLUSH).await;
            cut.cancel();
            return None;
        }
        let piece = body.next().await?.map(|piece| piece.slice(..piece.len().min(left)));
        let left = left - piece.as_ref().map_or(0, Bytes::len);
        Some((piece, (body, left, cut)))
    });
    Body::from_stream(pieces)
}

/// A body that trickles.
pub(super) fn slow(body: Body, bytes_per_second: usize) -> Body {
    let size = (bytes_per_second / PIECES_PER_SECOND).max(1);
    let pieces =
        stream::unfold((body.into_data_stream(), Bytes::new()), move |(mut body, mut rest)| async move {
            if rest.is_empty() {
                match next(&mut body).await? {
                    Ok(piece) => rest = piece,
                    Err(error) => return Some((Err(error), (body, rest))),
                }
            }
            let piece = rest.split_to(size.min(rest.len()));
            let share = u32::try_from(piece.len()).unwrap_or(u32::MAX);
            tokio::time::sleep(
                Duration::from_secs(1) * share / u32::try_from(bytes_per_second).unwrap_or(u32::MAX),
            )
            .await;
            Some((Ok(piece), (body, rest)))
        });
    Body::from_stream(pieces)
}

async fn next(body: &mut BodyDataStream) -> Option<Result<Bytes, axum::Error>> {
    loop {
        match body.next().await? {
            Ok(piece) if piece.is_empty() => {}
            piece => return Some(piece),
        }
    }
}
