//! The relay over real sockets, with hosts and proxies that note what they are asked.

mod forms;
mod passes;
mod proxied;
mod refusals;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use secrecy::ExposeSecret;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;

/// A host that notes the head of each connection and answers it.
struct Host {
    address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Host {
    /// Whatever comes after the head is sent back, behind `greeting`.
    async fn echoing(greeting: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let heads = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&heads);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let noted = Arc::clone(&noted);
                tokio::spawn(async move {
                    // Bytes and not a line: what a tunnel carries may be anything.
                    let position = {
                        let mut noted = noted.lock().expect("the heads");
                        noted.push(String::new());
                        noted.len() - 1
                    };
                    let head = head(&mut stream).await;
                    noted.lock().expect("the heads")[position] = head;
                    let _ = stream.write_all(greeting.as_bytes()).await;
                    let (mut reading, mut writing) = stream.split();
                    let _ = tokio::io::copy(&mut reading, &mut writing).await;
                });
            }
        });
        Self { address, heads }
    }

    fn heads(&self) -> Vec<String> {
        self.heads.lock().expect("the heads").clone()
    }

    fn to(&self, scheme: &'static str) -> Destination {
        Destination { scheme, host: self.address.ip().to_string(), port: self.address.port() }
    }
}

/// Up to the empty line, or the end.
async fn head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8_lossy(&head).into_owned()
}

fn relay() -> Relay {
    Relay::start(Proxies::default()).expect("a relay")
}

fn loopback() -> Policy {
    Policy::allowing(&["127.0.0.0/8", "::1/128"]).expect("a policy")
}

fn closed_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

/// Sends a request and reads the head of the answer.
async fn ask(relay: SocketAddr, line: &str, authorization: &str) -> (String, TcpStream) {
    let mut stream = TcpStream::connect(relay).await.expect("the relay");
    let request = format!("{line} HTTP/1.1\r\nHost: x\r\nProxy-Authorization: {authorization}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("a request");
    let answer = head(&mut stream).await;
    (answer, stream)
}

async fn ask_with(pass: &Pass, line: &str) -> (String, TcpStream) {
    ask(pass.relay_address(), line, pass.authorization().expose_secret()).await
}

/// Asks for a tunnel.
async fn connect(pass: &Pass, authority: &str) -> (String, TcpStream) {
    ask_with(pass, &format!("CONNECT {authority}")).await
}

async fn rest(stream: &mut TcpStream) -> String {
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest).await;
    String::from_utf8_lossy(&rest).into_owned()
}

fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0)
}
