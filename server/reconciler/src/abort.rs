//! Named points at which a test can let the process die, as a power cut would.
//!
//! Only builds with debug assertions look at `FAIRLEAD_ABORT_AT`; a release has no such path.

/// Dies here when the environment names this point.
pub(crate) fn abort_at(point: &str) {
    if cfg!(debug_assertions) && std::env::var("FAIRLEAD_ABORT_AT").is_ok_and(|wished| wished == point) {
        tracing::error!(point, "aborting at {point}, as the environment asks");
        std::process::abort();
    }
}
