//! What every request passes on its way in and every answer on its way out.

pub mod crowd;
pub mod embed;
pub mod guard;
pub mod headers;
pub mod origin;
pub mod path;
pub mod refusals;
pub mod request_id;
pub mod time;
pub mod visitor;
