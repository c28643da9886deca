//! Charts: fetched from repositories over HTTP and from registries, kept, unpacked and completed by their dependencies.
//!
//! ```text
//! Charts::fetch ─ address ─► repository (index, version) ─► http ─► ChartPackage ─► ChartFolder ─► helm
//!                        └─► registry (tags, manifest)   ─┘   └─ outbound::Route (policy, proxies)
//! ```
//!
//! - `http` is the one way out: each connection goes by [`outbound::Route`], each answer is bounded, each redirect is
//!   judged anew, and what a host is shown is asked for each host.
//! - `store` keeps indexes and archives by hashes that say on whose behalf (`visitor`); `together` lets those who want the
//!   same at one moment wait for one fetch.
//! - `folder` writes what strangers packed (`archive`) or committed, and refuses what a chart may not have.
//!
//! The registry's side is written here and not taken from `oci-client`: that crate makes its own HTTP client, in which a
//! name is resolved and connected to out of sight of the policy, and which follows the redirects of blobs itself. Pulling
//! a chart is four requests (manifest, token, manifest, layer), and they go by the same `http` as everything else.
//!
//! Architecture invariants:
//! - nothing is fetched but by `http`; a credential is shown to the scheme, host and port that it is for, and to the server
//!   of tokens that this registry names; nothing kept is given to another tenant or credential.
//! - whatever comes from outside has a bound: bytes, time, redirects, pages, files, depth.
//!
//! To take charts from somewhere else: a kind of `address::Place`, and what `Charts::locate` makes of it.

mod address;
mod archive;
mod dependencies;
mod description;
mod error;
mod folder;
mod http;
mod index;
mod registry;
mod repository;
mod store;
mod together;
mod versions;
mod visitor;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use data_encoding::HEXLOWER;
use domain::outbound::Narrowing;
use engine::port::helm::ChartRequest;
use futures::FutureExt;
use outbound::{Policy, Proxies};
use sha2::{Digest, Sha256};
use url::Url;

use self::address::{Place, web, without_query};
pub use self::dependencies::{Dependency, DependencySource};
pub use self::description::Description;
pub use self::error::ChartError;
pub use self::folder::ChartFolder;
pub(crate) use self::folder::{Limits, Writer};
use self::http::{Ask, Client};
use self::registry::Registry;
use self::repository::KeptIndex;
use self::store::{Key, Store};
use self::together::Together;
use self::versions::Wish;
use self::visitor::Visitor;

/// An archive with a chart: the largest public ones have some 2 MiB.
pub(crate) const PACKAGE_BYTES: u64 = 20 * 1024 * 1024;

/// What fetches charts. Clones share what is kept.
#[derive(Clone)]
pub struct Charts {
    shared: Arc<Shared>,
}

/// What every fetch needs.
struct Shared {
    client: Client,
    store: Store,
    salt: [u8; 32],
    indexes: Together<Result<Arc<KeptIndex>, ChartError>>,
    layers: Together<Result<String, ChartError>>,
    packages: Together<Result<Bytes, ChartError>>,
}

/// A chart as it was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartPackage {
    /// Its name in the repository.
    pub name: String,
    /// Its version there.
    pub version: String,
    /// SHA-256 of the archive, in hexadecimal digits.
    pub digest: String,
    /// The archive, `.tgz`.
    pub bytes: Bytes,
}

/// Where a chart is, as the repository says.
struct Located {
    version: String,
    source: Source,
    /// SHA-256 that was promised.
    digest: Option<String>,
    /// Under which the archive is kept.
    key: Key,
}

enum Source {
    Web(Url),
    Registry { root: Url, path: String, digest: String },
}

