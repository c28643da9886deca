//! Configurations: the list of one cluster or of all, and the panes over it.

pub mod access;
pub mod add;
pub mod blade;
pub mod editor;
pub mod helm_operator;
pub mod list;
pub mod pane;
pub mod preview;
pub mod public_key;
pub mod tabs;

pub use add::AddConfiguration;
pub use blade::GitopsBlade;
pub use pane::ConfigurationPage;
