//! Repositories that a kustomization names.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use domain::outbound::Narrowing;
use domain::reason::Reason;
use domain::repository::{Branch, RepositoryUrl};
use engine::port::remote_base::{Reference, RemoteBases as _, RemoteRepository};
use engine::port::source::{Source as _, SourceError, Tree};
use outbound::Policy;

use crate::{Fixture, PATIENCE_SECONDS, repository, request, revision, text};

async fn read(fixture: &Fixture, url: &str, reference: Reference) -> Result<Arc<dyn Tree>, SourceError> {
    let wanted = RemoteRepository { url: RepositoryUrl::parse(url).expect("a URL"), reference };
    read_under(fixture, &wanted, &[]).await
}

/// As somebody whose subscription allows these hosts alone.
async fn read_under(
    fixture: &Fixture,
    wanted: &RemoteRepository,
    hosts: &[&str],
) -> Result<Arc<dyn Tree>, SourceError> {
    let outbound = Narrowing::parse(hosts).expect("a list");
    fixture.source.read(wanted, &outbound, Duration::from_secs(PATIENCE_SECONDS)).await
}

fn named(name: &str) -> Reference {
    Reference::Named(Branch::parse(name).expect("a name"))
}

/// Makes a tag that is an object of its own.
fn tag_with_message(folder: &Path, name: &str, commit: &str) {
    let person = ["-c", "user.name=Testbed", "-c", "user.email=testbed@example.com"];
    let mut git = Command::new("git");
    git.arg("-C").arg(folder).args(person).args(["tag", "-a", "-m", "A release", name, commit]);
    assert!(git.status().expect("git").success());
}

#[tokio::test]
async fn head_branch_tag_and_commit_give_the_files_of_their_commits() {
    let fixture = Fixture::new();
    let repository = repository("bases").await;
    let first = repository.commit(&[("a", "1")], "First").await.unwrap();
    repository.tag("v1", &first).await.unwrap();
    tag_with_message(repository.folder(), "v1-with-message", &first);
    let second = repository.commit(&[("a", "2")], "Second").await.unwrap();
    repository.create_branch("release/2", &second).await.unwrap();
    // A tag goes before a branch of the same name, as in Git.
    repository.create_branch("v1", &second).await.unwrap();
    for (reference, commit, content) in [
        (Reference::Head, &second, "2"),
        (named("main"), &second, "2"),
        (named("release/2"), &second, "2"),
        (named("v1"), &first, "1"),
        (named("v1-with-message"), &first, "1"),
        (Reference::Commit(revision(&first)), &first, "1"),
    ] {
        let tree = read(&fixture, repository.url(), reference.clone()).await.unwrap();
        assert_eq!(
            (tree.revision().as_str(), text(&*tree, "a").as_str()),
            (commit.as_str(), content),
            "{reference:?}"
        );
    }
}

#[tokio::test]
async fn a_reference_that_moved_is_followed_and_one_that_did_not_costs_one_question() {
    let fixture = Fixture::new();
    let repository = repository("moving-base").await;
    repository.commit(&[("a", "1")], "First").await.unwrap();
    read(&fixture, repository.url(), named("main")).await.unwrap();
    let before = repository.requests().unwrap();
    read(&fixture, repository.url(), named("main")).await.unwrap();
    let after = repository.requests().unwrap();
    assert_eq!((after.discoveries - before.discoveries, after.fetches - before.fetches), (1, 0));
    let rewritten = repository.change().without_history().write("a", "2").commit("Anew").await.unwrap();
    let tree = read(&fixture, repository.url(), named("main")).await.unwrap();
    assert_eq!((tree.revision().as_str(), text(&*tree, "a").as_str()), (rewritten.as_str(), "2"));
}

