//! How figures are shown.

use std::time::Duration;

/// The machine and the build that the figures belong to.
pub(super) fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let memory = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let memory = memory.lines().next().unwrap_or_default().split_whitespace().nth(1).unwrap_or_default();
    let memory = memory.parse::<u64>().unwrap_or_default() / (1024 * 1024);
    let build = if cfg!(debug_assertions) { "debug build: figures say little" } else { "release build" };
    format!("{cores} cores, {memory} GiB, everything on this machine, {build}")
}

/// The value below which this share of the sorted times lies.
pub(super) fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    let place = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    sorted.get(place).copied().unwrap_or_default()
}

pub(super) fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// What is going on, for the person who waits.
pub(super) fn say(text: impl std::fmt::Display) {
    eprintln!("testbed: {text}");
}

#[expect(clippy::print_stdout, reason = "these lines are what the command is for")]
pub(super) fn print(text: &str) {
    println!("{text}");
}
