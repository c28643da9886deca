//! Hosts that are not there, not Git, not willing, or somebody else's.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use domain::reason::Reason;
use http::StatusCode;
use testbed::{GitServer, GitServerOptions};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::{Fixture, reason, repository, request};

/// Answers every connection with the same bytes; returns its address and what it was asked.
async fn answering(answer: String) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            let mut bytes = [0; 4096];
            let length = connection.read(&mut bytes).await.unwrap_or(0);
            log.lock().expect("the log").push(String::from_utf8_lossy(&bytes[..length]).into_owned());
            let _ = connection.write_all(answer.as_bytes()).await;
            let _ = connection.shutdown().await;
        }
    });
    (url, asked)
}

fn page(status: &str, kind: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

#[tokio::test]
async fn a_host_without_this_repository_says_so() {
    let fixture = Fixture::new();
    let server = GitServer::shared().await.unwrap();
    let url = format!("{}/no/such.git", server.url());
    let error = fixture.resolve(&request(&url)).await.unwrap_err();
    assert_eq!(error.reason, Reason::RepositoryNotFound);
    assert!(error.detail.unwrap().contains("not found"));
}

#[tokio::test]
async fn a_private_repository_looks_like_a_missing_one() {
    let fixture = Fixture::new();
    let repository = repository("private").await;
    let commit = repository.commit(&[("a", "1")], "First").await.unwrap();
    repository.require_basic_auth("user", "password").unwrap();
    let request = request(repository.url());
    assert_eq!(reason(fixture.resolve(&request).await), Reason::RepositoryNotFound);
    assert_eq!(reason(fixture.open(&request, &commit).await), Reason::RepositoryNotFound);
    repository.answer_with(StatusCode::FORBIDDEN).unwrap();
    assert_eq!(reason(fixture.resolve(&request).await), Reason::RepositoryNotFound);
    repository.allow_anonymous().unwrap();
    repository.answer_normally().unwrap();
    fixture.resolve(&request).await.unwrap();
}

#[tokio::test]
async fn a_page_is_no_repository() {
    let fixture = Fixture::new();
    let repository = repository("wall").await;
    let commit = repository.commit(&[("a", "1")], "First").await.unwrap();
    repository.answer_with(StatusCode::OK).unwrap();
    let request = request(repository.url());
    let error = fixture.resolve(&request).await.unwrap_err();
    assert_eq!(error.reason, Reason::RepositoryNotGit);
    assert!(!error.detail.unwrap().contains("<title>"));
    assert_eq!(reason(fixture.open(&request, &commit).await), Reason::RepositoryNotGit);
}

#[tokio::test]
async fn garbage_with_the_right_name_is_no_repository() {
    let fixture = Fixture::new();
    let kind = "application/x-git-upload-pack-advertisement";
    for (body, expected) in [
        ("<html>sign in</html>", Reason::RepositoryNotGit),
        ("001e# service=git-upload-pack\n0000zzzz", Reason::RepositoryNotGit),
        ("0000", Reason::RepositoryNotGit),
        // The same as a connection that was cut.
        ("", Reason::RepositoryUnreachable),
    ] {
        let (url, _) = answering(page("200 OK", kind, body)).await;
        let found = reason(fixture.resolve(&request(&format!("{url}/x.git"))).await);
        assert_eq!(found, expected, "{body:?}");
    }
}

#[tokio::test]
async fn a_host_that_is_down_is_unreachable_and_comes_back() {
    let fixture = Fixture::new();
    let repository = repository("down").await;
    repository.commit(&[("a", "1")], "First").await.unwrap();
    let request = request(repository.url());
    repository.answer_with(StatusCode::BAD_GATEWAY).unwrap();
    assert_eq!(reason(fixture.resolve(&request).await), Reason::RepositoryUnreachable);
    repository.answer_normally().unwrap();
    fixture.resolve(&request).await.unwrap();
}

#[tokio::test]
async fn a_closed_port_is_unreachable() {
    let fixture = Fixture::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    for scheme in ["http", "https", "ssh", "git"] {
        let error = fixture.resolve(&request(&format!("{scheme}://{address}/x.git"))).await.unwrap_err();
        assert_eq!(error.reason, Reason::RepositoryUnreachable, "{scheme}");
        let words = format!("127.0.0.1 port {} does not take connections", address.port());
        assert_eq!(error.detail, Some(words), "{scheme}");
    }
}

#[tokio::test]
async fn a_name_without_an_address_is_unreachable() {
    let fixture = Fixture::new();
    for url in ["https://fairlead.invalid/x.git", "ssh://git@fairlead.invalid/x", "git://fairlead.invalid/x"]
    {
        let error = fixture.resolve(&request(url)).await.unwrap_err();
        assert_eq!(error.reason, Reason::RepositoryUnreachable, "{url}");
        let words = "the host name fairlead.invalid has no address; check its spelling";
        assert_eq!(error.detail.as_deref(), Some(words), "{url}");
    }
}

// S-D6, S-O4
#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_refused() {
    let fixture = Fixture::new();
    let server =
        GitServer::start_with(GitServerOptions { tls: true, ..GitServerOptions::default() }).await.unwrap();
    let repository = server.repository("secure").await.unwrap();
    repository.commit(&[("a", "1")], "First").await.unwrap();
    let error = fixture.resolve(&request(repository.url())).await.unwrap_err();
    assert_eq!(error.reason, Reason::RepositoryUnreachable);
    assert!(error.detail.unwrap().contains("certificate"));
    assert_eq!(repository.requests().unwrap().discoveries, 0);
}

