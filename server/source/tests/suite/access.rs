//! Private repositories: what the host is shown, what it makes of it, and what nobody else gets to see.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use domain::outbound::Narrowing;
use domain::reason::Reason;
use engine::port::source::{Access, HttpsCredential, Source as _, SourceRequest};
use outbound::{Proxies, Relay};
use testbed::{GitServer, GitServerOptions, Repository, SshGitServer};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::{Fixture, reason, repository, request, text};

/// A key that a careless writer of files and arguments stumbles over.
const ODD: &str = "canary-4711-%41 +=&'\"\\$(x)";

pub(super) fn with_user(url: &str, user: &str, key: &str) -> SourceRequest {
    let https = Some(HttpsCredential { user: user.into(), key: key.into() });
    let identity = format!("{user} {key}");
    SourceRequest { access: Access { identity, https, ..Access::default() }, ..request(url) }
}

pub(super) fn with_key(url: &str, server: &SshGitServer) -> SourceRequest {
    let access = Access {
        identity: "key".to_owned(),
        ssh_key: Some(server.private_key().into()),
        known_hosts: server.known_hosts(),
        ..Access::default()
    };
    SourceRequest { access, ..request(url) }
}

async fn private(name: &str, user: &str, key: &str) -> (Repository, String) {
    let repository = repository(name).await;
    let commit = repository.commit(&[("a", "1")], "First").await.expect("a commit");
    repository.require_basic_auth(user, key).expect("a server that asks");
    (repository, commit)
}

#[tokio::test]
async fn user_and_key_open_a_private_repository_whatever_is_in_them() {
    let fixture = Fixture::new();
    for (user, key) in [("ada", "plain"), ("me@example.com", ODD), ("ü s e r", " blanks "), ("x", "-k")] {
        let (repository, commit) = private("private", user, key).await;
        let request = with_user(repository.url(), user, key);
        assert_eq!(fixture.resolve(&request).await.unwrap().as_str(), commit, "{user} {key}");
        let tree = fixture.open(&request, &commit).await.unwrap();
        assert_eq!(text(&*tree, "a"), "1");
    }
}

#[tokio::test]
async fn a_user_in_the_url_is_not_shown_without_its_key() {
    let fixture = Fixture::new();
    let (repository, commit) = private("user", "ada", "token").await;
    let url = repository.url().replacen("http://", "http://someone@", 1);
    assert_eq!(reason(fixture.resolve(&request(&url)).await), Reason::RepositoryNotFound);
    let asked = with_user(&url, "ada", "token");
    assert_eq!(fixture.resolve(&asked).await.unwrap().as_str(), commit);
}

#[tokio::test]
async fn a_credential_that_is_refused_is_told_from_a_repository_that_is_not_there() {
    let fixture = Fixture::new();
    let (repository, _) = private("refused", "ada", "token").await;
    let wrong = with_user(repository.url(), "ada", "wrong");
    let error = fixture.resolve(&wrong).await.unwrap_err();
    assert_eq!(error.reason, Reason::RepositoryCredentialRefused);
    assert!(!error.to_string().contains("wrong"), "{error}");
    repository.answer_with(http::StatusCode::FORBIDDEN).unwrap();
    assert_eq!(reason(fixture.resolve(&wrong).await), Reason::RepositoryCredentialRefused);
    repository.answer_with(http::StatusCode::NOT_FOUND).unwrap();
    assert_eq!(reason(fixture.resolve(&wrong).await), Reason::RepositoryNotFound);
}

#[tokio::test]
async fn nothing_is_read_from_a_mirror_that_another_credential_has_filled() {
    let fixture = Fixture::new();
    let (repository, commit) = private("mirror", "ada", "token").await;
    let ours = with_user(repository.url(), "ada", "token");
    fixture.open(&ours, &commit).await.unwrap();
    // The host would refuse it, and the mirror of the other one is not asked.
    let theirs = with_user(repository.url(), "eve", "guess");
    assert_eq!(reason(fixture.open(&theirs, &commit).await), Reason::RepositoryCredentialRefused);
    assert_eq!(fixture.stores().len(), 1);
}

#[tokio::test]
async fn a_host_with_an_authority_of_its_own_is_trusted_when_that_is_given() {
    let fixture = Fixture::new();
    let options = GitServerOptions { tls: true, basic_auth: Some(("ada".into(), "token".into())) };
    let server = GitServer::start_with(options).await.unwrap();
    let repository = server.repository("secure").await.unwrap();
    let commit = repository.commit(&[("a", "1")], "First").await.unwrap();
    let mut request = with_user(repository.url(), "ada", "token");
    // S-D6: without it, and with another one.
    assert_eq!(reason(fixture.resolve(&request).await), Reason::RepositoryUnreachable);
    let other = GitServer::start_with(GitServerOptions { tls: true, ..Default::default() }).await.unwrap();
    request.access.authorities = other.ca_pem().map(str::to_owned);
    let error = fixture.resolve(&request).await.unwrap_err();
    assert!(error.detail.unwrap().contains("certificate"));
    request.access.authorities = server.ca_pem().map(str::to_owned);
    assert_eq!(fixture.resolve(&request).await.unwrap().as_str(), commit);
    fixture.open(&request, &commit).await.unwrap();
}

