use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::ChildError;

/// A program by its absolute path: looked up once, so that a later change of PATH starts nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    path: PathBuf,
}

impl Program {
    /// The first executable file of this name on PATH. Relative folders on PATH are passed over.
    pub fn find(name: &str) -> Result<Self, ChildError> {
        let folders = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&folders)
            .filter(|folder| folder.is_absolute())
            .map(|folder| folder.join(name))
            .find(|path| is_executable(path))
            .map(|path| Self { path })
            .ok_or_else(|| ChildError::NotFound { program: name.to_owned() })
    }

    /// The program at an absolute path.
    pub fn at(path: &Path) -> Result<Self, ChildError> {
        if path.is_absolute() && is_executable(path) {
            Ok(Self { path: path.to_path_buf() })
        } else {
            Err(ChildError::NotFound { program: path.display().to_string() })
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The last part of its path, for messages.
    pub fn name(&self) -> String {
        self.path.file_name().unwrap_or(OsStr::new("?")).to_string_lossy().into_owned()
    }
}

fn is_executable(path: &Path) -> bool {
    path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}
