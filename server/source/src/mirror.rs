//! One repository as one tenant sees it: one fetch at a time, shared by all who wait for it.

mod compact;
mod store;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use data_encoding::HEXLOWER;
use domain::quota::MEBIBYTE;
use domain::reason::Reason;
use domain::repository::{Branch, RepositoryUrl, Revision};
use engine::port::source::{Access, SourceError, SyncTag};
use outbound::Policy;
use sha2::{Digest, Sha256};

use self::compact::compact;
pub(crate) use self::store::Store;
use crate::failure::{self, Failure};
use crate::git::Git;
use crate::git_source::blocking;
use crate::remote::{self, Host};
use crate::settings::Quota;
use crate::tag;
use crate::tree::CommitTree;

/// A mirror with more packs is made compact: each fetch adds one, and each slows reading down. That happens in a new
/// store, for tidying up would change files under readers.
const PACK_LIMIT: usize = 50;

/// Somebody's wish to read a revision.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wish<'a> {
    pub(crate) git: &'a Git,
    pub(crate) policy: &'a Policy,
    /// The server's limits and that of the one who wishes, whichever is less.
    pub(crate) quota: Quota,
    /// The limit of the one who wishes.
    pub(crate) size_limit: Option<u64>,
    pub(crate) url: &'a RepositoryUrl,
    pub(crate) access: &'a Access,
    /// Of one Git step.
    pub(crate) time: Duration,
    /// The branch that the revision is at the head of, which every host gives out; without one it is fetched by its
    /// id at once.
    pub(crate) branch: Option<&'a Branch>,
    pub(crate) revision: &'a Revision,
}

impl Wish<'_> {
    /// The reason to tell when this limit was met and it is the one of whoever wishes.
    fn quota_reason(&self, limit: u64) -> Option<Reason> {
        let own = self.size_limit.filter(|own| *own == limit)?;
        let mebibytes = u32::try_from(own / MEBIBYTE).unwrap_or(u32::MAX);
        Some(Reason::RepositoryQuota { mebibytes })
    }
}

/// The folder holds one store, and a second one while the first is being replaced.
#[derive(Debug)]
pub(crate) struct Mirror {
    folder: PathBuf,
    current: Mutex<Option<Arc<Store>>>,
    /// Counts fetches: one that has begun after a wish came answers the wish.
    begun: AtomicU64,
    gate: tokio::sync::Mutex<Gate>,
}

/// What only the one who fetches may touch.
#[derive(Debug, Default)]
struct Gate {
    /// Whether the folder has been looked at since the start.
    loaded: bool,
    last_failure: Option<LastFailure>,
}

/// Waiting for a host that does not answer is done once for all who wait.
#[derive(Debug)]
struct LastFailure {
    begun: u64,
    branch: Option<Branch>,
    revision: Revision,
    error: SourceError,
}

