//! The portal's own TLS.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::routing::get;
use axum::serve::ListenerExt;
use server::tls::{CertificateFiles, TlsListener};
use testbed::Authority;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use crate::scene::eventually;

fn write(folder: &Path, authority: &Authority) -> CertificateFiles {
    let files = CertificateFiles { certificate: folder.join("tls.crt"), key: folder.join("tls.key") };
    let identity = authority.server(&["127.0.0.1"]).unwrap();
    std::fs::write(&files.certificate, identity.certificate).unwrap();
    std::fs::write(&files.key, identity.key).unwrap();
    files
}

/// What somebody reads who trusts this authority and no other.
async fn read(authority: &Authority, address: SocketAddr) -> Option<String> {
    let trusted = reqwest::Certificate::from_pem(authority.certificate().as_bytes()).unwrap();
    let client = reqwest::Client::builder().tls_certs_only([trusted]).no_proxy().build().unwrap();
    client.get(format!("https://{address}/")).send().await.ok()?.text().await.ok()
}

#[tokio::test]
async fn a_certificate_that_is_replaced_is_shown_without_a_restart_and_a_broken_one_never() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (Authority::new("first").unwrap(), Authority::new("second").unwrap());
    let files = write(folder.path(), &first);
    let stop = CancellationToken::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let listener = TlsListener::start(listener, files.clone(), stop.clone()).unwrap();
    let answer = |ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.ip().to_string() };
    let routes = Router::new().route("/", get(answer)).into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener.tap_io(|_| {}), routes).await });

    assert_eq!(read(&first, address).await.as_deref(), Some("127.0.0.1"), "it knows who comes");
    assert_eq!(read(&second, address).await, None);
    // Somebody who speaks plain HTTP, and somebody who says nothing at all, keep nobody waiting.
    let _silent = TcpStream::connect(address).await.unwrap();
    let mut plain = TcpStream::connect(address).await.unwrap();
    plain.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut said = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(30), plain.read_to_end(&mut said)).await.unwrap();
    assert!(!said.starts_with(b"HTTP"), "{said:?}");

    write(folder.path(), &second);
    eventually("the second certificate is shown", || async {
        read(&second, address).await.as_deref() == Some("127.0.0.1")
    })
    .await;
    assert_eq!(read(&first, address).await, None);
    std::fs::write(&files.key, "no key").unwrap();
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(read(&second, address).await.as_deref(), Some("127.0.0.1"));
    stop.cancel();
}

#[tokio::test]
async fn what_is_no_certificate_with_its_key_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (Authority::new("first").unwrap(), Authority::new("second").unwrap());
    let files = write(folder.path(), &first);
    let start = async |files: &CertificateFiles| {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let started = TlsListener::start(listener, files.clone(), CancellationToken::new());
        format!("{:#}", started.unwrap_err())
    };
    std::fs::write(&files.key, second.server(&["127.0.0.1"]).unwrap().key).unwrap();
    assert!(start(&files).await.contains("do not belong together"));
    std::fs::write(&files.certificate, "text").unwrap();
    assert!(start(&files).await.contains("tls.crt"));
    let missing = CertificateFiles { key: folder.path().join("none"), ..write(folder.path(), &first) };
    assert!(start(&missing).await.contains("none"));
}
