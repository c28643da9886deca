//! Crate `service`.
