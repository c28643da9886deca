//! One module per subcommand.

pub(crate) mod bench;
pub(crate) mod demo;
pub(crate) mod run;
mod signal;
pub(crate) mod up;
