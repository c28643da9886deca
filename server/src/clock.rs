//! The one place that reads the system's clock.

use std::sync::OnceLock;

use domain::clock::{Clock, Timestamp};

/// The system's wall clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is where time comes in")]
    fn now(&self) -> Timestamp {
        let since_epoch =
            std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX)).plus_milliseconds(ahead())
    }
}

/// How far ahead a test lets the clock be, in milliseconds. Only builds with debug assertions look at
/// `FAIRLEAD_CLOCK_AHEAD_SECONDS`; a release has no such path.
fn ahead() -> i64 {
    static AHEAD: OnceLock<i64> = OnceLock::new();
    *AHEAD.get_or_init(|| {
        let wished = std::env::var("FAIRLEAD_CLOCK_AHEAD_SECONDS").ok().filter(|_| cfg!(debug_assertions));
        wished
            .and_then(|seconds| seconds.parse::<i64>().ok())
            .map_or(0, |seconds| seconds.saturating_mul(1000))
    })
}
