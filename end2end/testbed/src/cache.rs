//! The folder of what is built once, which setup, its scripts and the testbed share.

use std::path::{Path, PathBuf};

/// Must be the folder that the scripts write to (`.ci/environment`).
pub(crate) fn folder() -> PathBuf {
    let folder =
        |variable: &str| std::env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from);
    folder("FAIRLEAD_CACHE")
        .or_else(|| folder("XDG_CACHE_HOME").map(|cache| cache.join("fairlead")))
        .unwrap_or_else(|| folder("HOME").unwrap_or_default().join(".cache/fairlead"))
}

/// Whether it is a file that may be run.
pub(crate) fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}
