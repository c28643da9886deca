//! Crate `outbound`.