#[tokio::test]
async fn plain_text_where_tls_is_expected_is_refused() {
    let fixture = Fixture::new();
    let repository = repository("plain").await;
    let url = repository.url().replacen("http://", "https://", 1);
    assert_eq!(reason(fixture.resolve(&request(&url)).await), Reason::RepositoryUnreachable);
}

// S-D5
#[tokio::test]
async fn a_redirect_is_not_followed() {
    let fixture = Fixture::new();
    let elsewhere = repository("elsewhere").await;
    elsewhere.commit(&[("a", "1")], "First").await.unwrap();
    for status in ["301 Moved Permanently", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let location = format!("{}/info/refs?service=git-upload-pack", elsewhere.url());
        let answer = format!(
            "HTTP/1.1 {status}\r\nlocation: {location}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        );
        let (url, asked) = answering(answer).await;
        let error = fixture.resolve(&request(&format!("{url}/x.git"))).await.unwrap_err();
        assert_eq!(error.reason, Reason::RepositoryNotFound, "{status}");
        assert!(error.detail.unwrap().contains("redirects are not followed"), "{status}");
        let asked = asked.lock().unwrap().join("\n").to_lowercase();
        assert!(asked.contains("get /x.git/info/refs") && !asked.contains("authorization"), "{asked}");
    }
    assert_eq!(elsewhere.requests().unwrap().discoveries, 0);
}

#[tokio::test]
async fn a_name_is_connected_to_at_its_checked_address() {
    let fixture = Fixture::new();
    let repository = repository("pinned").await;
    let commit = repository.commit(&[("a", "1")], "First").await.unwrap();
    // The name has to be pinned for the connection and sent as the host.
    let url = repository.url().replacen("127.0.0.1", "localhost", 1);
    assert_eq!(fixture.resolve(&request(&url)).await.unwrap().as_str(), commit);
    fixture.open(&request(&url), &commit).await.unwrap();
}

#[tokio::test]
async fn s_e1_a_refused_address_gets_no_connection() {
    let fixture = Fixture::with(|settings| settings.policy = outbound::Policy::default());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&connections);
    tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            counted.fetch_add(1, Ordering::Relaxed);
        }
    });
    for host in ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "[::]"] {
        let request = request(&format!("http://{host}:{port}/x.git"));
        assert_eq!(reason(fixture.resolve(&request).await), Reason::RepositoryAddressRefused, "{host}");
        let opened = fixture.open(&request, &"1".repeat(40)).await;
        assert_eq!(reason(opened), Reason::RepositoryAddressRefused, "{host}");
        let secure = crate::request(&format!("https://{host}:{port}/x.git"));
        assert_eq!(reason(fixture.resolve(&secure).await), Reason::RepositoryAddressRefused, "{host}");
    }
    assert_eq!(connections.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn s_e2_what_is_behind_a_refused_address_cannot_be_told() {
    let fixture = Fixture::with(|settings| settings.policy = outbound::Policy::default());
    let repository = repository("hidden").await;
    repository.commit(&[("a", "1")], "First").await.unwrap();
    let (open, _) = answering("SSH-2.0-OpenSSH\r\n".to_owned()).await;
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let path = repository.url().trim_start_matches("http://").to_owned();
    let places = [path, format!("{}/x.git", open.trim_start_matches("http://")), format!("{closed}/x.git")];
    for scheme in ["http", "https", "ssh", "git"] {
        let mut answers = Vec::new();
        for place in &places {
            answers.push(fixture.resolve(&request(&format!("{scheme}://{place}"))).await.unwrap_err());
        }
        assert_eq!(answers[0].reason, Reason::RepositoryAddressRefused, "{scheme}");
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{scheme}: {answers:?}");
    }
    assert_eq!(repository.requests().unwrap().discoveries, 0);
}
