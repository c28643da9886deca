//! One file per page; a page joins the calls of an area with components.

pub mod activity;
pub mod api;
pub mod clusters;
pub mod configurations;
pub mod embed;
pub mod not_found;
pub mod people;
pub mod places;
mod query;
pub mod set_password;
pub mod settings;
pub mod sign_in;
pub mod token_list;
