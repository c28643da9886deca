//! The pull half of the distribution specification, as far as charts need it: tags, a manifest, the layer with the chart.

mod challenge;

use std::sync::Arc;

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderValue, LINK, WWW_AUTHENTICATE};
use http::{HeaderName, StatusCode};
use serde::Deserialize;
use tokio::sync::OnceCell;
use url::Url;

use self::challenge::Challenge;
use super::address::{host, is_repository};
use super::error::{ChartError, shown};
use super::http::{Answer, Ask};
use super::index::highest;
use super::versions::Wish;
use super::visitor::Visitor;
use super::{PACKAGE_BYTES, Shared, sha256};

/// What Helm's charts are in a registry.
const CHART: &str = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
/// What they were before Helm 3.7.
const CHART_BEFORE: &str = "application/tar+gzip";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// The distribution specification has registries take manifests up to here.
const MANIFEST_BYTES: u64 = 4 * 1024 * 1024;
const TOKEN_BYTES: u64 = 256 * 1024;
/// Tags come in pages.
const PAGES_MAX: usize = 20;
const PAGE: usize = 1_000;
const TAG_MAX: usize = 128;

/// A repository of a registry, for one fetch.
pub(super) struct Registry<'a> {
    shared: &'a Arc<Shared>,
    visitor: &'a Visitor,
    root: Url,
    path: String,
    /// What the registry let us in by.
    word: OnceCell<HeaderValue>,
}

#[derive(Deserialize)]
struct Manifest {
    #[serde(default)]
    layers: Vec<Layer>,
}

#[derive(Deserialize)]
struct Token {
    token: Option<String>,
    access_token: Option<String>,
}

#[derive(Deserialize)]
struct Page {
    // a repository whose last tag was deleted has null
    tags: Option<Vec<String>>,
}

/// A layer of the chart's manifest.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Layer {
    media_type: String,
    digest: String,
    #[serde(default)]
    size: u64,
}

impl<'a> Registry<'a> {
    pub(super) fn new(
        shared: &'a Arc<Shared>,
        visitor: &'a Visitor,
        root: Url,
        path: String,
    ) -> Result<Self, ChartError> {
        if !is_repository(&path) {
            return Err(ChartError::Address {
                written: shown(&path),
                reason: "names in a registry have lower-case letters, digits, '.', '_' and '-'",
            });
        }
        Ok(Self { shared, visitor, root, path, word: OnceCell::new() })
    }

    /// How messages name it.
    pub(super) fn name(&self) -> String {
        format!("oci://{}/{}", host(&self.root), self.path)
    }

    /// The version that is meant among the tags.
    pub(super) async fn choose(&self, wish: &Wish) -> Result<String, ChartError> {
        let versions = self.versions().await?;
        let chosen = wish.choose(versions.iter(), String::as_str).cloned();
        chosen.ok_or_else(|| self.without(wish.written(), &versions))
    }

    /// The digest of the chart of a version: `sha256:` and hexadecimal digits.
    pub(super) async fn layer(&self, version: &str) -> Result<String, ChartError> {
        // Tags have no `+`: Helm writes `_` in its place.
        let tag = version.replace('+', "_");
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        if tag.is_empty() || tag.len() > TAG_MAX || !tag.bytes().all(plain) {
            let reason = "a registry has no such tags".to_owned();
            return Err(ChartError::Version { written: shown(version), reason });
        }
        let what = format!("{} {}", self.name(), shown(version));
        let url = self.url(&format!("manifests/{tag}"))?;
        let answer = self.get(&url, &what, MANIFEST_BYTES, MANIFEST).await?;
        if answer.status == StatusCode::NOT_FOUND {
            return Err(self.without(version, &self.versions().await?));
        }
        let answer = answer.expected(&url, &what)?;
        let manifest: Manifest = serde_json::from_slice(&answer.body)
            .map_err(|_| self.odd(format!("the manifest of {what} is none")))?;
        let charts = [CHART, CHART_BEFORE];
        let layer =
            charts.iter().find_map(|kind| manifest.layers.iter().find(|layer| layer.media_type == *kind));
        let layer = layer.ok_or_else(|| self.odd(format!("{what} is no Helm chart")))?;
        if layer.size > PACKAGE_BYTES {
            return Err(ChartError::TooLarge { what, limit: PACKAGE_BYTES });
        }
        let digest = layer.digest.strip_prefix("sha256:").and_then(sha256);
        digest.ok_or_else(|| self.odd(format!("the layer of {what} has no SHA-256")))
    }

    /// The bytes of a chart. Their digest is not checked here.
    pub(super) async fn blob(&self, digest: &str) -> Result<Bytes, ChartError> {
        let what = format!("the chart of {}", self.name());
        let url = self.url(&format!("blobs/sha256:{digest}"))?;
        let answer = self.get(&url, &what, PACKAGE_BYTES, "*/*").await?;
        Ok(answer.expected(&url, &what)?.body)
    }

