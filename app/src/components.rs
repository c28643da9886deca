//! The parts pages are made of. A component takes data and signals and knows no server function; a page joins
//! both. Each has its style in the file of the same name under `style/`.

pub mod choice;
pub mod copy_block;
pub mod delete_section;
pub mod disclosure;
pub mod essentials;
pub mod failure;
pub mod field;
pub mod file_picker;
pub mod form;
pub mod frame;
pub mod icon;
pub mod keys;
pub mod list;
pub mod pane;
mod raw_text;
pub mod select;
pub mod sentence;
pub mod state_mark;
pub mod table_frame;
pub mod time;

pub use choice::Choice;
pub use copy_block::CopyBlock;
pub use delete_section::DeleteSection;
pub use disclosure::Disclosure;
pub use essentials::{Essential, Essentials};
pub use failure::{Failure, use_failure_status};
pub use field::{CheckBox, Field, TextArea, TextInput};
pub use file_picker::FilePicker;
pub use form::{CallForm, FormState, NativeForm, Submit, Summary, form_name, use_outcome};
pub(crate) use frame::page_title;
pub use frame::{Crumb, Frame, PageHead, PlainPage};
pub use icon::{Glyph, Icon};
pub use keys::{KeyHelp, listen_for_keys};
pub use list::{EmptyState, FilterBar, FilterField, Pager};
pub use pane::Pane;
pub use select::Select;
pub use sentence::{Sentence, Tone};
pub use state_mark::{
    ConfigurationMark, ConnectivityMark, HealthMark, OutcomeMark, ReleaseMark, configuration_tone,
};
pub use table_frame::{Head, TableFrame};
pub use time::{AbsoluteTime, RelativeTime, Ticker};
