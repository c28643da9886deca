use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use child::{ChildError, Launcher, Program};

use crate::remote::{RemoteHosts, RemoteHostsError, SETTING};

/// What [`crate::Generator`] needs from outside.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Starts programs.
    pub launcher: Launcher,
    /// Where the copies of files are made that generators work on; each goes with its run.
    pub folder: PathBuf,
    /// What runs `kustomize build`; without one, such a command fails and says so.
    pub renderer: Option<Renderer>,
    /// Further programs that a `.flux.yaml` may name, by that name.
    pub programs: BTreeMap<String, Program>,
    /// Hosts from which a kustomization may have bases; the server reads these.
    pub remote_hosts: RemoteHosts,
    /// Whether generators may run where the kernel cannot keep them apart from the machine.
    pub without_isolation: bool,
    /// How many run at once.
    pub concurrency: usize,
}

/// kustomize, alone or inside kubectl.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renderer {
    pub(crate) program: Program,
    /// What stands between the program and the folder.
    pub(crate) subcommand: &'static str,
}

/// Why a setting about generators cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// It names a program that is none.
    #[error("{setting}: {source}")]
    Program {
        /// Which.
        setting: &'static str,
        /// Why.
        source: ChildError,
    },
    /// It names a host that is none.
    #[error("{SETTING}: {0}")]
    RemoteHosts(#[from] RemoteHostsError),
}

impl Renderer {
    /// The program at `path`, else `kustomize` or `kubectl` on PATH; `None` when there is neither.
    pub fn find(path: Option<&Path>) -> Result<Option<Self>, SettingsError> {
        let Some(path) = path else {
            let found = ["kustomize", "kubectl"].into_iter().find_map(|name| Program::find(name).ok());
            return Ok(found.map(Self::of));
        };
        let program =
            Program::at(path).map_err(|source| SettingsError::Program { setting: "kustomize", source })?;
        Ok(Some(Self::of(program)))
    }

    fn of(program: Program) -> Self {
        let subcommand = if program.name().starts_with("kubectl") { "kustomize" } else { "build" };
        Self { program, subcommand }
    }
}

impl Settings {
    /// Programs by a list of names and absolute paths, separated by commas.
    pub fn programs(list: &str) -> Result<BTreeMap<String, Program>, SettingsError> {
        let entries = list.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        let find = |entry: &str| {
            let path = Path::new(entry);
            let program = if path.is_absolute() { Program::at(path) } else { Program::find(entry) };
            let program =
                program.map_err(|source| SettingsError::Program { setting: "generators", source })?;
            Ok((program.name(), program))
        };
        entries.map(find).collect()
    }
}
