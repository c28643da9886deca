//! The sync tag: the one thing that is written to a host.

use std::path::Path;
use std::time::Duration;

use domain::reason::Reason;
use domain::repository::Revision;
use engine::port::source::{SourceError, SyncTag};

use crate::failure::{self, Failure, Step};
use crate::git::{Git, Queue};
use crate::remote::Host;

/// What Flux v1 writes into the tag.
const MESSAGE: &str = "Sync pointer";

/// Makes the tag in a bare repository that has the revision, and moves it at the host with force, as Flux v1 does.
pub(crate) async fn push(
    git: &Git,
    host: &Host<'_>,
    repository: &Path,
    revision: &Revision,
    tag: &SyncTag,
    time: Duration,
) -> Result<(), SourceError> {
    let id = make(git, repository, revision, tag, time).await?;
    let command = git
        .remote(host, time)
        .arg(format!("--git-dir={}", repository.display()))
        .args([
            "-c",
            "push.gpgSign=false",
            "-c",
            "push.recurseSubmodules=no",
            "push",
            "--quiet",
            "--no-verify",
        ])
        .args(["--end-of-options", &host.address.url, &format!("+{id}:refs/tags/{}", tag.name)]);
    let output = git
        .run(Queue::Fetches, command)
        .await
        .map_err(|error| failure::of_child(Step::Push, &error).into_source_error())?;
    if output.status.success() {
        return Ok(());
    }
    Err(host.refusal(git, &output.stderr).await.into_source_error())
}

/// A tag object without a reference: two configurations of one repository may use the same name.
async fn make(
    git: &Git,
    repository: &Path,
    revision: &Revision,
    tag: &SyncTag,
    time: Duration,
) -> Result<Revision, SourceError> {
    let command = git
        .local(time)
        .arg(format!("--git-dir={}", repository.display()))
        .arg("mktag")
        .input(text(revision, tag).into_bytes());
    let output = git
        .run(Queue::Questions, command)
        .await
        .map_err(|error| failure::of_child(Step::Ask, &error).into_source_error())?;
    let id = Revision::parse(String::from_utf8_lossy(&output.stdout).trim());
    match id {
        Ok(id) if output.status.success() => Ok(id),
        _ => Err(Failure { reason: Some(Reason::RepositoryDamaged), ..failure::of_git(&output.stderr) }
            .into_source_error()),
    }
}

fn text(revision: &Revision, tag: &SyncTag) -> String {
    let SyncTag { name, tagger, email, made_at } = tag;
    let seconds = made_at.0.div_euclid(1000);
    format!(
        "object {revision}\ntype commit\ntag {name}\ntagger {tagger} <{email}> {seconds} +0000\n\n{MESSAGE}\n"
    )
}

#[cfg(test)]
mod tests {
    use domain::clock::Timestamp;

    use super::*;

    #[test]
    fn the_tag_says_who_when_and_what_flux_says() {
        let revision = Revision::parse(&"1".repeat(40)).expect("a revision");
        let tag = SyncTag {
            name: "prod".to_owned(),
            tagger: "Weave Flux".to_owned(),
            email: "flux@example.com".to_owned(),
            made_at: Timestamp(1_790_000_000_999),
        };
        let written = "object 1111111111111111111111111111111111111111\ntype commit\ntag prod\n\
                       tagger Weave Flux <flux@example.com> 1790000000 +0000\n\nSync pointer\n";
        assert_eq!(text(&revision, &tag), written);
    }
}