/// S-D5
#[tokio::test]
async fn a_redirect_takes_no_credential_along() {
    let fixture = Fixture::new();
    let elsewhere = asking().await;
    for status in ["301 Moved Permanently", "302 Found", "307 Temporary Redirect"] {
        let target = format!("http://{}/x.git/info/refs?service=git-upload-pack", elsewhere.address);
        let here = answering(format!(
            "HTTP/1.1 {status}\r\nlocation: {target}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        ))
        .await;
        let request = with_user(&format!("http://{}/x.git", here.address), "ada", "token");
        let error = fixture.resolve(&request).await.unwrap_err();
        assert!(error.detail.unwrap().contains("redirects are not followed"), "{status}");
    }
    assert_eq!(elsewhere.heard.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn a_key_opens_a_repository_over_ssh_by_both_kinds_of_url() {
    let fixture = Fixture::new();
    let server = SshGitServer::start().await.unwrap();
    let repository = server.repository("ssh").await.unwrap();
    let commit = repository.commit(&[("a", "1")], "First").await.unwrap();
    let request = with_key(repository.url(), &server);
    assert_eq!(fixture.resolve(&request).await.unwrap().as_str(), commit);
    assert_eq!(text(&*fixture.open(&request, &commit).await.unwrap(), "a"), "1");
    let second = repository.commit(&[("a", "2")], "Second").await.unwrap();
    assert_eq!(text(&*fixture.open(&request, &second).await.unwrap(), "a"), "2");
}

#[tokio::test]
async fn a_key_that_the_host_has_not_taken_yet_is_told_and_works_once_it_has() {
    let fixture = Fixture::new();
    let server = SshGitServer::start().await.unwrap();
    let repository = server.repository("pending").await.unwrap();
    let commit = repository.commit(&[("a", "1")], "First").await.unwrap();
    let request = with_key(repository.url(), &server);
    server.authorize(&[]).unwrap();
    assert_eq!(reason(fixture.resolve(&request).await), Reason::RepositoryCredentialRefused);
    server.authorize(&[server.public_key()]).unwrap();
    assert_eq!(fixture.resolve(&request).await.unwrap().as_str(), commit);
    let missing = with_key(&format!("{}/no/such.git", server.url()), &server);
    assert_eq!(reason(fixture.resolve(&missing).await), Reason::RepositoryNotFound);
}

#[tokio::test]
async fn an_unknown_host_shows_its_key_and_is_shown_none() {
    let fixture = Fixture::new();
    let server = SshGitServer::start().await.unwrap();
    let repository = server.repository("unknown").await.unwrap();
    let commit = repository.commit(&[("a", "1")], "First").await.unwrap();
    let mut request = with_key(repository.url(), &server);
    request.access.known_hosts = String::new();
    let Reason::RepositoryHostKeyUnknown { host, fingerprint, key } = reason(fixture.resolve(&request).await)
    else {
        panic!("an unknown host was not told");
    };
    assert_eq!(host, format!("[127.0.0.1]:{}", server.address().port()));
    assert!(fingerprint.starts_with("SHA256:") && server.known_hosts().contains(&key), "{fingerprint} {key}");
    assert!(!server.log().contains("Accepted"), "{}", server.log());
    // What a person who trusts it adds.
    request.access.known_hosts = format!("{host} {key}\n");
    assert_eq!(fixture.resolve(&request).await.unwrap().as_str(), commit);
}

/// S-D4
#[tokio::test]
async fn a_host_whose_key_changed_is_shown_nothing() {
    let fixture = Fixture::new();
    let mut server = SshGitServer::start().await.unwrap();
    let repository = server.repository("changed").await.unwrap();
    let commit = repository.commit(&[("a", "1")], "First").await.unwrap();
    let request = with_key(repository.url(), &server);
    fixture.resolve(&request).await.unwrap();
    let accepted = server.log().matches("Accepted publickey").count();
    server.replace_host_key().await.unwrap();
    let Reason::RepositoryHostKeyChanged { host, expected, fingerprint, key } =
        reason(fixture.resolve(&request).await)
    else {
        panic!("a changed key was not told");
    };
    assert_ne!(expected, fingerprint);
    assert!(server.known_hosts().contains(&key));
    assert!(matches!(reason(fixture.open(&request, &commit).await), Reason::RepositoryHostKeyChanged { .. }));
    assert_eq!(server.log().matches("Accepted publickey").count(), accepted, "{}", server.log());
    let mut trusting = request.clone();
    trusting.access.known_hosts = format!("{host} {key}\n");
    fixture.resolve(&trusting).await.unwrap();
}

#[tokio::test]
async fn a_repository_is_read_over_gits_own_protocol() {
    let fixture = Fixture::new();
    let repository = repository("daemon").await;
    let commit = repository.commit(&[("a", "1")], "First").await.unwrap();
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let root = repository.folder().parent().unwrap();
    let programs = std::process::Command::new("git").arg("--exec-path").output().unwrap().stdout;
    let programs = std::path::PathBuf::from(String::from_utf8(programs).unwrap().trim());
    // Not by `git daemon`: that would be killed in its place.
    let mut daemon = tokio::process::Command::new(programs.join("git-daemon"))
        .args(["--reuseaddr", "--export-all", "--listen=127.0.0.1", &format!("--port={port}")])
        .arg(format!("--base-path={}", root.display()))
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let name = repository.folder().file_name().unwrap().to_str().unwrap();
    let url = format!("git://127.0.0.1:{port}/{name}");
    assert_eq!(fixture.resolve(&request(&url)).await.unwrap().as_str(), commit);
    fixture.open(&request(&url), &commit).await.unwrap();
    let missing = format!("git://127.0.0.1:{port}/no-such.git");
    assert_eq!(reason(fixture.resolve(&request(&missing)).await), Reason::RepositoryNotFound);
    daemon.kill().await.unwrap();
}

#[tokio::test]
async fn s_e1_refused_addresses_are_refused_for_every_kind_of_url() {
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
    for url in [
        format!("ssh://git@127.0.0.1:{port}/x.git"),
        format!("ssh://git@localhost:{port}/x.git"),
        "git@127.0.0.1:x.git".to_owned(),
        format!("git://[::ffff:127.0.0.1]:{port}/x.git"),
    ] {
        assert_eq!(reason(fixture.resolve(&request(&url)).await), Reason::RepositoryAddressRefused, "{url}");
    }
    assert_eq!(connections.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn s_e5_a_subscriptions_list_holds_for_every_kind_of_url_and_the_change_of_it_at_once() {
    let fixture = Fixture::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let elsewhere = |url: &str| SourceRequest {
        outbound: Narrowing::parse(&["*.example.com", "127.0.0.2"]).unwrap(),
        ..request(url)
    };
    for url in [
        format!("https://127.0.0.1:{port}/x.git"),
        format!("http://127.0.0.1:{port}/x.git"),
        format!("ssh://git@127.0.0.1:{port}/x.git"),
        format!("ssh://git@localhost:{port}/x.git"),
        format!("git://[::ffff:127.0.0.1]:{port}/x.git"),
    ] {
        let refused = fixture.resolve(&elsewhere(&url)).await.unwrap_err();
        assert_eq!(refused.reason, Reason::RepositoryAddressNotListed, "{url}");
        assert!(refused.detail.unwrap().contains("an owner of the subscription can add it"), "{url}");
    }
    let untouched = tokio::time::timeout(Duration::from_millis(10), listener.accept()).await;
    assert!(untouched.is_err(), "somebody was connected");

    let repository = repository("listed").await;
    let commit = repository.commit(&[("a", "1")], "First").await.unwrap();
    let here =
        SourceRequest { outbound: Narrowing::parse(&["127.0.0.0/8"]).unwrap(), ..request(repository.url()) };
    for _ in 0..2 {
        assert_eq!(fixture.resolve(&here).await.unwrap().as_str(), commit);
        // What somebody was told under another list a moment ago is no answer.
        let refused = fixture.source.resolve(&elsewhere(repository.url()), Duration::from_mins(1)).await;
        assert_eq!(refused.unwrap_err().reason, Reason::RepositoryAddressNotListed);
    }
}

#[tokio::test]
async fn a_proxy_that_is_not_there_is_named_for_every_kind_of_url() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let url = format!("http://{closed}");
    let fixture = Fixture::with(|settings| {
        settings.relay = Relay::start(Proxies::new(&url, &url, &url, "").unwrap()).unwrap();
    });
    for scheme in ["http", "https", "ssh"] {
        let error =
            fixture.resolve(&request(&format!("{scheme}://host.example.com/x.git"))).await.unwrap_err();
        assert_eq!(error.reason, Reason::RepositoryUnreachable, "{scheme}");
        assert!(error.detail.unwrap().starts_with(&format!("the proxy {url} does not answer")), "{scheme}");
    }
}

#[tokio::test]
async fn hosts_are_reached_through_the_proxy_of_their_scheme() {
    let proxy = proxy().await;
    let url = format!("http://{}", proxy.address);
    let fixture = Fixture::with(|settings| {
        settings.relay = Relay::start(Proxies::new(&url, &url, &url, "localhost").unwrap()).unwrap();
    });
    let (repository, commit) = private("proxied", "ada", "token").await;
    let asked = with_user(repository.url(), "ada", "token");
    assert_eq!(fixture.resolve(&asked).await.unwrap().as_str(), commit);
    let ssh = SshGitServer::start().await.unwrap();
    let over_ssh = ssh.repository("proxied").await.unwrap();
    let commit = over_ssh.commit(&[("a", "1")], "First").await.unwrap();
    assert_eq!(fixture.resolve(&with_key(over_ssh.url(), &ssh)).await.unwrap().as_str(), commit);
    let heard = proxy.heard.lock().unwrap().clone();
    assert!(heard.iter().any(|line| line.starts_with("GET http://127.0.0.1:")), "{heard:?}");
    let connect = format!("CONNECT {} HTTP/1.1", ssh.address());
    assert!(heard.contains(&connect), "{heard:?}");
    // Not everybody goes through it.
    let direct = repository.url().replacen("127.0.0.1", "localhost", 1);
    fixture.resolve(&with_user(&direct, "ada", "token")).await.unwrap();
    assert_eq!(proxy.heard.lock().unwrap().len(), heard.len());
}

/// A server that notes the first lines it hears.
pub(super) struct Listening {
    pub(super) address: SocketAddr,
    pub(super) heard: Arc<Mutex<Vec<String>>>,
}

/// Answers everybody with these bytes.
async fn answering(answer: String) -> Listening {
    listening(move |mut stream, heard| {
        let answer = answer.clone();
        async move {
            let mut bytes = [0; 8192];
            let length = stream.read(&mut bytes).await.unwrap_or(0);
            heard.lock().expect("the words").push(String::from_utf8_lossy(&bytes[..length]).into_owned());
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    })
    .await
}

/// Asks for a credential, and keeps whoever shows one waiting.
pub(super) async fn asking() -> Listening {
    listening(|mut stream, heard| async move {
        loop {
            let mut bytes = [0; 8192];
            let length = stream.read(&mut bytes).await.unwrap_or(0);
            if length == 0 {
                return;
            }
            let request = String::from_utf8_lossy(&bytes[..length]).into_owned();
            let shown = request.to_lowercase().contains("authorization:");
            heard.lock().expect("the words").push(request);
            if shown {
                tokio::time::sleep(Duration::from_mins(1)).await;
            }
            let answer = "HTTP/1.1 401 Unauthorized\r\nwww-authenticate: Basic realm=\"x\"\r\ncontent-length: 0\r\n\r\n";
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    })
    .await
}

/// An HTTP proxy: connects where it is asked to, and hands on whole requests for `http://`.
async fn proxy() -> Listening {
    listening(|stream, heard| async move {
        let mut stream = BufReader::new(stream);
        let mut head = String::new();
        loop {
            let before = head.len();
            if stream.read_line(&mut head).await.unwrap_or(0) == 0 || head[before..].trim().is_empty() {
                break;
            }
        }
        let line = head.lines().next().unwrap_or_default().to_owned();
        heard.lock().expect("the words").push(line.clone());
        let target = line.split_whitespace().nth(1).unwrap_or_default();
        let plain = target.strip_prefix("http://").map(|rest| rest.split('/').next().unwrap_or_default());
        let Ok(mut there) = TcpStream::connect(plain.unwrap_or(target)).await else { return };
        if plain.is_some() {
            // One request for each connection: the next one may be for another host.
            let path = target.trim_start_matches("http://").split_once('/').map_or("", |(_, path)| path);
            let head = head.replacen(target, &format!("/{path}"), 1).replacen(
                "\r\n\r\n",
                "\r\nconnection: close\r\n\r\n",
                1,
            );
            let _ = there.write_all(head.as_bytes()).await;
        } else {
            let _ = stream.get_mut().write_all(b"HTTP/1.1 200 Connected\r\n\r\n").await;
        }
        let _ = tokio::io::copy_bidirectional(&mut stream, &mut there).await;
    })
    .await
}

async fn listening<F, Answering>(answer: F) -> Listening
where
    F: Fn(TcpStream, Arc<Mutex<Vec<String>>>) -> Answering + Send + 'static,
    Answering: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let heard = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&heard);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream, Arc::clone(&log)));
        }
    });
    Listening { address, heard }
}