impl Mirror {
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            current: Mutex::default(),
            begun: AtomicU64::new(0),
            gate: tokio::sync::Mutex::default(),
        }
    }

    /// The tree of a revision, fetched when it is not there yet.
    pub(crate) async fn open(&self, wish: &Wish<'_>) -> Result<CommitTree, SourceError> {
        let came = self.begun.load(Ordering::Relaxed);
        if let Some(tree) = self.read(wish.revision).await? {
            return Ok(tree);
        }
        let mut gate = self.gate.lock().await;
        self.load(&mut gate).await?;
        // Another's fetch may have brought it meanwhile, or shown that it cannot be had.
        if let Some(tree) = self.read(wish.revision).await? {
            return Ok(tree);
        }
        if let Some(error) = gate.answers(came, wish) {
            return Err(error);
        }
        let begun = self.begun.fetch_add(1, Ordering::Relaxed) + 1;
        let fetched = self.fetch(wish).await;
        gate.last_failure = fetched.as_ref().err().map(|error| LastFailure {
            begun,
            branch: wish.branch.cloned(),
            revision: wish.revision.clone(),
            error: error.clone(),
        });
        fetched
    }

    /// Whether `later` has `earlier` among its ancestors; `None` when either is not here.
    pub(crate) async fn descends(
        &self,
        git: &Git,
        later: &Revision,
        earlier: &Revision,
        time: Duration,
    ) -> Result<Option<bool>, SourceError> {
        let Some(store) = self.current().filter(|store| store.has(later) && store.has(earlier)) else {
            return Ok(None);
        };
        remote::descends(git, &store.repository(), later, earlier, time).await
    }

    /// Marks the revision of the wish at the host.
    pub(crate) async fn push_tag(&self, wish: &Wish<'_>, tag: &SyncTag) -> Result<(), SourceError> {
        let Some(store) = self.current().filter(|store| store.has(wish.revision)) else {
            return Err(SourceError { reason: Reason::RepositoryDamaged, detail: None });
        };
        let host = Host::at(wish.git, wish.url, wish.access, wish.policy)?;
        tag::push(wish.git, &host, &store.repository(), wish.revision, tag, wish.time).await
    }

    /// Forgets everything; readers keep what they have.
    pub(crate) async fn remove(&self) -> Result<(), SourceError> {
        let mut gate = self.gate.lock().await;
        self.load(&mut gate).await?;
        let store = self.set(None);
        let folder = self.folder.clone();
        let remove = move || {
            drop(store);
            store::remove_if_empty(&folder)
        };
        blocking(remove).await?.map_err(|error| failure::internal(&error))
    }

    /// Once: what an earlier run has left.
    async fn load(&self, gate: &mut Gate) -> Result<(), SourceError> {
        if !gate.loaded {
            let folder = self.folder.clone();
            let store =
                blocking(move || Store::load(&folder)).await?.map_err(|error| failure::internal(&error))?;
            self.set(store);
            gate.loaded = true;
        }
        Ok(())
    }

    /// From what is there. A store that cannot give a commit it has noted is damaged, which is no error here.
    async fn read(&self, revision: &Revision) -> Result<Option<CommitTree>, SourceError> {
        let Some(store) = self.current().filter(|store| !store.is_damaged() && store.has(revision)) else {
            return Ok(None);
        };
        let revision = revision.clone();
        blocking(move || match CommitTree::open(store, &revision) {
            Ok(tree) => Some(tree),
            Err(error) => {
                tracing::warn!(%revision, %error, "a mirror is damaged and will be made anew");
                None
            }
        })
        .await
    }

    /// Into the store there is, made compact when it is worn; into a new one when there is none, or it is damaged, or a
    /// fetch shows it to be.
    async fn fetch(&self, wish: &Wish<'_>) -> Result<CommitTree, SourceError> {
        let host = Host::at(wish.git, wish.url, wish.access, wish.policy)?;
        if let Some(store) = self.usable(wish).await {
            match bring(wish, &host, &store).await {
                Ok(()) => {
                    if let Some(tree) = self.read(wish.revision).await? {
                        return Ok(tree);
                    }
                }
                Err(failure) if failure.may_be_the_mirror() => {
                    tracing::warn!(detail = failure.detail, "a fetch failed and the mirror is made anew");
                }
                Err(failure) => return Err(failure.into_source_error()),
            }
        }
        let store = self.new_store(wish).await?;
        bring(wish, &host, &store).await.map_err(Failure::into_source_error)?;
        self.set(Some(store));
        self.read(wish.revision).await?.ok_or(SourceError { reason: Reason::RepositoryDamaged, detail: None })
    }

    /// The store there is, or a compact one that takes its place.
    async fn usable(&self, wish: &Wish<'_>) -> Option<Arc<Store>> {
        let store = self.current().filter(|store| !store.is_damaged())?;
        if store.packs() <= PACK_LIMIT {
            return Some(store);
        }
        let fresh = self.new_store(wish).await.ok()?;
        match compact(wish.git, &store, &fresh, wish.time).await {
            Ok(()) => {
                self.set(Some(Arc::clone(&fresh)));
                Some(fresh)
            }
            Err(failure) => {
                tracing::warn!(detail = failure.detail, "a mirror cannot be made compact and is made anew");
                None
            }
        }
    }

    async fn new_store(&self, wish: &Wish<'_>) -> Result<Arc<Store>, SourceError> {
        let folder = self.folder.clone();
        let format = wish.revision.clone();
        let store = blocking(move || Store::create(&folder, &format)).await?;
        store.map(Arc::new).map_err(|error| failure::internal(&error))
    }

    fn current(&self) -> Option<Arc<Store>> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns the one before, which stays on disk as long as somebody holds it.
    fn set(&self, store: Option<Arc<Store>>) -> Option<Arc<Store>> {
        let store = store.inspect(|store| store.keep());
        let before =
            std::mem::replace(&mut *self.current.lock().unwrap_or_else(PoisonError::into_inner), store);
        before.inspect(|before| before.retire())
    }
}

