//! Crate `catalogue`.
