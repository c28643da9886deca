//! How often a test does what it does again and again: seldom at every change, often when there is time.

/// Set to anything but nothing, tests that repeat something do so at their stated size (`make soak`).
pub const SOAK_VARIABLE: &str = "FAIRLEAD_SOAK";

/// How many rounds, samples or cases a test takes: `usual` in daily work, `stated` in a soak.
///
/// Both are named constants of the test, so that a reader sees what it is meant to stand and what it is tried with.
#[must_use]
pub fn count(usual: usize, stated: usize) -> usize {
    if std::env::var_os(SOAK_VARIABLE).is_some_and(|value| !value.is_empty()) { stated } else { usual }
}
