//! Ports on the loopback interface.

use std::collections::HashSet;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::{LazyLock, Mutex, PoisonError};

use crate::TestbedError;
use crate::random;

/// Below the range from which Linux takes the ports of outgoing connections (32768 and up), so that a port stays
/// free while the part on it is stopped and comes back.
const FIRST: u16 = 20_000;
const LAST: u16 = 32_000;

/// Far more than a test run holds; a machine where all of these are taken has another problem.
const TRIES: usize = 200;

static GIVEN: LazyLock<Mutex<HashSet<u16>>> = LazyLock::new(Mutex::default);

/// A port nobody listens on and that this process has not given out before.
pub(crate) fn free() -> Result<u16, TestbedError> {
    reserve().map(|(port, _)| port)
}

/// A listener on a port of our choice, for the servers inside this process. It is the very one that found the port
/// free: nobody comes between.
pub(crate) fn listen(part: &'static str) -> Result<tokio::net::TcpListener, TestbedError> {
    let (_, listener) = reserve()?;
    let listening = listener.set_nonblocking(true).and_then(|()| tokio::net::TcpListener::from_std(listener));
    listening.map_err(|source| TestbedError::Listen { part, source })
}

fn reserve() -> Result<(u16, TcpListener), TestbedError> {
    let mut given = GIVEN.lock().unwrap_or_else(PoisonError::into_inner);
    for _ in 0..TRIES {
        let port = FIRST + u16::try_from(random::number()? % u32::from(LAST - FIRST)).unwrap_or_default();
        if !given.contains(&port)
            && let Ok(listener) = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        {
            given.insert(port);
            return Ok((port, listener));
        }
    }
    Err(TestbedError::NoFreePort { from: FIRST, to: LAST })
}
