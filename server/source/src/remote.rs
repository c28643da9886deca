//! The two calls that talk to a host: which commit is it, and bring it; and how two commits are related.

use std::path::Path;
use std::time::Duration;

use child::Limits;
use domain::reason::Reason;
use domain::repository::{Branch, RepositoryUrl, Revision, Transport};
use engine::port::source::{Access, SourceError, SourceRequest};
use outbound::Policy;

use crate::address::Address;
use crate::door::Door;
use crate::failure::{self, Failure, Step};
use crate::git::{Git, Queue};
use crate::host_key;

/// A host, and the way in.
#[derive(Debug)]
pub(crate) struct Host<'a> {
    pub(crate) address: Address,
    pub(crate) access: &'a Access,
    pub(crate) door: Door,
}

impl<'a> Host<'a> {
    /// For the calls of one request.
    pub(crate) fn of(git: &Git, request: &'a SourceRequest, policy: &Policy) -> Result<Self, SourceError> {
        Self::at(git, &request.url, &request.access, policy)
    }

    /// Where a repository is, with what its host is to be shown.
    pub(crate) fn at(
        git: &Git,
        url: &RepositoryUrl,
        access: &'a Access,
        policy: &Policy,
    ) -> Result<Self, SourceError> {
        let address = Address::of(url);
        let door = git.doors.open(&address, access, policy)?;
        Ok(Self { address, access, door })
    }

    /// Why git ended: that it was not connected, else what it said, and of an unknown host what it shows.
    pub(crate) async fn refusal(&self, git: &Git, stderr: &[u8]) -> Failure {
        if let Some(error) = self.door.pass.take_refusal() {
            return failure::of_connection(&error);
        }
        if self.address.transport == Transport::Ssh && host_key::was_refused(stderr) {
            let SourceError { reason, detail } = host_key::explain(git, self, stderr).await;
            return Failure { reason: Some(reason), detail, too_much_output: false };
        }
        if self.door.shows_credential {
            failure::of_git_with_credential(stderr)
        } else {
            failure::of_git(stderr)
        }
    }
}

/// The commit at the head of a branch, as the host says it now.
pub(crate) async fn resolve(
    git: &Git,
    host: &Host<'_>,
    branch: &Branch,
    time: Duration,
) -> Result<Revision, SourceError> {
    let reference = format!("refs/heads/{branch}");
    let listing =
        list(git, host, &BRANCHES, &[&reference], time).await.map_err(Failure::into_source_error)?;
    if let Some(revision) = find(&listing, &reference) {
        return Ok(revision);
    }
    // Only now the rest matters: without any branch there is nothing to choose from.
    let reason = match list(git, host, &BRANCHES, &[], time).await {
        Ok(listing) if listing.trim().is_empty() => Reason::RepositoryEmpty,
        Ok(_) | Err(Failure { too_much_output: true, .. }) => {
            Reason::BranchMissing { branch: branch.to_string() }
        }
        Err(failure) => return Err(failure.into_source_error()),
    };
    Err(SourceError { reason, detail: None })
}

/// Brings `what` (a branch or a commit id) into a bare repository as `reference`: one commit when `shallow`, else
/// what is new since the commits that are there.
pub(crate) async fn fetch(
    git: &Git,
    host: &Host<'_>,
    repository: &Path,
    what: &str,
    reference: &str,
    shallow: bool,
    limits: Limits,
) -> Result<(), Failure> {
    let command = git
        .remote(host, limits.time)
        .limits(limits)
        .arg(format!("--git-dir={}", repository.display()))
        .args(["fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head"])
        .args(["--no-auto-maintenance", "--no-show-forced-updates", "--update-shallow"])
        .args(shallow.then_some("--depth=1"))
        .args(["--end-of-options", &host.address.url, &format!("+{what}:{reference}")]);
    let output =
        git.run(Queue::Fetches, command).await.map_err(|error| failure::of_child(Step::Fetch, &error))?;
    if output.status.success() { Ok(()) } else { Err(host.refusal(git, &output.stderr).await) }
}

/// Whether a commit has another one among its ancestors, as far as the history in a repository goes; `None` when git
/// cannot tell. Talks to nobody.
pub(crate) async fn descends(
    git: &Git,
    repository: &Path,
    later: &Revision,
    earlier: &Revision,
    time: Duration,
) -> Result<Option<bool>, SourceError> {
    let command = git.local(time).arg(format!("--git-dir={}", repository.display())).args([
        "merge-base",
        "--is-ancestor",
        earlier.as_str(),
        later.as_str(),
    ]);
    let output = git
        .run(Queue::Questions, command)
        .await
        .map_err(|error| failure::of_child(Step::Ask, &error).into_source_error())?;
    Ok(match output.status.code() {
        Some(0) => Some(true),
        Some(1) => Some(false),
        _ => None,
    })
}

/// The host sends branches only: it may keep a reference for every change request.
const BRANCHES: [&str; 1] = ["--heads"];

/// A line for each reference that the host has: of these kinds, and with one of these names when there are any.
pub(crate) async fn list(
    git: &Git,
    host: &Host<'_>,
    kinds: &[&str],
    names: &[&str],
    time: Duration,
) -> Result<String, Failure> {
    let command = git
        .remote(host, time)
        .args(["ls-remote", "--quiet"])
        .args(kinds)
        .args(["--end-of-options", &host.address.url])
        .args(names);
    let output =
        git.run(Queue::Questions, command).await.map_err(|error| failure::of_child(Step::Ask, &error))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(host.refusal(git, &output.stderr).await)
    }
}

/// Git matches the end of names, so `refs/heads/x/refs/heads/main` comes as well when `refs/heads/main` is asked for.
pub(crate) fn find(listing: &str, reference: &str) -> Option<Revision> {
    let mut lines = listing.lines().filter_map(|line| line.split_once('\t'));
    lines.find(|(_, name)| *name == reference).and_then(|(revision, _)| Revision::parse(revision).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_name_is_the_branch() {
        let (first, second) = ("1".repeat(40), "2".repeat(40));
        let listing = format!("{first}\trefs/heads/refs/heads/main\n{second}\trefs/heads/main\n");
        let found = |name| find(&listing, name).map(|revision| revision.to_string());
        assert_eq!(found("refs/heads/main"), Some(second));
        assert_eq!(found("refs/heads/other"), None);
        assert_eq!(find("no-commit\trefs/heads/main", "refs/heads/main"), None);
    }
}
