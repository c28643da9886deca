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

use crate::failure::Failure;
use crate::git_source::{GitSource, key_of, word_of};
use crate::mirror::Wish;
use crate::remote::{self, Host};
use crate::settings::Quota;

/// Stands for a tenant in the names of mirrors. All tenants that may lead to the same hosts share these: everybody is
/// given the same without a credential. The hourly tidying forgets them with the mirrors of unused repositories; the next sync fetches one
/// commit again.
const TENANT: &str = "remote-bases";

/// Of one mirror. There is one for each reference that anybody writes, so less than for the repository of a
/// configuration: what others share to build upon is small.
const MIRROR_BYTES: u64 = 256 * 1024 * 1024;

/// Kinds of references that a name may mean.
const TAGS_AND_BRANCHES: [&str; 2] = ["--tags", "--heads"];

/// What a host calls the head of its default branch.
const HEAD: &str = "HEAD";

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
            let listed = match name {
                None => remote::list(&self.git, &host, &[], &[HEAD], time).await,
                Some(name) => {
                    let names = full_names(name);
                    let names: Vec<&str> = names.iter().map(String::as_str).collect();
                    remote::list(&self.git, &host, &TAGS_AND_BRANCHES, &names, time).await
                }
            };
            let listing = listed.map_err(Failure::into_source_error)?;
            choose(&listing, name)
        };
        self.heads.ask(question, Duration::ZERO, ask).await.map_err(told)
    }
}

/// As Git looks for a name: tags before branches. A tag with a message is an object of its own, and what it points to
/// is listed beside it with `^{}`.
fn full_names(name: &Branch) -> [String; 3] {
    [format!("refs/tags/{name}^{{}}"), format!("refs/tags/{name}"), format!("refs/heads/{name}")]
}

fn choose(listing: &str, name: Option<&Branch>) -> Result<Revision, SourceError> {
    let (found, reason, missing) = match name {
        None => (
            remote::find(listing, HEAD),
            Reason::RepositoryEmpty,
            "the repository has no commit, or no default branch".to_owned(),
        ),
        Some(name) => (
            full_names(name).iter().find_map(|name| remote::find(listing, name)),
            Reason::BranchMissing { branch: name.to_string() },
            format!("the repository has neither a tag nor a branch {name}"),
        ),
    };
    found.ok_or(SourceError { reason, detail: Some(missing) })
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
        Reference::Head => HEAD.to_owned(),
        Reference::Named(name) => format!("named {name}"),
        Reference::Commit(revision) => format!("commit {revision}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_goes_before_a_branch_and_what_it_points_to_before_itself() {
        let [tag, commit, branch] = ["1", "2", "3"].map(|digit| digit.repeat(40));
        let name = Branch::parse("v1").unwrap();
        let chosen = |listing: &str| choose(listing, Some(&name)).map(|revision| revision.to_string());
        let both = format!(
            "{branch}\trefs/heads/v1\n{tag}\trefs/tags/v1\n{commit}\trefs/tags/v1^{{}}\n{tag}\trefs/tags/x/refs/tags/v1\n"
        );
        assert_eq!(chosen(&both), Ok(commit));
        assert_eq!(chosen(&format!("{branch}\trefs/heads/v1\n")), Ok(branch.clone()));
        let missing = chosen(&format!("{branch}\trefs/heads/other/v1\n")).unwrap_err();
        assert_eq!(missing.detail.unwrap(), "the repository has neither a tag nor a branch v1");
        let head = choose(&format!("{branch}\tHEAD\n{tag}\trefs/remotes/origin/HEAD\n"), None);
        assert_eq!(head.map(|revision| revision.to_string()), Ok(branch));
    }
}
