//! Everything the portal says, to whomever: a wire in front of it that keeps what comes from it.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The sign-in gives the session's secret to the one it belongs to, and to nobody else.
const COOKIE: &str = "set-cookie:";

/// The bytes of one connection.
type Kept = Arc<Mutex<Vec<u8>>>;

/// A running wire; it ends with the test's runtime.
pub(super) struct Tap {
    url: String,
    /// What was said on each connection.
    heard: Arc<Mutex<Vec<Kept>>>,
}

impl Tap {
    pub(super) async fn in_front_of(portal: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let heard: Arc<Mutex<Vec<Kept>>> = Arc::default();
        let all = Arc::clone(&heard);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let kept = Kept::default();
                all.lock().unwrap().push(Arc::clone(&kept));
                // A connection that is cut ends here too; the test sees it at its own end.
                tokio::spawn(async move { pass(client, portal, &kept).await });
            }
        });
        Self { url, heard }
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// What was said so far, connection by connection, without the cookies of sign-ins and without the marks between
    /// the chunks of a body, which could stand in the middle of a secret.
    pub(super) fn heard(&self) -> Vec<u8> {
        let heard = self.heard.lock().unwrap();
        let texts = heard.iter().map(|kept| String::from_utf8_lossy(&kept.lock().unwrap()).into_owned());
        texts.map(|text| plain(&text)).collect::<Vec<_>>().join("\n").into_bytes()
    }
}

async fn pass(client: TcpStream, portal: SocketAddr, kept: &Mutex<Vec<u8>>) -> std::io::Result<()> {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_portal, mut to_portal) = TcpStream::connect(portal).await?.into_split();
    let asks = tokio::spawn(async move { tokio::io::copy(&mut from_client, &mut to_portal).await });
    let mut bytes = vec![0; 64 * 1024];
    loop {
        let length = from_portal.read(&mut bytes).await?;
        if length == 0 {
            asks.abort();
            return to_client.shutdown().await;
        }
        kept.lock().unwrap().extend(&bytes[..length]);
        to_client.write_all(&bytes[..length]).await?;
    }
}

fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for line in text.split("\r\n") {
        let is_mark = (1..=8).contains(&line.len()) && line.bytes().all(|byte| byte.is_ascii_hexdigit());
        let is_cookie = line.get(..COOKIE.len()).is_some_and(|name| name.eq_ignore_ascii_case(COOKIE));
        if !is_mark && !is_cookie {
            plain.push_str(line);
        }
    }
    plain
}

#[test]
fn a_secret_between_two_chunks_is_put_together() {
    assert_eq!(
        plain("HTTP/1.1 200 OK\r\nset-cookie: a=b\r\n\r\n4\r\ncana\r\n2\r\nry\r\n0\r\n\r\n"),
        "HTTP/1.1 200 OKcanary"
    );
}
