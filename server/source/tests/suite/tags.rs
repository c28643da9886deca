//! The sync tag, pushed to real hosts.

use domain::clock::Timestamp;
use domain::reason::Reason;
use engine::port::source::{Source, SourceError, SourceRequest, SyncTag};
use testbed::SshGitServer;

use crate::suite::access::{with_key, with_user};
use crate::{Fixture, repository, request, revision};

fn tag(name: &str) -> SyncTag {
    SyncTag {
        name: name.to_owned(),
        tagger: "Weave Flux".to_owned(),
        email: "flux@example.com".to_owned(),
        made_at: Timestamp(1_790_000_000_000),
    }
}

async fn push(fixture: &Fixture, request: &SourceRequest, commit: &str) -> Result<(), SourceError> {
    fixture.open(request, commit).await?;
    fixture.source.push_tag(request, &revision(commit), &tag("prod")).await
}

#[tokio::test]
async fn the_tag_is_annotated_says_flux_words_and_moves_with_force() {
    let fixture = Fixture::new();
    let repository = repository("tag").await;
    let first = repository.commit(&[("a", "1")], "First").await.unwrap();
    let request = request(repository.url());
    push(&fixture, &request, &first).await.unwrap();
    let (kind, text) = repository.tag_object("prod").await.unwrap();
    assert_eq!(kind, "tag");
    let wanted = format!(
        "object {first}\ntype commit\ntag prod\ntagger Weave Flux <flux@example.com> 1790000000 +0000\n\nSync pointer"
    );
    assert_eq!(text, wanted);
    // Forward, and back again.
    let second = repository.commit(&[("a", "2")], "Second").await.unwrap();
    push(&fixture, &request, &second).await.unwrap();
    assert_eq!(repository.revision("prod").await.unwrap(), second);
    push(&fixture, &request, &first).await.unwrap();
    assert_eq!(repository.revision("prod").await.unwrap(), first);
}

#[tokio::test]
async fn the_credential_that_reads_is_the_one_that_pushes() {
    let fixture = Fixture::new();
    let repository = repository("private-tag").await;
    let commit = repository.commit(&[("a", "1")], "First").await.unwrap();
    repository.require_basic_auth("ada", "token").unwrap();
    push(&fixture, &with_user(repository.url(), "ada", "token"), &commit).await.unwrap();
    assert_eq!(repository.revision("prod").await.unwrap(), commit);

    let server = SshGitServer::start().await.unwrap();
    let repository = server.repository("tag").await.unwrap();
    let commit = repository.commit(&[("a", "1")], "First").await.unwrap();
    push(&fixture, &with_key(repository.url(), &server), &commit).await.unwrap();
    assert_eq!(repository.revision("prod").await.unwrap(), commit);
}

#[tokio::test]
async fn a_host_that_takes_no_push_is_told_and_reading_goes_on() {
    let fixture = Fixture::new();
    let repository = repository("no-push").await;
    let commit = repository.commit(&[("a", "1")], "First").await.unwrap();
    repository.allow_pushes(false).await.unwrap();
    let request = request(repository.url());
    let error = push(&fixture, &request, &commit).await.unwrap_err();
    assert_eq!(error.reason, Reason::RepositoryNotFound);
    assert!(error.detail.as_deref().is_some_and(|detail| detail.contains("403")), "{error}");
    assert!(repository.revision("prod").await.is_err());
    fixture.open(&request, &commit).await.unwrap();
}

#[tokio::test]
async fn a_commit_that_was_never_opened_is_not_tagged() {
    let fixture = Fixture::new();
    let repository = repository("unread").await;
    let commit = repository.commit(&[("a", "1")], "First").await.unwrap();
    let pushed = fixture.source.push_tag(&request(repository.url()), &revision(&commit), &tag("prod")).await;
    assert_eq!(pushed.unwrap_err().reason, Reason::RepositoryDamaged);
}
