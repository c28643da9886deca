//! Real git against real Git servers. One binary: the tests share the helpers below.

mod suite {
    mod access;
    mod bases;
    mod hostile;
    mod hosts;
    mod limits;
    mod mirrors;
    mod refusals;
    mod resolving;
    mod secrets;
    mod sharing;
    mod tags;
    mod trees;
}

use std::sync::Arc;
use std::time::Duration;

use child::Launcher;
use domain::outbound::Narrowing;
use domain::reason::Reason;
use domain::repository::{Branch, RepositoryUrl, Revision};
use engine::port::source::{Access, Source, SourceError, SourceRequest, Tree};
use outbound::{Policy, Proxies, Relay};
use source::{GitSource, Quota, Settings};
use tempfile::TempDir;
use testbed::{GitServer, Repository};

/// Enough for any answer of a loopback server on a busy machine.
const PATIENCE_SECONDS: u64 = 60;

/// A source with mirrors of its own.
struct Fixture {
    source: Arc<GitSource>,
    settings: Settings,
    _folder: TempDir,
}

impl Fixture {
    fn new() -> Self {
        Self::with(|_| {})
    }

    fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut settings = Settings {
            mirrors: folder.path().join("mirrors"),
            launcher: Launcher::for_tests().expect("the launcher"),
            relay: Relay::start(Proxies::default()).expect("a relay"),
            policy: Policy::allowing(&["127.0.0.0/8", "::1/128"]).expect("a policy"),
            concurrency: 4,
            quota: Quota::default(),
        };
        change(&mut settings);
        let source = GitSource::new(&settings).expect("git");
        Self { source: Arc::new(source), settings, _folder: folder }
    }

    /// What a restart of the server does: the mirrors stay, what is in memory goes.
    fn restart(self) -> Self {
        let source = Arc::new(GitSource::new(&self.settings).expect("git"));
        Self { source, ..self }
    }

    async fn resolve(&self, request: &SourceRequest) -> Result<Revision, SourceError> {
        self.source.resolve(request, Duration::ZERO).await
    }

    async fn open(&self, request: &SourceRequest, commit: &str) -> Result<Arc<dyn Tree>, SourceError> {
        self.source.open(request, &revision(commit)).await
    }

    /// The bare repositories of all mirrors.
    fn stores(&self) -> Vec<std::path::PathBuf> {
        let below = |folder: &std::path::Path| {
            let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
            entries.map(|entry| entry.path()).collect::<Vec<_>>()
        };
        below(&self.settings.mirrors)
            .iter()
            .flat_map(|mirror| below(mirror))
            .map(|store| store.join("git"))
            .collect()
    }
}

async fn repository(name: &str) -> Repository {
    GitServer::shared().await.expect("a server").repository(name).await.expect("a repository")
}

fn request(url: &str) -> SourceRequest {
    SourceRequest {
        tenant: "team".into(),
        url: RepositoryUrl::parse(url).expect("a URL"),
        branch: Branch::parse("main").expect("a branch"),
        timeout_seconds: PATIENCE_SECONDS,
        access: Access::default(),
        size_limit: None,
        tags: false,
        outbound: Narrowing::default(),
    }
}

fn branch(url: &str, branch: &str) -> SourceRequest {
    SourceRequest { branch: Branch::parse(branch).expect("a branch"), ..request(url) }
}

fn revision(commit: &str) -> Revision {
    Revision::parse(commit).expect("a commit id")
}

fn text(tree: &dyn Tree, path: &str) -> String {
    String::from_utf8(tree.read(path, 1_000_000).expect("a file")).expect("text")
}

/// The reason, when reading failed at all.
fn reason<T>(answer: Result<T, SourceError>) -> Reason {
    match answer {
        Ok(_) => panic!("it was read"),
        Err(error) => error.reason,
    }
}
