//! The port, put together.

use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use data_encoding::HEXLOWER;
use domain::outbound::Narrowing;
use domain::repository::Revision;
use engine::port::source::{Source, SourceError, SourceRequest, SyncTag, Tree};
use outbound::Policy;
use sha2::{Digest, Sha256};

use crate::door::Doors;
use crate::failure;
use crate::git::Git;
use crate::mirror::{Mirror, Wish};
use crate::named;
use crate::remote::{self, Host};
use crate::settings::{Quota, Settings};
use crate::together::Together;
use crate::version::{self, SetupError};

/// SHA-256 in hexadecimal digits.
const KEY_LENGTH: usize = 64;

/// Git repositories over http(s), ssh and git.
#[derive(Debug)]
pub struct GitSource {
    pub(crate) git: Git,
    pub(crate) policy: Policy,
    pub(crate) quota: Quota,
    folder: PathBuf,
    mirrors: Mutex<HashMap<String, Arc<Mirror>>>,
    pub(crate) heads: Together<Result<Revision, SourceError>>,
}

impl GitSource {
    /// Finds git and makes the folder of the mirrors.
    pub fn new(settings: &Settings) -> Result<Self, SetupError> {
        let unusable = |source| SetupError::Mirrors { folder: settings.mirrors.clone(), source };
        std::fs::create_dir_all(&settings.mirrors).map_err(unusable)?;
        let folder = settings.mirrors.canonicalize().map_err(unusable)?;
        let doors = Doors::new(&folder, &settings.launcher, settings.relay.clone()).map_err(unusable)?;
        Ok(Self {
            git: Git::new(settings, &folder, doors)?,
            policy: settings.policy.clone(),
            quota: settings.quota,
            folder,
            mirrors: Mutex::default(),
            heads: Together::default(),
        })
    }

    /// Runs git once and returns its version; to be called before the first repository is read.
    pub async fn check(&self) -> Result<String, SetupError> {
        version::check(&self.git).await
    }

    /// Where a request may lead: the server's policy, narrowed by what it comes with.
    fn policy_of(&self, request: &SourceRequest) -> Policy {
        self.policy.narrowed(&request.outbound)
    }

    fn wish<'a>(
        &'a self,
        request: &'a SourceRequest,
        policy: &'a Policy,
        revision: &'a Revision,
    ) -> Wish<'a> {
        Wish {
            git: &self.git,
            policy,
            quota: self.quota.within(request.size_limit),
            size_limit: request.size_limit,
            url: &request.url,
            access: &request.access,
            time: time(request),
            // A tag is no branch: the commit is asked for by itself.
            branch: (!request.tags).then_some(&request.branch),
            revision,
        }
    }

    /// The mirror of this name; nothing is made on disk yet.
    pub(crate) fn mirror(&self, key: &str) -> Arc<Mirror> {
        let make = || Arc::new(Mirror::new(self.folder.join(key)));
        Arc::clone(self.lock().entry(key.to_owned()).or_insert_with(make))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<Mirror>>> {
        self.mirrors.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Source for GitSource {
    async fn resolve(&self, request: &SourceRequest, age: Duration) -> Result<Revision, SourceError> {
        // Who may ask is part of the question: nobody is given the answer to one who may ask elsewhere.
        let kind = if request.tags { "named" } else { "branch" };
        let question = format!("{} {kind} {} {}", key(request), request.branch, word_of(&request.outbound));
        let policy = self.policy_of(request);
        let ask = async {
            let host = Host::of(&self.git, request, &policy)?;
            let (git, branch, time) = (&self.git, &request.branch, time(request));
            if request.tags {
                named::resolve(git, &host, branch, time).await
            } else {
                remote::resolve(git, &host, branch, time).await
            }
        };
        self.heads.ask(&question, age, ask).await
    }

    async fn open(&self, request: &SourceRequest, revision: &Revision) -> Result<Arc<dyn Tree>, SourceError> {
        let policy = self.policy_of(request);
        let tree = self.mirror(&key(request)).open(&self.wish(request, &policy, revision)).await?;
        Ok(Arc::new(tree))
    }

    async fn descends(
        &self,
        request: &SourceRequest,
        later: &Revision,
        earlier: &Revision,
    ) -> Result<Option<bool>, SourceError> {
        self.mirror(&key(request)).descends(&self.git, later, earlier, time(request)).await
    }

    async fn push_tag(
        &self,
        request: &SourceRequest,
        revision: &Revision,
        tag: &SyncTag,
    ) -> Result<(), SourceError> {
        let policy = self.policy_of(request);
        self.mirror(&key(request)).push_tag(&self.wish(request, &policy, revision), tag).await
    }

    async fn keep_only(&self, requests: &[SourceRequest]) -> Result<usize, SourceError> {
        let wanted: HashSet<String> = requests.iter().map(key).collect();
        let folder = self.folder.clone();
        let found =
            blocking(move || mirror_names(&folder)).await?.map_err(|error| failure::internal(&error))?;
        let mut removed = 0;
        for key in found.difference(&wanted) {
            self.mirror(key).remove().await?;
            removed += 1;
        }
        Ok(removed)
    }
}

/// A bound of zero would be none; the form refuses it.
pub(crate) fn time(request: &SourceRequest) -> Duration {
    Duration::from_secs(request.timeout_seconds.max(1))
}

/// The name of a mirror's folder: nobody's credential is mixed up with another's.
fn key(request: &SourceRequest) -> String {
    key_of([&request.tenant, &request.url.normalised(), &request.access.identity])
}

/// One word for a list, empty for none.
pub(crate) fn word_of(outbound: &Narrowing) -> String {
    outbound.entries().join(",")
}

/// The parts are kept apart by a character that none of them has.
pub(crate) fn key_of<const PARTS: usize>(parts: [&str; PARTS]) -> String {
    HEXLOWER.encode(&Sha256::digest(parts.join("\n")))
}

/// Other files in the folder are not ours to remove.
fn mirror_names(folder: &Path) -> std::io::Result<HashSet<String>> {
    let names = std::fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.file_name()));
    let names: Vec<OsString> = names.collect::<Result<_, _>>()?;
    let ours = |name: &String| name.len() == KEY_LENGTH && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    Ok(names.into_iter().filter_map(|name| name.into_string().ok()).filter(ours).collect())
}

/// A panic or the end of the runtime: both are errors of ours.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, SourceError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| failure::internal(&error))
}
