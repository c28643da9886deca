//! The REST API as scripts use it: by token, with ARM's words, answers equal to the golden files as JSON.
//!
//! - `api` a client with a token, `golden` the comparison
//! - `arm` configurations and clusters, `portal` what ARM has no words for, `doors` who is let in

pub(crate) mod api;
mod arm;
mod doors;
mod golden;
mod portal;