#[tokio::test]
async fn a_commit_by_its_id_is_fetched_once_and_the_host_never_asked_again() {
    let fixture = Fixture::new();
    let repository = repository("pinned-base").await;
    let commit = repository.commit(&[("a", "1")], "First").await.unwrap();
    let pinned = || Reference::Commit(revision(&commit));
    read(&fixture, repository.url(), pinned()).await.unwrap();
    let before = repository.requests().unwrap();
    let fixture = fixture.restart();
    read(&fixture, repository.url(), pinned()).await.unwrap();
    assert_eq!(repository.requests().unwrap(), before);
}

#[tokio::test]
async fn what_is_not_there_is_said_in_words() {
    let fixture = Fixture::new();
    let repository = repository("missing-base").await;
    let detail = |answer: Result<Arc<dyn Tree>, SourceError>| answer.err().unwrap().detail.unwrap();
    let error = read(&fixture, repository.url(), Reference::Head).await;
    assert_eq!(detail(error), "the repository has no commit, or no default branch");
    repository.commit(&[("a", "1")], "First").await.unwrap();
    let error = read(&fixture, repository.url(), named("v9")).await;
    assert_eq!(detail(error), "the repository has neither a tag nor a branch v9");
    let nowhere = Reference::Commit(revision(&"1".repeat(40)));
    assert!(!detail(read(&fixture, repository.url(), nowhere).await).is_empty());
}

#[tokio::test]
async fn a_private_base_is_shown_no_credential_though_its_reader_has_one_elsewhere() {
    let fixture = Fixture::new();
    let repository = repository("private-base").await;
    repository.commit(&[("a", "1")], "First").await.unwrap();
    repository.require_basic_auth("ada", "word").unwrap();
    let error = read(&fixture, repository.url(), Reference::Head).await.err().unwrap();
    assert_eq!(error.reason, Reason::RepositoryNotFound);
}

#[tokio::test]
async fn s_e1_a_base_at_a_refused_address_gets_no_connection() {
    let fixture = Fixture::with(|settings| settings.policy = Policy::allowing::<&str>(&[]).unwrap());
    let repository = repository("refused-base").await;
    repository.commit(&[("a", "1")], "First").await.unwrap();
    let error = read(&fixture, repository.url(), Reference::Head).await.err().unwrap();
    assert_eq!(error.reason, Reason::RepositoryAddressRefused);
    assert_eq!(repository.requests().unwrap().discoveries, 0);
}

#[tokio::test]
async fn s_e5_a_base_that_others_have_read_is_kept_from_whose_list_does_not_name_its_host() {
    let fixture = Fixture::new();
    let repository = repository("listed-base").await;
    let commit = repository.commit(&[("a", "1")], "First").await.unwrap();
    let url = RepositoryUrl::parse(repository.url()).unwrap();
    for reference in [Reference::Head, Reference::Commit(revision(&commit))] {
        let wanted = RemoteRepository { url: url.clone(), reference };
        for (hosts, reads) in
            [(&[][..], true), (&["127.0.0.2", "*.example.com"], false), (&["127.0.0.1"], true)]
        {
            let read = read_under(&fixture, &wanted, hosts).await;
            assert_eq!(read.is_ok(), reads, "{hosts:?}");
            if let Err(error) = read {
                assert_eq!(error.reason, Reason::RepositoryAddressNotListed);
                assert!(error.detail.unwrap().contains("an owner of the subscription can add it"));
            }
        }
    }
}

#[tokio::test]
async fn tidying_forgets_bases_and_the_next_read_fetches_them_again() {
    let fixture = Fixture::new();
    let repository = repository("tidied-base").await;
    let commit = repository.commit(&[("a", "1")], "First").await.unwrap();
    fixture.open(&request(repository.url()), &commit).await.unwrap();
    read(&fixture, repository.url(), named("main")).await.unwrap();
    assert_eq!(fixture.source.keep_only(&[request(repository.url())]).await.unwrap(), 1);
    let tree = read(&fixture, repository.url(), named("main")).await.unwrap();
    assert_eq!(text(&*tree, "a"), "1");
}
