//! How much goes through a connection, for the log and for finding silent ones.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::Destination;

/// Bytes of one connection so far.
#[derive(Debug)]
pub(super) struct Traffic {
    began: Instant,
    sent: AtomicU64,
    received: AtomicU64,
}

impl Traffic {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self { began: Instant::now(), sent: AtomicU64::new(0), received: AtomicU64::new(0) })
    }

    /// Returns when nothing has gone either way for this time, at the latest after twice that.
    pub(super) async fn silent(&self, time: Duration) {
        loop {
            let before = self.total();
            tokio::time::sleep(time).await;
            if self.total() == before {
                return;
            }
        }
    }

    /// The line by which a connection is found afterwards.
    pub(super) fn log(&self, destination: &Destination, end: &'static str) {
        tracing::debug!(
            destination = destination.authority(),
            sent = self.sent.load(Ordering::Relaxed),
            received = self.received.load(Ordering::Relaxed),
            milliseconds = self.began.elapsed().as_millis(),
            end,
            "a program was connected to the network",
        );
    }

    fn total(&self) -> u64 {
        self.sent.load(Ordering::Relaxed).wrapping_add(self.received.load(Ordering::Relaxed))
    }
}

/// A connection whose bytes are counted.
#[derive(Debug)]
pub(super) struct Counted<Stream> {
    stream: Stream,
    traffic: Arc<Traffic>,
}

impl<Stream> Counted<Stream> {
    pub(super) fn new(stream: Stream, traffic: Arc<Traffic>) -> Self {
        Self { stream, traffic }
    }
}

impl<Stream: AsyncRead + Unpin> AsyncRead for Counted<Stream> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        self.traffic.received.fetch_add((buffer.filled().len() - before) as u64, Ordering::Relaxed);
        polled
    }
}

impl<Stream: AsyncWrite + Unpin> AsyncWrite for Counted<Stream> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(context, bytes);
        if let Poll::Ready(Ok(written)) = polled {
            self.traffic.sent.fetch_add(written as u64, Ordering::Relaxed);
        }
        polled
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
