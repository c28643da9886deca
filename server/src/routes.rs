//! Routes that are no pages.

pub mod health;
pub mod live;
