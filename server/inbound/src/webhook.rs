//! Webhooks of Git hosts: who signed one, and what it says happened.
//!
//! The order is the safety: [`Credential::read`] looks at headers alone, [`Credential::proves`] at the raw bytes, and only
//! then [`hint`] reads what the bytes say. That is never believed: it can only be a reason not to look, when it clearly
//! names another repository or another branch. Whatever it cannot read is a hint.

mod credential;
mod hint;
mod repository;

pub use credential::{Credential, CredentialFault};
pub use hint::{Hint, Watched, hint};