impl Gate {
    /// The error of a fetch that began after the wish came and was for the same.
    fn answers(&self, came: u64, wish: &Wish<'_>) -> Option<SourceError> {
        let same = |last: &&LastFailure| {
            last.begun > came && last.branch.as_ref() == wish.branch && last.revision == *wish.revision
        };
        self.last_failure.as_ref().filter(same).map(|last| last.error.clone())
    }
}

/// The branch first, which every host gives out; when it has moved since the wish, or there is none, the commit by its
/// id, which most hosts give out too.
async fn bring(wish: &Wish<'_>, host: &Host<'_>, store: &Arc<Store>) -> Result<(), Failure> {
    let shallow = store.is_empty();
    let wanted = wish.branch.map_or(wish.revision.as_str(), Branch::as_str);
    // Not the branch's own name: `a` and `a/b` cannot both be references, but may follow each other.
    let reference = format!("refs/fairlead/{}", &HEXLOWER.encode(&Sha256::digest(wanted))[..32]);
    let fetch = |what: String| {
        let repository = store.repository();
        let reference = &reference;
        let limits = wish.git.limits_of_fetch(wish.time, wish.quota.fetch_bytes);
        async move {
            let fetched = remote::fetch(wish.git, host, &repository, &what, reference, shallow, limits).await;
            fetched.map_err(|failure| match wish.quota_reason(wish.quota.fetch_bytes) {
                Some(reason) if failure.is_of_size() => Failure { reason: Some(reason), ..failure },
                _ => failure,
            })
        }
    };
    in_store(store, Store::sweep).await?;
    let Some(branch) = wish.branch else {
        fetch(wish.revision.to_string()).await?;
        return note(wish, store, &reference, shallow).await;
    };
    fetch(format!("refs/heads/{branch}")).await?;
    note(wish, store, &reference, shallow).await?;
    if !store.has(wish.revision) {
        tracing::debug!(revision = %wish.revision, "the branch has moved: fetching the commit by its id");
        fetch(wish.revision.to_string()).await.map_err(moved)?;
        note(wish, store, &reference, shallow).await?;
    }
    Ok(())
}

/// The host keeps a commit that no branch names any more to itself: asking again gives another one.
fn moved(failure: Failure) -> Failure {
    let words = failure.detail.unwrap_or_default();
    let detail = format!("the branch moved while it was fetched; the next try asks for it again. {words}");
    Failure { reason: Some(Reason::RepositoryUnreachable), detail: Some(detail), ..failure }
}

/// Git has verified what it fetched and everything below it: only such commits are read.
async fn note(wish: &Wish<'_>, store: &Arc<Store>, reference: &str, shallow: bool) -> Result<(), Failure> {
    let reference = reference.to_owned();
    let size = in_store(store, move |store| store.note(&reference)).await?;
    let limit = wish.quota.mirror_bytes;
    if size <= limit {
        return Ok(());
    }
    store.mark_damaged();
    Err(Failure {
        // What has grown may be small when it is made anew; what is one commit will not get smaller.
        reason: shallow.then(|| wish.quota_reason(limit).unwrap_or(Reason::RepositoryLimit)),
        detail: Some(format!("the repository has {size} bytes; {limit} are allowed")),
        too_much_output: false,
    })
}

async fn in_store<T: Send + 'static>(
    store: &Arc<Store>,
    work: impl FnOnce(&Store) -> std::io::Result<T> + Send + 'static,
) -> Result<T, Failure> {
    let store = Arc::clone(store);
    let done = blocking(move || work(&store)).await;
    done.and_then(|done| done.map_err(|error| failure::internal(&error))).map_err(
        |SourceError { reason, detail }| Failure { reason: Some(reason), detail, too_much_output: false },
    )
}
