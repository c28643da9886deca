//! Routes that are no pages.

pub mod activity;
pub mod embed;
pub mod health;
pub mod live;
pub mod sign_in;
pub mod webhook;
