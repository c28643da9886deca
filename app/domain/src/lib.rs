//! The innermost ring: what Fairlead talks about, as plain data and pure rules.
//!
//! Compiled twice, natively and for the browser, so that the form and the server decide by the same code.
//!
//! Architecture invariant: no IO, no clock reads, no randomness, no regular expressions. Ids are made on the
//! server and only parsed here.
//!
//! To add a field to a configuration: add it raw to [`configuration::ConfigurationDraft`], valid to
//! [`configuration::ConfigurationSpec`], give it a [`violation::Field`] and its rules in
//! [`configuration::ConfigurationDraft::validate`]; the compiler then names every place that must store,
//! show or send it.

pub mod access;
pub mod change;
pub mod clock;
pub mod cluster;
pub mod configuration;
pub mod embed;
pub mod event;
pub mod health;
pub mod id;
pub mod name;
pub mod object;
pub mod operator_params;
pub mod outbound;
pub mod page;
pub mod password;
pub mod preview;
pub mod prune;
pub mod quota;
pub mod reason;
pub mod release;
pub mod repository;
pub mod secret;
pub mod service;
pub mod status;
pub mod violation;
