//! What a name that may be a tag or a branch means now, as Git itself takes it.

use std::time::Duration;

use domain::reason::Reason;
use domain::repository::{Branch, Revision};
use engine::port::source::SourceError;

use crate::failure::Failure;
use crate::git::Git;
use crate::remote::{self, Host};

/// Kinds of references that a name may mean.
const TAGS_AND_BRANCHES: [&str; 2] = ["--tags", "--heads"];

/// What a host calls the head of its default branch.
const HEAD: &str = "HEAD";

/// The commit of the default branch.
pub(crate) async fn head(git: &Git, host: &Host<'_>, time: Duration) -> Result<Revision, SourceError> {
    let listing = remote::list(git, host, &[], &[HEAD], time).await.map_err(Failure::into_source_error)?;
    let missing = "the repository has no commit, or no default branch".to_owned();
    remote::find(&listing, HEAD).ok_or(SourceError { reason: Reason::RepositoryEmpty, detail: Some(missing) })
}

/// The commit that the host has for a name.
pub(crate) async fn resolve(
    git: &Git,
    host: &Host<'_>,
    name: &Branch,
    time: Duration,
) -> Result<Revision, SourceError> {
    let names = full_names(name);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let listing = remote::list(git, host, &TAGS_AND_BRANCHES, &names, time).await;
    choose(&listing.map_err(Failure::into_source_error)?, name)
}

/// As Git looks for a name: tags before branches. A tag with a message is an object of its own, and what it points to
/// is listed beside it with `^{}`.
fn full_names(name: &Branch) -> [String; 3] {
    [format!("refs/tags/{name}^{{}}"), format!("refs/tags/{name}"), format!("refs/heads/{name}")]
}

fn choose(listing: &str, name: &Branch) -> Result<Revision, SourceError> {
    let found = full_names(name).iter().find_map(|name| remote::find(listing, name));
    found.ok_or_else(|| SourceError {
        reason: Reason::BranchMissing { branch: name.to_string() },
        detail: Some(format!("the repository has neither a tag nor a branch {name}")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_goes_before_a_branch_and_what_it_points_to_before_itself() {
        let [tag, commit, branch] = ["1", "2", "3"].map(|digit| digit.repeat(40));
        let name = Branch::parse("v1").unwrap();
        let chosen = |listing: &str| choose(listing, &name).map(|revision| revision.to_string());
        let both = format!(
            "{branch}\trefs/heads/v1\n{tag}\trefs/tags/v1\n{commit}\trefs/tags/v1^{{}}\n{tag}\trefs/tags/x/refs/tags/v1\n"
        );
        assert_eq!(chosen(&both), Ok(commit));
        assert_eq!(chosen(&format!("{branch}\trefs/heads/v1\n")), Ok(branch.clone()));
        let missing = chosen(&format!("{branch}\trefs/heads/other/v1\n")).unwrap_err();
        assert_eq!(missing.detail.unwrap(), "the repository has neither a tag nor a branch v1");
    }
}
