//! What was asked for by CONNECT: bytes both ways until either side ends.

use std::sync::Arc;
use std::time::Duration;

use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;

use super::Destination;
use super::pass::Grant;
use super::traffic::{Counted, Traffic};
use super::upstream::Stream;

/// Both ends, before the first byte.
pub(super) struct Tunnel {
    pub(super) program: OnUpgrade,
    pub(super) upstream: Box<dyn Stream>,
    pub(super) grant: Arc<Grant>,
    pub(super) destination: Destination,
}

impl Tunnel {
    /// Carries until both sides have ended, the pass is revoked, or nothing is said for too long.
    pub(super) async fn carry(self, idle: Duration) {
        let Self { program, upstream, grant, destination } = self;
        let traffic = Traffic::new();
        let mut upstream = Counted::new(upstream, Arc::clone(&traffic));
        let carried = async {
            let mut program = TokioIo::new(program.await.map_err(std::io::Error::other)?);
            tokio::io::copy_bidirectional(&mut program, &mut upstream).await
        };
        let end = tokio::select! {
            done = carried => if done.is_ok() { "closed" } else { "broken" },
            () = grant.revoked.cancelled() => "revoked",
            () = traffic.silent(idle) => "silent",
        };
        traffic.log(&destination, end);
    }
}
