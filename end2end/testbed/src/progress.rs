//! What the testbed is doing, for the person who waits.

/// One line on standard error.
pub(crate) fn say(text: impl std::fmt::Display) {
    eprintln!("testbed: {text}");
}
