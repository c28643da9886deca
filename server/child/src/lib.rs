//! Crate `child`.
