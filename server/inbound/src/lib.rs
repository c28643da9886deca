//! What strangers send over HTTP, from its bytes to what it means.
//!
//! - [`body`] JSON objects field by field, so that all faults are told at once
//! - [`configuration`] the body of ARM's PUT of a configuration
//! - [`webhook`] who signed a webhook, and what it says happened
//!
//! Architecture invariant: pure functions of what was sent. No IO, no clock, no answer: so all of it is fuzzed as it is
//! (`server/fuzz`). What is wrong is given back as data; `server` says it in words.

pub mod body;
pub mod configuration;
pub mod webhook;
