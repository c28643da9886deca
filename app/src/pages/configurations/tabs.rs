//! The parts of a configuration's pane.

pub mod changes;
pub mod delete;
pub mod history;
pub mod prune;
pub mod release;
pub mod releases;
pub mod resources;
pub mod settings;
pub mod webhook;

pub use changes::Changes;
pub use delete::Delete;
pub use history::History;
pub use releases::Releases;
pub use resources::Resources;
pub use settings::Settings;
pub use webhook::Webhook;
