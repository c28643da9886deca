#![doc = include_str!("../README.md")]

pub mod backup;
mod key_ring;
mod padding;
mod seal;
mod vault;

pub use key_ring::{FileSource, KeyRing, KeyRingError, Loaded, NewKey, RingSource, RingTextError};
pub use seal::{MissingKey, OpenError, Purpose, ResealError, SealError};
pub use vault::Vault;