impl Charts {
    /// Keeps what it fetches in a folder, at most `limit` bytes. The policy decides on every address, and the
    /// administrator's proxies lead to them.
    pub fn new(folder: &Path, limit: u64, policy: Policy, proxies: Proxies) -> std::io::Result<Self> {
        let mut salt = [0; 32];
        getrandom::fill(&mut salt).map_err(std::io::Error::other)?;
        let shared = Shared {
            client: Client::new(policy, proxies),
            store: Store::open(folder, limit)?,
            salt,
            indexes: Together::default(),
            layers: Together::default(),
            packages: Together::default(),
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// The version that a request means now. One that is written in full is itself, and nobody is asked.
    pub async fn version(&self, request: &ChartRequest) -> Result<String, ChartError> {
        let wish = Wish::parse(&request.version)?;
        match wish.exact() {
            Some(version) => Ok(version.to_owned()),
            None => Ok(self.locate(request, &wish, &self.visitor(request)).await?.version),
        }
    }

    /// The chart that a request means. What is kept is not fetched again; the index, or what a registry's tag means, may be
    /// as old as the request says.
    pub async fn fetch(&self, request: &ChartRequest) -> Result<ChartPackage, ChartError> {
        let wish = Wish::parse(&request.version)?;
        let visitor = self.visitor(request);
        let Located { version, source, digest, key } = self.locate(request, &wish, &visitor).await?;
        let begin = || {
            let (shared, key) = (Arc::clone(&self.shared), key.clone());
            async move {
                // Inside: whoever comes when others have just fetched it finds it.
                match kept(&shared, &key, digest.as_deref()).await? {
                    Some(bytes) => Ok(bytes),
                    None => fetch(&shared, &visitor, source, digest, key).await,
                }
            }
            .boxed()
        };
        let bytes = self.shared.packages.fetch(key.text(), begin).await?;
        let digest = hash(&bytes);
        Ok(ChartPackage { name: request.name.clone(), version, digest, bytes })
    }

    /// A document at an https or http URL, at most `limit` bytes. Nobody is shown a credential, and nothing is kept.
    pub async fn document(&self, url: &str, limit: u64, outbound: &Narrowing) -> Result<Bytes, ChartError> {
        let url = web(url)?;
        let what = without_query(&url);
        let ask = Ask {
            url: url.clone(),
            what: what.clone(),
            limit,
            authorities: None,
            outbound,
            headers: Vec::new(),
            authorization: &|_| None,
        };
        Ok(self.shared.client.get(&ask).await?.expected(&url, &what)?.body)
    }

    fn visitor(&self, request: &ChartRequest) -> Arc<Visitor> {
        Arc::new(Visitor::new(request, &self.shared.salt))
    }

    async fn locate(
        &self,
        request: &ChartRequest,
        wish: &Wish,
        visitor: &Arc<Visitor>,
    ) -> Result<Located, ChartError> {
        let ChartRequest { repository, name, index_age, .. } = request;
        match Place::parse(repository, visitor.authorities().is_some())? {
            Place::Registry(root, path) => {
                let path = if path.is_empty() { name.clone() } else { format!("{path}/{name}") };
                self.locate_in_registry((root, path), wish, visitor, *index_age).await
            }
            Place::Repository(base) => {
                let named = repository::find(&self.shared, visitor, &base, (name, wish), *index_age).await?;
                if let Some(rest) = named.url.strip_prefix("oci://") {
                    // Such a URL is whole: `oci://host/path/name:tag`.
                    let (address, tag) =
                        rest.rsplit_once(':').filter(|(_, tag)| !tag.contains('/')).unwrap_or((rest, ""));
                    let tag = if tag.is_empty() { &named.version } else { tag };
                    let place = Place::parse(&format!("oci://{address}"), visitor.authorities().is_some())?;
                    let Place::Registry(root, path) = place else { return Err(no_chart(&named.url)) };
                    let wish = Wish::parse(&tag.replace('_', "+"))?;
                    return self.locate_in_registry((root, path), &wish, visitor, *index_age).await;
                }
                let url = Url::parse(&named.url).map_err(|_| no_chart(&named.url))?;
                // Without a digest, an archive is the one that this very index meant.
                let content = named.digest.as_deref().unwrap_or(&named.index);
                let key = visitor.key(&["package", base.as_str(), url.as_str(), content]);
                Ok(Located { version: named.version, source: Source::Web(url), digest: named.digest, key })
            }
        }
    }

    async fn locate_in_registry(
        &self,
        (root, path): (Url, String),
        wish: &Wish,
        visitor: &Arc<Visitor>,
        age: Duration,
    ) -> Result<Located, ChartError> {
        let key = visitor.key(&["layer", root.as_str(), &path, wish.written()]);
        let begin = || {
            let (shared, visitor, key) = (Arc::clone(&self.shared), Arc::clone(visitor), key.clone());
            let (root, path, wish) = (root.clone(), path.clone(), wish.clone());
            async move {
                match kept_layer(&shared, &key, age).await? {
                    Some(found) => Ok(found),
                    None => ask_registry(&shared, &visitor, (root, path), &wish, key).await,
                }
            }
            .boxed()
        };
        let found = self.shared.layers.fetch(&not_older(&key, age), begin).await?;
        let (digest, version) = found.split_once(' ').unwrap_or((&found, ""));
        let (digest, version) = (digest.to_owned(), version.to_owned());
        let key = visitor.key(&["blob", root.as_str(), &path, &digest]);
        let source = Source::Registry { root, path, digest: digest.clone() };
        Ok(Located { version, source, digest: Some(digest), key })
    }
}

/// Who may share a look and a fetch: those to whom what is kept may be equally old.
fn not_older(key: &Key, age: Duration) -> String {
    format!("{} {}", key.text(), age.as_millis())
}

/// What a registry said, if it is young enough: the layer's digest, a blank, the version.
async fn kept_layer(shared: &Arc<Shared>, key: &Key, age: Duration) -> Result<Option<String>, ChartError> {
    let (shared, key) = (Arc::clone(shared), key.clone());
    let kept = blocking(move || shared.store.get(&key)).await?;
    Ok(kept.filter(|kept| kept.age <= age).and_then(|kept| String::from_utf8(kept.bytes).ok()))
}

/// An archive that is kept, whole.
async fn kept(shared: &Arc<Shared>, key: &Key, digest: Option<&str>) -> Result<Option<Bytes>, ChartError> {
    let (shared, key) = (Arc::clone(shared), key.clone());
    let kept = blocking(move || {
        let kept = shared.store.get(&key)?;
        shared.store.renew(&key);
        Some(Bytes::from(kept.bytes))
    });
    Ok(kept.await?.filter(|bytes| digest.is_none_or(|digest| hash(bytes) == digest)))
}

async fn ask_registry(
    shared: &Arc<Shared>,
    visitor: &Visitor,
    (root, path): (Url, String),
    wish: &Wish,
    key: Key,
) -> Result<String, ChartError> {
    let registry = Registry::new(shared, visitor, root, path)?;
    let version = match wish.exact() {
        Some(version) => version.to_owned(),
        None => registry.choose(wish).await?,
    };
    let found = format!("{} {version}", registry.layer(&version).await?);
    let (shared, kept) = (Arc::clone(shared), found.clone());
    blocking(move || shared.store.put(&key, kept.as_bytes())).await??;
    Ok(found)
}

async fn fetch(
    shared: &Arc<Shared>,
    visitor: &Visitor,
    source: Source,
    digest: Option<String>,
    key: Key,
) -> Result<Bytes, ChartError> {
    let (what, bytes) = match source {
        Source::Web(url) => {
            let what = without_query(&url);
            let ask = Ask {
                url: url.clone(),
                what: what.clone(),
                limit: PACKAGE_BYTES,
                authorities: visitor.authorities(),
                outbound: visitor.outbound(),
                headers: Vec::new(),
                authorization: &|url| visitor.basic(url),
            };
            let answer = shared.client.get(&ask).await?.expected(&url, &what)?;
            (what, answer.body)
        }
        Source::Registry { root, path, digest } => {
            let registry = Registry::new(shared, visitor, root, path)?;
            (registry.name(), registry.blob(&digest).await?)
        }
    };
    if digest.is_some_and(|digest| hash(&bytes) != digest) {
        return Err(ChartError::Digest { what });
    }
    let (shared, kept) = (Arc::clone(shared), bytes.clone());
    blocking(move || shared.store.put(&key, &kept)).await??;
    Ok(bytes)
}

fn no_chart(url: &str) -> ChartError {
    ChartError::Address { written: error::shown(url), reason: "the index names it for a chart" }
}

/// SHA-256 in hexadecimal digits.
fn hash(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}

/// A SHA-256 that is written in hexadecimal digits, in lower case.
fn sha256(written: &str) -> Option<String> {
    let digits = written.to_ascii_lowercase();
    (digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(digits)
}

/// Work on files and large texts, beside the runtime's own threads.
async fn blocking<Answer: Send + 'static>(
    work: impl FnOnce() -> Answer + Send + 'static,
) -> Result<Answer, ChartError> {
    tokio::task::spawn_blocking(work).await.map_err(ChartError::disk)
}
