//! Which repository a path is in: that of the configuration, or one that it names.

use engine::load::LoadError;
use engine::port::source::Tree;

/// A tree, and how its paths are told from those of another.
#[derive(Clone, Copy)]
pub(crate) struct Place<'tree> {
    pub(crate) tree: &'tree dyn Tree,
    /// Of another repository; `None` for the configuration's own.
    pub(crate) address: Option<&'tree str>,
}

impl Place<'_> {
    /// A path of it, for a sentence.
    pub(crate) fn name(&self, path: &str) -> String {
        match self.address {
            None => path.to_owned(),
            Some(address) if path.is_empty() => address.to_owned(),
            Some(address) => format!("{path} of {address}"),
        }
    }

    /// Says of an error in which repository it is.
    pub(crate) fn located(&self, error: LoadError) -> LoadError {
        match error {
            LoadError::LinkLeavesPath { path } => LoadError::LinkLeavesPath { path: self.name(&path) },
            LoadError::Manifest { file, line, problem } => {
                LoadError::Manifest { file: self.name(&file), line, problem }
            }
            LoadError::Limit { exceeded, file } => LoadError::Limit { exceeded, file: self.name(&file) },
            LoadError::Damaged { path, detail } => LoadError::Damaged { path: self.name(&path), detail },
            error => error,
        }
    }
}
