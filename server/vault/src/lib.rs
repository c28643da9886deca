#![doc = include_str!("../README.md")]

mod key_ring;
mod padding;
mod seal;

pub use key_ring::{KeyRing, KeyRingError, Loaded, NewKey, RingTextError};
pub use seal::{MissingKey, OpenError, Purpose, SealError, Vault};
