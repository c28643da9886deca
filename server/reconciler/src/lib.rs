//! Crate `reconciler`.
