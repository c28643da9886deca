//! OpenID Connect: signing people in with the account they have at an identity provider.
//!
//! The one crate that speaks to identity providers. It takes the authorization code flow with PKCE (RFC 7636, S256)
//! and nothing else, and knows neither sessions nor the database: whoever calls it makes state, nonce and verifier,
//! keeps them for the time the browser is away, and hands them back.
//!
//! - [`Provider`] one provider: the address to send a browser to, what a browser brought back, where to sign out
//! - `metadata` its description and keys: fetched when they are first needed, kept for an hour, fetched again for a key
//!   that is not among them, at most once a minute; a failure is remembered for some seconds
//! - `token` what is checked of an identity token; `claims` what is read of it
//! - `http` the way there: under the outbound policy, bounded in time and bytes, without redirects
//!
//! # What is checked
//!
//! Issuer of the description, of the answer (RFC 9207, required when announced) and of the token; audience and
//! authorized party; signature by a key of the issuer, with RSA or elliptic curves alone; nonce, expiry, not before, time
//! of issue; the hash of the access token; that the user information is of the same subject; that no endpoint of an
//! https provider is without TLS.
//!
//! To take another claim: a field in [`Identified`] and its reading in `claims`.
//!
//! Architecture invariant: a [`Fault`] is a sentence for the audit and holds neither code, token nor secret.

#![forbid(unsafe_code)]

mod claims;
mod fault;
mod http;
mod metadata;
mod provider;
mod settings;
mod token;

pub use self::fault::Fault;
pub use self::provider::{Answer, Identified, NewProviderError, Proof, Provider};
pub use self::settings::{ProviderSettings, SettingsFault, is_provider_name};
