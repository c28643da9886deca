use std::time::Duration;

use domain::reason::Reason;
use engine::port::source::SourceRequest;
use source::Quota;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

use crate::{Fixture, reason, repository, request};

/// Text that does not become smaller in a pack.
fn incompressible(bytes: usize) -> String {
    let mut state = 88_172_645_463_325_252_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        char::from(b'!' + u8::try_from(state % 90).unwrap_or_default())
    };
    (0..bytes).map(|_| next()).collect()
}

// S-D7
#[tokio::test]
async fn a_host_that_does_not_answer_is_given_up() {
    let fixture = Fixture::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/x.git", listener.local_addr().unwrap());
    let request = SourceRequest { timeout_seconds: 1, ..request(&url) };
    let error = fixture.resolve(&request).await.unwrap_err();
    assert_eq!(error.reason, Reason::RepositoryUnreachable);
    assert_eq!(error.detail.unwrap(), "git did not end within 1 seconds");
    assert_eq!(reason(fixture.open(&request, &"1".repeat(40)).await), Reason::RepositoryLimit);
}

// S-D7
#[tokio::test]
async fn a_pack_larger_than_allowed_is_cut_and_leaves_nothing() {
    let quota = Quota { fetch_bytes: 100_000, ..Quota::default() };
    let fixture = Fixture::with(|settings| settings.quota = quota);
    let repository = repository("large").await;
    let commit = repository.commit(&[("large", &incompressible(500_000))], "Large").await.unwrap();
    let error = fixture.open(&request(repository.url()), &commit).await.err().unwrap();
    assert_eq!(error.reason, Reason::RepositoryLimit, "{error}");
    assert!(fixture.stores().is_empty());
    // Another repository is not concerned.
    let small = crate::repository("small").await;
    let commit = small.commit(&[("a", "1")], "Small").await.unwrap();
    fixture.open(&request(small.url()), &commit).await.unwrap();
}

#[tokio::test]
async fn a_repository_larger_than_its_mirror_may_be_is_refused_with_the_number() {
    let quota = Quota { mirror_bytes: 100_000, ..Quota::default() };
    let fixture = Fixture::with(|settings| settings.quota = quota);
    let repository = repository("quota").await;
    let commit = repository.commit(&[("large", &incompressible(200_000))], "Large").await.unwrap();
    let error = fixture.open(&request(repository.url()), &commit).await.err().unwrap();
    assert_eq!(error.reason, Reason::RepositoryLimit);
    assert!(error.detail.unwrap().ends_with("100000 are allowed"));
    assert!(fixture.stores().is_empty());
}

#[tokio::test]
async fn a_limit_of_the_one_who_asks_is_named_where_it_is_less_than_the_servers() {
    let fixture = Fixture::new();
    let repository = repository("narrow").await;
    let commit = repository.commit(&[("large", &incompressible(3_000_000))], "Large").await.unwrap();
    let asked = |mebibytes: u64| SourceRequest {
        size_limit: Some(mebibytes * 1024 * 1024),
        ..request(repository.url())
    };
    let error = fixture.open(&asked(1), &commit).await.err().unwrap();
    assert_eq!(error.reason, Reason::RepositoryQuota { mebibytes: 1 }, "{error}");
    assert!(fixture.stores().is_empty());
    fixture.open(&asked(8), &commit).await.unwrap();

    // The mirror as a whole is held to it too: what is one commit does not get smaller when it is made anew.
    let text = incompressible(11_000_000);
    let (large, more) = text.split_at(3_000_000);
    let commit = repository.commit(&[("large", large), ("more", more)], "Larger").await.unwrap();
    let error = fixture.open(&asked(8), &commit).await.err().unwrap();
    assert_eq!(error.reason, Reason::RepositoryQuota { mebibytes: 8 }, "{error}");

    let server = Quota { fetch_bytes: 100_000, ..Quota::default() };
    let fixture = Fixture::with(|settings| settings.quota = server);
    let error = fixture.open(&asked(8), &commit).await.err().unwrap();
    assert_eq!(error.reason, Reason::RepositoryLimit, "the server's own limit is less: {error}");
}

#[tokio::test]
async fn a_mirror_that_has_grown_too_large_begins_anew() {
    let quota = Quota { mirror_bytes: 200_000, ..Quota::default() };
    let fixture = Fixture::with(|settings| settings.quota = quota);
    let repository = repository("grown").await;
    for number in 0..4 {
        // Each commit replaces the file: one fits, all do not.
        let change =
            repository.change().remove_all().write(&format!("{number}"), incompressible(90_000 + number));
        let commit = change.commit("Replace").await.unwrap();
        fixture.open(&request(repository.url()), &commit).await.unwrap();
        assert_eq!(fixture.stores().len(), 1);
    }
}

#[tokio::test]
async fn too_little_memory_is_a_limit_and_no_fault_of_the_repository() {
    let quota = Quota { memory_bytes: 40 * 1024 * 1024, ..Quota::default() };
    let fixture = Fixture::with(|settings| settings.quota = quota);
    let repository = repository("memory").await;
    let commit = repository.commit(&[("zeros", &"0".repeat(60_000_000))], "A pack bomb").await.unwrap();
    let error = fixture.open(&request(repository.url()), &commit).await.err().unwrap();
    assert_eq!(error.reason, Reason::RepositoryLimit, "{error}");
}

#[tokio::test]
async fn a_fetch_in_progress_ends_with_the_one_who_wanted_it() {
    let fixture = Fixture::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/x.git", listener.local_addr().unwrap());
    let source = std::sync::Arc::clone(&fixture.source);
    let asked = request(&url);
    let wish = tokio::spawn(async move {
        engine::port::source::Source::resolve(&*source, &asked, Duration::ZERO).await.map(drop)
    });
    let (mut connection, _) = listener.accept().await.unwrap();
    let mut first = [0; 4];
    connection.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"GET ");
    wish.abort();
    // The connection ends only when the process at its other end does.
    let _ = connection.read_to_end(&mut Vec::new()).await;
}
