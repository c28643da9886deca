//! Crate `hydrate`.
