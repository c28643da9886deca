use domain::reason::Reason;
use engine::port::source::SourceRequest;

use crate::{Fixture, branch, reason, repository, request, text};

#[tokio::test]
async fn the_head_of_a_branch_is_what_the_host_says_now() {
    let fixture = Fixture::new();
    let repository = repository("heads").await;
    let first = repository.commit(&[("a", "1")], "First").await.unwrap();
    let request = request(repository.url());
    assert_eq!(fixture.resolve(&request).await.unwrap().as_str(), first);
    let second = repository.commit(&[("a", "2")], "Second").await.unwrap();
    assert_eq!(fixture.resolve(&request).await.unwrap().as_str(), second);
    let rewritten = repository.change().without_history().write("a", "3").commit("Anew").await.unwrap();
    assert_eq!(fixture.resolve(&request).await.unwrap().as_str(), rewritten);
}

#[tokio::test]
async fn a_branch_is_found_by_its_whole_name() {
    let fixture = Fixture::new();
    let repository = repository("names").await;
    let main = repository.commit(&[("a", "1")], "Main").await.unwrap();
    let change = repository.change().branch("refs/heads/main").write("a", "2");
    let other = change.commit("A branch that looks like another").await.unwrap();
    assert_eq!(fixture.resolve(&request(repository.url())).await.unwrap().as_str(), main);
    let found = fixture.resolve(&branch(repository.url(), "refs/heads/main")).await.unwrap();
    assert_eq!(found.as_str(), other);
}

#[tokio::test]
async fn a_name_may_be_a_tag_where_the_request_says_so() {
    let fixture = Fixture::new();
    let repository = repository("tagged").await;
    let first = repository.commit(&[("a", "1")], "First").await.unwrap();
    repository.tag("v1", "main").await.unwrap();
    let second = repository.commit(&[("a", "2")], "Second").await.unwrap();
    let named = |name: &str| SourceRequest { tags: true, ..branch(repository.url(), name) };
    assert_eq!(reason(fixture.resolve(&branch(repository.url(), "v1")).await), missing("v1"));
    assert_eq!(fixture.resolve(&named("v1")).await.unwrap().as_str(), first);
    assert_eq!(text(fixture.open(&named("v1"), &first).await.unwrap().as_ref(), "a"), "1");
    assert_eq!(fixture.resolve(&named("main")).await.unwrap().as_str(), second);
    assert_eq!(text(fixture.open(&named("main"), &second).await.unwrap().as_ref(), "a"), "2");
    assert_eq!(reason(fixture.resolve(&named("none")).await), missing("none"));
}

fn missing(branch: &str) -> Reason {
    Reason::BranchMissing { branch: branch.to_owned() }
}

#[tokio::test]
async fn a_question_asks_for_nothing_but_references() {
    let fixture = Fixture::new();
    let repository = repository("questions").await;
    let commit = repository.commit(&[("a", "1")], "First").await.unwrap();
    let request = request(repository.url());
    fixture.open(&request, &commit).await.unwrap();
    let before = repository.requests().unwrap();
    for _ in 0..3 {
        fixture.resolve(&request).await.unwrap();
        fixture.open(&request, &commit).await.unwrap();
    }
    let after = repository.requests().unwrap();
    assert_eq!((after.discoveries - before.discoveries, after.fetches - before.fetches), (3, 0));
}

#[tokio::test]
async fn a_missing_branch_is_told_from_an_empty_repository() {
    let fixture = Fixture::new();
    let repository = repository("empty").await;
    let asked = branch(repository.url(), "release");
    assert_eq!(reason(fixture.resolve(&asked).await), Reason::RepositoryEmpty);
    repository.commit(&[("a", "1")], "First").await.unwrap();
    let missing = Reason::BranchMissing { branch: "release".into() };
    assert_eq!(reason(fixture.resolve(&asked).await), missing);
    repository.create_branch("release", "main").await.unwrap();
    fixture.resolve(&asked).await.unwrap();
    repository.delete_branch("release").await.unwrap();
    assert_eq!(reason(fixture.resolve(&asked).await), missing);
}

#[tokio::test]
async fn a_missing_branch_is_told_however_many_others_there_are() {
    let fixture = Fixture::new();
    let repository = repository("many").await;
    let commit = repository.commit(&[("a", "1")], "First").await.unwrap();
    // More lines than a question may print.
    let lines: String = (0..6000)
        .fold("# pack-refs with: peeled fully-peeled sorted \n".into(), |lines, number| {
            lines + &format!("{commit} refs/heads/branch-{number:05}\n")
        });
    std::fs::write(repository.folder().join("packed-refs"), lines).unwrap();
    let asked = branch(repository.url(), "release");
    assert_eq!(reason(fixture.resolve(&asked).await), Reason::BranchMissing { branch: "release".into() });
    let asked = branch(repository.url(), "branch-05999");
    assert_eq!(fixture.resolve(&asked).await.unwrap().as_str(), commit);
}

#[tokio::test]
async fn the_version_of_git_is_checked() {
    let version = Fixture::new().source.check().await.unwrap();
    assert!(version.starts_with(|character: char| character.is_ascii_digit()), "{version}");
}
