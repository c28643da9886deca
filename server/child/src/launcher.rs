use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;

use crate::{ChildError, Command, Program};

/// The name of the binary that stands in for `fairlead` in tests.
const TEST_BINARY: &str = "fairlead-child";

/// Starts programs. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Launcher {
    executable: Arc<Path>,
    homes: Arc<Path>,
}

impl Launcher {
    /// `executable` is our own binary ([`std::env::current_exe`]), which must know [`crate::SUBCOMMAND`].
    pub fn new(executable: &Path) -> Self {
        Self { executable: executable.into(), homes: std::env::temp_dir().into() }
    }

    /// Where the private homes of the programs are made; the system's temporary folder unless told otherwise.
    #[must_use]
    pub fn with_homes(self, folder: &Path) -> Self {
        Self { homes: folder.into(), ..self }
    }

    /// For tests: the binary of this crate beside the one that runs. `cargo test --workspace` builds it.
    pub fn for_tests() -> Result<Self, ChildError> {
        let running = std::env::current_exe().unwrap_or_default();
        let profile = running.ancestors().nth(2).unwrap_or(Path::new(""));
        let path: PathBuf = profile.join(TEST_BINARY);
        if path.is_file() { Ok(Self::new(&path)) } else { Err(ChildError::NoLauncher { path }) }
    }

    /// Begins a call of a program.
    pub fn command(&self, program: &Program) -> Command {
        Command::new(self.clone(), program.clone())
    }

    /// Our own binary, for links by which a program calls us back ([`crate::callback`]).
    pub fn executable(&self) -> &Path {
        &self.executable
    }

    /// A folder that only we may enter and that goes with the value.
    pub(crate) fn home(&self, program: &Program) -> Result<TempDir, ChildError> {
        tempfile::Builder::new()
            .prefix("fairlead-child-")
            .permissions(std::fs::Permissions::from_mode(0o700))
            .tempdir_in(&self.homes)
            .map_err(|source| ChildError::Home {
                program: program.name(),
                folder: self.homes.to_path_buf(),
                source,
            })
    }
}
