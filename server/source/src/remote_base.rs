//! Repositories that a kustomization names: read as those of configurations are, but shown no credential.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::outbound::Narrowing;
use domain::reason::Reason;
use domain::repository::{Branch, RepositoryUrl, Revision};
use engine::port::remote_base::{Reference, RemoteBases, RemoteRepository};
use engine::port::source::{Access, SourceError, Tree};
use outbound::Policy;

use crate::git_source::{GitSource, key_of, word_of};
use crate::mirror::Wish;
use crate::named;
use crate::remote::Host;
use crate::settings::Quota;

/// Stands for a tenant in the names of mirrors. All tenants that may lead to the same hosts share these: everybody is
/// given the same without a credential. The hourly tidying forgets them with the mirrors of unused repositories; the next sync fetches one
/// commit again.
const TENANT: &str = "remote-bases";

/// Of one mirror. There is one for each reference that anybody writes, so less than for the repository of a
/// configuration: what others share to build upon is small.
const MIRROR_BYTES: u64 = 256 * 1024 * 1024;

#[async_trait]
impl RemoteBases for GitSource {
    async fn read(
        &self,
        repository: &RemoteRepository,
        outbound: &Narrowing,
        timeout: Duration,
    ) -> Result<Arc<dyn Tree>, SourceError> {
        let RemoteRepository { url, reference } = repository;
        let access = Access::default();
        // A mirror for each reference: the first fetch of a mirror brings one commit, a later one all between.
        // And one for each list of a subscription, so that what is there was read under this very list.
        let key = key_of([TENANT, &url.normalised(), &word(reference), &word_of(outbound)]);
        let policy = &self.policy.narrowed(outbound);
        let revision = match reference {
            Reference::Commit(revision) => revision.clone(),
            Reference::Head => self.ask(&key, url, &access, policy, None, timeout).await?,
            Reference::Named(name) => self.ask(&key, url, &access, policy, Some(name), timeout).await?,
        };
        let wish = Wish {
            git: &self.git,
            policy,
            quota: Quota { mirror_bytes: self.quota.mirror_bytes.min(MIRROR_BYTES), ..self.quota },
            size_limit: None,
            url,
            access: &access,
            time: timeout,
            // A tag may be an object of its own, so it is the commit that is asked for.
            branch: None,
            revision: &revision,
        };
        let tree = self.mirror(&key).open(&wish).await.map_err(told)?;
        Ok(Arc::new(tree))
    }
}

impl GitSource {
    /// The commit that the host has for a name now, or for none; one question for all who wait for it.
    async fn ask(
        &self,
        question: &str,
        url: &RepositoryUrl,
        access: &Access,
        policy: &Policy,
        name: Option<&Branch>,
        time: Duration,
    ) -> Result<Revision, SourceError> {
        let ask = async {
            let host = Host::at(&self.git, url, access, policy)?;
            match name {
                None => named::head(&self.git, &host, time).await,
                Some(name) => named::resolve(&self.git, &host, name, time).await,
            }
        };
        self.heads.ask(question, Duration::ZERO, ask).await.map_err(told)
    }
}

/// Nobody shows the sentence of a reason for these, so something always stands beside it.
fn told(error: SourceError) -> SourceError {
    let SourceError { reason, detail } = error;
    let detail = detail.unwrap_or_else(|| match reason {
        Reason::RepositoryDamaged => "what was fetched cannot be read".to_owned(),
        _ => "the repository cannot be read".to_owned(),
    });
    SourceError { reason, detail: Some(detail) }
}

fn word(reference: &Reference) -> String {
    match reference {
        Reference::Head => "HEAD".to_owned(),
        Reference::Named(name) => format!("named {name}"),
        Reference::Commit(revision) => format!("commit {revision}"),
    }
}
