//! Configurations: the list of one cluster or of all, and the panes over it.

pub mod add;
pub mod blade;
pub mod editor;
pub mod list;
pub mod preview;

pub use add::AddConfiguration;
pub use blade::GitopsBlade;