    async fn versions(&self) -> Result<Vec<String>, ChartError> {
        let what = format!("the versions of {}", self.name());
        let mut url = self.url(&format!("tags/list?n={PAGE}"))?;
        let mut versions = Vec::new();
        for _ in 0..PAGES_MAX {
            let answer = self.get(&url, &what, MANIFEST_BYTES, "application/json").await?;
            if answer.status == StatusCode::NOT_FOUND {
                let (name, repository) = (self.path.clone(), format!("oci://{}", host(&self.root)));
                let there = "perhaps others: registries do not list them".to_owned();
                return Err(ChartError::NoChart { name, repository, there });
            }
            let answer = answer.expected(&url, &what)?;
            let page: Page =
                serde_json::from_slice(&answer.body).map_err(|_| self.odd(format!("{what} are no list")))?;
            versions.extend(page.tags.unwrap_or_default().iter().map(|tag| tag.replace('_', "+")));
            match self.next(&answer.headers) {
                Some(next) => url = next,
                None => break,
            }
        }
        Ok(versions)
    }

    /// The next page, at the same registry.
    fn next(&self, headers: &HeaderMap) -> Option<Url> {
        let link = headers.get(LINK)?.to_str().ok()?;
        let (target, rest) = link.trim().strip_prefix('<')?.split_once('>')?;
        let next = self.root.join(target).ok()?;
        (rest.contains("next") && next.origin() == self.root.origin()).then_some(next)
    }

    /// Asks, and once more with what the registry asks for.
    async fn get(
        &self,
        url: &Url,
        what: &str,
        limit: u64,
        accept: &'static str,
    ) -> Result<Answer, ChartError> {
        let ask = |word: Option<HeaderValue>| async move {
            let authorization = |to: &Url| word.clone().filter(|_| to.origin() == self.root.origin());
            let accept = (ACCEPT, HeaderValue::from_static(accept));
            self.ask(url, what, limit, vec![accept], &authorization).await
        };
        let first = ask(self.word.get().cloned()).await?;
        if first.status != StatusCode::UNAUTHORIZED || self.word.initialized() {
            return Ok(first);
        }
        let challenges: Vec<_> =
            first.headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok()).collect();
        let word = match Challenge::first(&challenges) {
            Some(Challenge::Basic) => self.visitor.basic(&self.root),
            Some(Challenge::Bearer { realm, service }) => Some(self.token(&realm, service.as_deref()).await?),
            None => return Err(self.odd("it does not say how to sign in".to_owned())),
        };
        let Some(word) = word else { return Ok(first) };
        let word = self.word.get_or_init(|| async { word }).await.clone();
        let mut second = ask(Some(word)).await?;
        second.shown = self.visitor.basic(&self.root).is_some();
        Ok(second)
    }

    /// A token for reading, from the server that the registry names. Whoever may ask the registry with a credential
    /// shows it there, for that is what the registry asks for; never in the open when the registry itself is not.
    async fn token(&self, realm: &str, service: Option<&str>) -> Result<HeaderValue, ChartError> {
        let odd = || self.odd("the server of its tokens has no address that can be used".to_owned());
        let mut url = Url::parse(realm).map_err(|_| odd())?;
        let plain = url.username().is_empty() && url.password().is_none();
        let safe = url.scheme() == "https" || (url.scheme() == "http" && self.root.scheme() == "http");
        if !(plain && safe) {
            return Err(odd());
        }
        if let Some(service) = service {
            url.query_pairs_mut().append_pair("service", service);
        }
        url.query_pairs_mut().append_pair("scope", &format!("repository:{}:pull", self.path));
        let what = format!("a token for {}", self.name());
        let credential = self.visitor.basic(&self.root);
        let to = url.origin();
        let authorization = |asked: &Url| credential.clone().filter(|_| asked.origin() == to);
        let answer =
            self.ask(&url, &what, TOKEN_BYTES, Vec::new(), &authorization).await?.expected(&url, &what)?;
        let token: Option<Token> = serde_json::from_slice(&answer.body).ok();
        let token = token.and_then(|token| token.token.or(token.access_token)).unwrap_or_default();
        let value = HeaderValue::try_from(format!("Bearer {token}")).ok().filter(|_| !token.is_empty());
        value.ok_or_else(|| self.odd(format!("{} gave no token", host(&url))))
    }

    async fn ask(
        &self,
        url: &Url,
        what: &str,
        limit: u64,
        headers: Vec<(HeaderName, HeaderValue)>,
        authorization: &(dyn Fn(&Url) -> Option<HeaderValue> + Sync),
    ) -> Result<Answer, ChartError> {
        debug_assert!(headers.iter().all(|(name, _)| name != AUTHORIZATION));
        let (url, what, authorities) = (url.clone(), what.to_owned(), self.visitor.authorities());
        let outbound = self.visitor.outbound();
        self.shared.client.get(&Ask { url, what, limit, authorities, outbound, headers, authorization }).await
    }

    fn url(&self, rest: &str) -> Result<Url, ChartError> {
        self.root
            .join(&format!("/v2/{}/{rest}", self.path))
            .map_err(|_| self.odd("it has no such path".to_owned()))
    }

    fn without(&self, version: &str, there: &[String]) -> ChartError {
        ChartError::NoVersion {
            name: self.path.rsplit('/').next().unwrap_or_default().to_owned(),
            version: shown(version),
            repository: self.name(),
            there: highest(there.iter().map(String::as_str)),
        }
    }

    fn odd(&self, problem: String) -> ChartError {
        ChartError::Registry { host: host(&self.root), problem }
    }
}
