//! The helm program: the one crate that starts it.
//!
//! ```text
//! HelmProgram ─ arguments (helm 3 or 4) ─► a private folder: chart, values, kubeconfig ─► child, apart ─► answer
//! ```
//!
//! - [`HelmProgram`] implements the engine's port [`engine::port::helm::Helm`].
//! - `arguments` says how each call reads in helm 3 and in helm 4, `answer` what it says, `work` what it is given.
//!
//! Architecture invariants:
//! - helm is started without a shell, with an empty home, without plugins and post-renderers, and in namespaces of its
//!   own; the network that it shares with us leads, by its kubeconfig, to the relay and from there to one API server.
//! - helm never fetches anything: charts and their dependencies lie in the folder that it is given; [`charts`] fetches them.
//! - Values and credentials reach it in files that only it and we read, never as arguments or variables.
//!
//! To give helm a further flag: its line in `arguments.rs` for both versions, and a row in the table of its test.

mod answer;
mod arguments;
pub mod charts;
mod prepared;
mod program;
mod settings;
mod tree_chart;
mod work;

pub use self::program::HelmProgram;
pub use self::settings::Settings;
