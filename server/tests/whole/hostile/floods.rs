//! Requests that are too large, never end, or lie about their length. None of these needs a session.

use std::net::SocketAddr;
use std::time::Duration;

use testbed::Portal;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Doors that open before anybody has signed in, with what stands behind each: pages, forms, functions, the REST API,
/// webhooks, files.
const DOORS: [(&str, &str); 10] = [
    ("GET", "/sign-in"),
    ("POST", "/sign-in"),
    ("POST", "/api/portal/sign_in"),
    ("POST", "/api/portal/list_clusters"),
    ("GET", "/healthz"),
    ("GET", "/openapi.json"),
    ("PUT", "/subscriptions/x/resourceGroups/y?api-version=2023-05-01"),
    ("POST", "/webhooks/01890000-0000-7000-8000-000000000000"),
    ("POST", "/embed/enter"),
    ("GET", "/no-such-page"),
];
/// Sent until the server hangs up.
const ENDLESS_BYTES: usize = 64 * 1024 * 1024;
/// All of it together may cost the server so much more memory.
const GROWTH_BYTES: u64 = 48 * 1024 * 1024;
const LIMIT: Duration = Duration::from_mins(1);

/// Sends a head and then a piece again and again; gives the status and how many bytes were taken.
async fn send(portal: SocketAddr, head: &str, piece: &[u8], bytes: usize) -> (Option<u16>, usize) {
    let mut stream = TcpStream::connect(portal).await.unwrap();
    let (mut read, mut write) = stream.split();
    let sending = async {
        let mut taken = 0;
        if write.write_all(head.as_bytes()).await.is_ok() {
            while taken < bytes && write.write_all(piece).await.is_ok() {
                taken += piece.len();
            }
        }
        taken
    };
    let reading = async {
        let mut said = Vec::new();
        // A reset after the answer is an end as well.
        let _ = read.read_to_end(&mut said).await;
        said
    };
    let (taken, said) = tokio::time::timeout(LIMIT, async { tokio::join!(sending, reading) }).await.unwrap();
    let said = String::from_utf8_lossy(&said).into_owned();
    (said.split(' ').nth(1).and_then(|status| status.parse().ok()), taken)
}

fn head(method: &str, path: &str, fields: &str) -> String {
    format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{fields}\r\n")
}

#[tokio::test]
async fn s_f4_what_is_too_large_never_ends_or_lies_is_answered_and_costs_no_memory() {
    let server = Portal::start().await.unwrap();
    let (portal, before) = (server.address(), server.usage().unwrap().peak_memory);
    let many = (0..10_000).map(|number| format!("x-{number}: y\r\n")).collect::<Vec<_>>().concat();
    let long = format!("x: {}\r\n", "y".repeat(1024 * 1024));
    let chunk = [b"10000\r\n", "z".repeat(0x10000).as_bytes(), b"\r\n"].concat();
    for (method, path) in DOORS {
        let asked = |fields: &str| head(method, path, fields);
        for (what, fields, expected) in [
            ("a body of 100 MB", "content-length: 104857600\r\n", 413),
            ("10,000 fields", many.as_str(), 431),
            ("a field of 1 MiB", long.as_str(), 431),
            ("two lengths", "content-length: 3\r\ncontent-length: 4\r\n", 400),
        ] {
            let (status, _) = send(portal, &asked(fields), b"", 0).await;
            assert_eq!(status, Some(expected), "{what} to {method} {path}");
        }
        let (status, taken) =
            send(portal, &asked("transfer-encoding: chunked\r\n"), &chunk, ENDLESS_BYTES).await;
        assert!(taken < ENDLESS_BYTES, "{method} {path} took everything");
        assert!(status.is_none_or(|status| status < 500), "{method} {path}: {status:?}");
        // Less than was said: the connection ends, and nobody waits for the rest.
        let mut short = TcpStream::connect(portal).await.unwrap();
        short.write_all(format!("{}abc", asked("content-length: 10\r\n")).as_bytes()).await.unwrap();
        short.shutdown().await.unwrap();
        let mut said = Vec::new();
        let _ = tokio::time::timeout(LIMIT, short.read_to_end(&mut said)).await.unwrap();
        assert!(!said.starts_with(b"HTTP/1.1 5"), "{method} {path}: {}", String::from_utf8_lossy(&said));
        // What is packed is not unpacked: it counts as what it is.
        let packed = [31, 139, 8, 0, 0, 0, 0, 0, 0, 3, 99, 96, 0, 0];
        let fields = format!("content-encoding: gzip\r\ncontent-length: {}\r\n", packed.len());
        let (status, _) = send(portal, &asked(&fields), &packed, 1).await;
        assert!(status.is_some_and(|status| status < 500), "{method} {path}: {status:?}");
    }
    let grown = server.usage().unwrap().peak_memory.saturating_sub(before);
    assert!(grown < GROWTH_BYTES, "{grown} bytes more");
    server.sign_in().await.unwrap();
}
