use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use domain::reason::Reason;
use engine::port::source::{Source, SourceRequest};
use tokio::net::TcpListener;

use crate::{Fixture, branch, reason, repository, request, revision, text};

#[tokio::test]
async fn twenty_wishes_for_one_revision_are_one_fetch() {
    let fixture = Fixture::new();
    let repository = repository("twenty").await;
    let commit = repository.commit(&[("a", "1")], "First").await.unwrap();
    let wishes: Vec<_> = (0..20)
        .map(|_| {
            let (source, request, revision) =
                (Arc::clone(&fixture.source), request(repository.url()), revision(&commit));
            tokio::spawn(async move { source.open(&request, &revision).await.map(|tree| text(&*tree, "a")) })
        })
        .collect();
    for wish in wishes {
        assert_eq!(wish.await.unwrap().unwrap(), "1");
    }
    let requests = repository.requests().unwrap();
    assert_eq!((requests.discoveries, requests.fetches), (1, 1));
}

/// Much longer than twenty callers take to line up.
const HESITATION: Duration = Duration::from_secs(2);

#[tokio::test]
async fn twenty_wishes_for_what_cannot_be_had_are_one_fetch() {
    let fixture = Fixture::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/x", listener.local_addr().unwrap());
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&connections);
    // Hangs up on everybody, but not before all twenty have come: one who comes later is no part of the one fetch.
    tokio::spawn(async move {
        while let Ok(connection) = listener.accept().await {
            counted.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(HESITATION).await;
            drop(connection);
        }
    });
    let wishes: Vec<_> = (0..20)
        .map(|_| {
            let (source, request) = (Arc::clone(&fixture.source), request(&url));
            tokio::spawn(async move { source.open(&request, &revision(&"1".repeat(40))).await.map(drop) })
        })
        .collect();
    for wish in wishes {
        assert_eq!(reason(wish.await.unwrap()), Reason::RepositoryUnreachable);
    }
    assert_eq!(connections.load(Ordering::Relaxed), 1);
    // The next one is not told the old answer: the host may be back.
    assert!(fixture.open(&request(&url), &"1".repeat(40)).await.is_err());
    assert_eq!(connections.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn branches_of_one_repository_share_a_mirror() {
    let fixture = Fixture::new();
    let repository = repository("branches").await;
    let main = repository.commit(&[("a", "1")], "Main").await.unwrap();
    // Neither can be a reference beside the other, but both are branches at some time.
    let first = repository.change().branch("team").write("a", "2").commit("Team").await.unwrap();
    fixture.open(&request(repository.url()), &main).await.unwrap();
    fixture.open(&branch(repository.url(), "team"), &first).await.unwrap();
    repository.delete_branch("team").await.unwrap();
    let second = repository.change().branch("team/app").write("a", "3").commit("App").await.unwrap();
    let tree = fixture.open(&branch(repository.url(), "team/app"), &second).await.unwrap();
    assert_eq!(text(&*tree, "a"), "3");
    assert_eq!(fixture.stores().len(), 1);
}

#[tokio::test]
async fn tenants_never_share_a_mirror() {
    let fixture = Fixture::new();
    let repository = repository("tenants").await;
    let commit = repository.commit(&[("a", "1")], "First").await.unwrap();
    let ours = request(repository.url());
    let theirs = SourceRequest { tenant: "another".into(), ..ours.clone() };
    fixture.open(&ours, &commit).await.unwrap();
    repository.answer_with(http::StatusCode::NOT_FOUND).unwrap();
    // What the first tenant has is no help to the second, who must be let in by the host.
    assert!(fixture.open(&ours, &commit).await.is_ok());
    assert!(fixture.open(&theirs, &commit).await.is_err());
    repository.answer_normally().unwrap();
    fixture.open(&theirs, &commit).await.unwrap();
    assert_eq!(fixture.stores().len(), 2);
}

#[tokio::test]
async fn spellings_of_one_url_share_a_mirror() {
    let fixture = Fixture::new();
    let repository = repository("spellings").await;
    let commit = repository.commit(&[("a", "1")], "First").await.unwrap();
    fixture.open(&request(repository.url()), &commit).await.unwrap();
    let shouted = repository.url().replacen("http://", "HTTP://", 1);
    fixture.open(&request(&shouted), &commit).await.unwrap();
    assert_eq!(repository.requests().unwrap().fetches, 1);
}
