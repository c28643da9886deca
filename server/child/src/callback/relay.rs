//! A connection asked of the relay for another program: what it writes goes there, what comes goes back.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::path::Path;

use super::{ROUTE, read};

/// The relay's answer: a line of status and some headers.
const ANSWER_BYTES: usize = 16 * 1024;

/// One direction's buffer. Small: a memory limit counts every byte of address space.
const THREAD_STACK: usize = 256 * 1024;

/// How the relay is asked, and for what.
#[derive(Clone, PartialEq, Eq)]
pub struct Route {
    /// Where it listens.
    pub relay: SocketAddr,
    /// Where it is asked to connect to (`host:port`).
    pub target: String,
    /// What it is shown: a secret.
    pub authorization: String,
}

impl Route {
    /// As its file has it: a line for each.
    pub fn to_text(&self) -> String {
        let Self { relay, target, authorization } = self;
        format!("{relay}\n{target}\n{authorization}\n")
    }

    fn parse(text: &str) -> Result<Self, String> {
        let lines: Vec<&str> = text.lines().collect();
        let [relay, target, authorization] = lines[..] else {
            return Err("the route cannot be read".into());
        };
        let relay = relay.parse().map_err(|_| "the route names no address of the relay")?;
        Ok(Self { relay, target: target.to_owned(), authorization: authorization.to_owned() })
    }
}

pub(super) fn run(folder: &Path) -> Result<(), String> {
    let route = Route::parse(&read(folder, ROUTE)?)?;
    carry(connect(&route)?)
}

/// How long the relay may take is its own business, and how long all of it may the call's.
fn connect(route: &Route) -> Result<TcpStream, String> {
    let Route { relay, target, authorization } = route;
    let failed = |error| format!("Failed to connect to the relay: {error}");
    let mut stream = TcpStream::connect(relay).map_err(failed)?;
    let request = format!(
        "CONNECT {target} HTTP/1.1\r\nHost: {target}\r\nProxy-Authorization: {authorization}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).map_err(failed)?;
    let mut answer = Vec::new();
    let mut byte = [0];
    // By the byte: what comes after the headers is the host's and not ours.
    while !answer.ends_with(b"\r\n\r\n") {
        if answer.len() >= ANSWER_BYTES || stream.read(&mut byte).map_err(failed)? == 0 {
            return Err("Failed to connect: the relay gave no answer".into());
        }
        answer.push(byte[0]);
    }
    let status = String::from_utf8_lossy(&answer);
    let status = status.lines().next().unwrap_or_default();
    let code = status.split_whitespace().nth(1).unwrap_or_default();
    if code.starts_with('2') {
        Ok(stream)
    } else {
        Err(format!("Failed to connect: the relay answered {status}"))
    }
}

/// Until the host hangs up. The program's own end ends us by a closed pipe.
fn carry(stream: TcpStream) -> Result<(), String> {
    let failed = |error| format!("the connection broke: {error}");
    let mut outgoing = stream.try_clone().map_err(failed)?;
    std::thread::Builder::new()
        .stack_size(THREAD_STACK)
        .spawn(move || {
            // Whatever ends the program's side, the host hears that nothing more comes.
            let _ = std::io::copy(&mut std::io::stdin().lock(), &mut outgoing);
            let _ = outgoing.shutdown(Shutdown::Write);
        })
        .map_err(failed)?;
    let mut incoming = stream;
    let mut stdout = std::io::stdout().lock();
    let mut buffer = [0; 16 * 1024];
    loop {
        let length = incoming.read(&mut buffer).map_err(failed)?;
        if length == 0 {
            return Ok(());
        }
        stdout.write_all(&buffer[..length]).and_then(|()| stdout.flush()).map_err(failed)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_is_read_as_it_was_written() {
        let route = Route {
            relay: "127.0.0.1:4711".parse().unwrap(),
            target: "[2001:db8::7]:22".to_owned(),
            authorization: "Basic cmVsYXk6eA==".to_owned(),
        };
        assert!(Route::parse(&route.to_text()).is_ok_and(|read| read == route));
        for text in ["", "somewhere\nhost:1\nBasic x\n", "127.0.0.1:1\nhost:1\n"] {
            assert!(Route::parse(text).is_err(), "{text}");
        }
    }
}
