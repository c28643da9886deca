//! Crate `vault`.
