//! A chart repository over HTTP: its index, kept and asked for anew, and where an archive is.

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use http::header::{ETAG, HeaderMap, HeaderName, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED};
use http::{HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};
use url::Url;

use super::address::without_query;
use super::error::{ChartError, shown};
use super::http::Ask;
use super::index::{Entry, INDEX_BYTES, Index};
use super::store::Key;
use super::versions::Wish;
use super::visitor::Visitor;
use super::{Shared, blocking, not_older, sha256};

/// An index as it is kept: what matters of it, and by what the host knows it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct KeptIndex {
    /// Changes with its bytes.
    digest: String,
    tag: Option<String>,
    modified: Option<String>,
    index: Index,
}

/// An archive that the index names.
pub(super) struct Named {
    pub(super) version: String,
    pub(super) url: String,
    /// SHA-256, in hexadecimal digits.
    pub(super) digest: Option<String>,
    /// Changes with the index.
    pub(super) index: String,
}

/// Where the archive of the version is that is meant.
pub(super) async fn find(
    shared: &Arc<Shared>,
    visitor: &Arc<Visitor>,
    base: &Url,
    (name, wish): (&str, &Wish),
    age: Duration,
) -> Result<Named, ChartError> {
    let kept = index(shared, visitor, base, age).await?;
    let repository = without_query(base);
    let Entry { version, digest, urls } = kept.index.find(&repository, name, wish)?.clone();
    let broken = |problem: &str| ChartError::Index {
        repository,
        line: None,
        problem: format!("{} {}: {problem}", shown(name), shown(&version)),
    };
    let digest = match digest.filter(|digest| !digest.is_empty()) {
        Some(digest) => match sha256(digest.strip_prefix("sha256:").unwrap_or(&digest)) {
            Some(digest) => Some(digest),
            None => return Err(broken("its digest is no SHA-256")),
        },
        None => None,
    };
    let Some(url) = urls.into_iter().next() else { return Err(broken("it has no URL")) };
    let url = if url.starts_with("oci://") {
        url
    } else {
        located(base, &url).ok_or_else(|| broken("its URL leads to no web server, or out of TLS"))?.into()
    };
    Ok(Named { version, url, digest, index: kept.digest.clone() })
}

/// An archive's URL, relative to the index or absolute. A relative one takes along what opens the index (`?…`).
fn located(base: &Url, written: &str) -> Option<Url> {
    let mut url = base.join(written).ok()?;
    if url.origin() == base.origin() && url.query().is_none() && Url::parse(written).is_err() {
        url.set_query(base.query());
    }
    let follows = url.scheme() == "https" || (url.scheme() == "http" && base.scheme() == "http");
    (follows && url.username().is_empty() && url.password().is_none()).then_some(url)
}

async fn index(
    shared: &Arc<Shared>,
    visitor: &Arc<Visitor>,
    base: &Url,
    age: Duration,
) -> Result<Arc<KeptIndex>, ChartError> {
    let key = visitor.key(&["index", base.as_str()]);
    let begin = || {
        let (shared, visitor, base, key) =
            (Arc::clone(shared), Arc::clone(visitor), base.clone(), key.clone());
        async move {
            match kept(&shared, &key).await? {
                Some((kept, is)) if is <= age => Ok(kept),
                before => fetch(&shared, &visitor, &base, &key, before.map(|(kept, _)| kept)).await,
            }
        }
        .boxed()
    };
    shared.indexes.fetch(&not_older(&key, age), begin).await
}

async fn kept(shared: &Arc<Shared>, key: &Key) -> Result<Option<(Arc<KeptIndex>, Duration)>, ChartError> {
    let (shared, key) = (Arc::clone(shared), key.clone());
    blocking(move || {
        let kept = shared.store.get(&key)?;
        let index = serde_json::from_slice(&kept.bytes).ok()?;
        Some((Arc::new(index), kept.age))
    })
    .await
}

async fn fetch(
    shared: &Arc<Shared>,
    visitor: &Arc<Visitor>,
    base: &Url,
    key: &Key,
    before: Option<Arc<KeptIndex>>,
) -> Result<Arc<KeptIndex>, ChartError> {
    let repository = without_query(base);
    let mut url = base
        .join("index.yaml")
        .map_err(|_| ChartError::Address { written: repository.clone(), reason: "it has no index.yaml" })?;
    url.set_query(base.query());
    let what = format!("the index of {repository}");
    let ask = Ask {
        url: url.clone(),
        what: what.clone(),
        limit: INDEX_BYTES,
        authorities: visitor.authorities(),
        outbound: visitor.outbound(),
        headers: before.as_deref().map(conditions).unwrap_or_default(),
        authorization: &|url| visitor.basic(url),
    };
    let answer = shared.client.get(&ask).await?.expected(&url, &what)?;
    let (shared, key) = (Arc::clone(shared), key.clone());
    if let (StatusCode::NOT_MODIFIED, Some(before)) = (answer.status, before) {
        blocking(move || shared.store.renew(&key)).await?;
        return Ok(before);
    }
    blocking(move || {
        let index = Index::parse(&answer.body, &repository)?;
        let kept = KeptIndex {
            digest: super::hash(&answer.body),
            tag: text(&answer.headers, &ETAG),
            modified: text(&answer.headers, &LAST_MODIFIED),
            index,
        };
        shared.store.put(&key, &serde_json::to_vec(&kept).map_err(ChartError::disk)?)?;
        Ok(Arc::new(kept))
    })
    .await?
}

fn conditions(kept: &KeptIndex) -> Vec<(HeaderName, HeaderValue)> {
    let conditions = [(IF_NONE_MATCH, &kept.tag), (IF_MODIFIED_SINCE, &kept.modified)];
    let value = |(name, text): (HeaderName, &Option<String>)| {
        Some((name, HeaderValue::from_str(text.as_ref()?).ok()?))
    };
    conditions.into_iter().filter_map(value).collect()
}

fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn archives_lie_beside_the_index_or_elsewhere() {
        let base = |url: &str| Url::parse(url).unwrap();
        for (repository, written, wanted) in [
            ("https://a.example/x/", "web.tgz", Some("https://a.example/x/web.tgz")),
            ("https://a.example/x/?t=1", "y/web.tgz", Some("https://a.example/x/y/web.tgz?t=1")),
            ("https://a.example/x/?t=1", "web.tgz?u=2", Some("https://a.example/x/web.tgz?u=2")),
            ("https://a.example/x/", "/web.tgz", Some("https://a.example/web.tgz")),
            ("https://a.example/x/?t=1", "https://b.example/web.tgz", Some("https://b.example/web.tgz")),
            ("https://a.example/x/?t=1", "//b.example/web.tgz", Some("https://b.example/web.tgz")),
            ("http://a.example/", "http://b.example/web.tgz", Some("http://b.example/web.tgz")),
            ("https://a.example/", "http://a.example/web.tgz", None),
            ("https://a.example/", "file:///etc/passwd", None),
            ("https://a.example/", "https://me:word@a.example/web.tgz", None),
        ] {
            assert_eq!(located(&base(repository), written).map(String::from).as_deref(), wanted, "{written}");
        }
    }
}
