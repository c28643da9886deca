//! Repository URLs, branches, paths and revisions, valid by type.
//!
//! Each type is made by its `parse` only, also when it is read back from JSON or the database: a value that was
//! changed there is refused again.

mod branch;
mod path;
mod percent;
mod revision;
mod url;

pub use branch::{BRANCH_MAX_BYTES, Branch, check_tag_name};
pub use path::{REPOSITORY_PATH_MAX, RepositoryPath};
pub use revision::{InvalidRevision, Revision};
pub(crate) use url::host;
pub use url::{REPOSITORY_URL_MAX, RepositoryUrl, Transport};

/// Serde through `parse`, `Display` and the conversions that go with it, for a type around one checked text.
macro_rules! checked_text {
    ($name:ident) => {
        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.as_str().fmt(formatter)
            }
        }

        impl TryFrom<String> for $name {
            type Error = String;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::parse(&text).map_err(|rule| format!("{text:?} breaks the rule {rule:?}"))
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.as_str().to_owned()
            }
        }
    };
}
use checked_text;
