//! A connection made for another program: what it writes goes there, what comes goes back.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::path::Path;
use std::time::Duration;

use super::{ROUTE, read};

/// An address that has not answered by then is given up and the next one is tried.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A proxy's answer: a line of status and some headers.
const ANSWER_BYTES: usize = 16 * 1024;

/// One direction's buffer. Small: a memory limit counts every byte of address space.
const THREAD_STACK: usize = 256 * 1024;

/// Where to connect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Tried in this order.
    pub addresses: Vec<SocketAddr>,
    /// What an HTTP proxy at these addresses is asked to connect to (`host:port`); `None` to be there already.
    pub connect: Option<String>,
}

impl Route {
    /// As its file has it.
    pub fn to_text(&self) -> String {
        let Self { addresses, connect } = self;
        let mut text = String::new();
        for address in addresses {
            // Writing into a String cannot fail.
            let _ = writeln!(text, "{address}");
        }
        if let Some(target) = connect {
            let _ = writeln!(text, "connect {target}");
        }
        text
    }

    fn parse(text: &str) -> Result<Self, String> {
        let mut route = Self { addresses: Vec::new(), connect: None };
        for line in text.lines() {
            match line.strip_prefix("connect ") {
                Some(target) => route.connect = Some(target.to_owned()),
                None => route.addresses.push(line.parse().map_err(|_| "the route cannot be read")?),
            }
        }
        Ok(route)
    }
}

pub(super) fn run(folder: &Path) -> Result<(), String> {
    let route = Route::parse(&read(folder, ROUTE)?)?;
    let mut stream = connect(&route.addresses)?;
    if let Some(target) = &route.connect {
        ask_proxy(&mut stream, target)?;
    }
    carry(stream)
}

fn connect(addresses: &[SocketAddr]) -> Result<TcpStream, String> {
    let mut last = "there is no address to connect to".to_owned();
    for address in addresses {
        match TcpStream::connect_timeout(address, CONNECT_TIMEOUT) {
            Ok(stream) => return Ok(stream),
            Err(error) => last = format!("Failed to connect to {address}: {error}"),
        }
    }
    Err(last)
}

fn ask_proxy(stream: &mut TcpStream, target: &str) -> Result<(), String> {
    let failed = |error| format!("Failed to connect to the proxy: {error}");
    stream.set_read_timeout(Some(CONNECT_TIMEOUT)).map_err(failed)?;
    let request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n");
    stream.write_all(request.as_bytes()).map_err(failed)?;
    let mut answer = Vec::new();
    let mut byte = [0];
    // By the byte: what comes after the headers is the host's and not ours.
    while !answer.ends_with(b"\r\n\r\n") {
        if answer.len() >= ANSWER_BYTES || stream.read(&mut byte).map_err(failed)? == 0 {
            return Err("Failed to connect: the proxy gave no answer".into());
        }
        answer.push(byte[0]);
    }
    let status = String::from_utf8_lossy(&answer);
    let status = status.lines().next().unwrap_or_default();
    let code = status.split_whitespace().nth(1).unwrap_or_default();
    if !code.starts_with('2') {
        return Err(format!("Failed to connect: the proxy answered {status}"));
    }
    stream.set_read_timeout(None).map_err(failed)
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
        for connect in [None, Some("git.example.com:22".to_owned())] {
            let addresses = ["192.0.2.7:3128", "[2001:db8::7]:3128"].map(|text| text.parse().unwrap());
            let route = Route { addresses: addresses.into(), connect };
            assert_eq!(Route::parse(&route.to_text()), Ok(route));
        }
        assert!(Route::parse("somewhere").is_err());
    }
}
