//! The calls a page makes: one file per area, each function is actor, service, call.
//!
//! Names and paths are stable (`/api/portal/<name>`), so that a page that was loaded before an update of the
//! server still finds them. All are POST; those that only read change nothing.
//!
//! A function that a form calls answers success with a redirect, so that it works for the plain form post of
//! a browser without scripts as well (see `forms`).

pub mod access;
pub mod account;
pub mod activity;
pub mod api;
pub mod clusters;
pub mod configurations;
pub mod embed;
pub mod people;
pub mod releases;
pub mod tokens;

/// Where all of them are.
pub const PREFIX: &str = "/api/portal";
