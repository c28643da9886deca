//! One file per page; a page joins the calls of an area with components.

pub mod api;
pub mod clusters;
pub mod configurations;
pub mod not_found;
mod query;
pub mod set_password;
pub mod settings;
pub mod sign_in;
