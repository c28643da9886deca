//! Where the programs of the control plane are.

use std::os::fd::AsFd;
use std::path::PathBuf;

use tokio::process::Command;

use crate::{TestbedError, cache, progress};

/// Looks, downloads and builds when nothing is found; it writes to standard error how long that takes.
const BUILD_SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/control-plane/build.sh");

/// The cache folder carries the version of the programs, so another version never finds these.
const CACHE_NAME: &str = "control-plane-v1.35.4";

/// The programs of one control plane.
#[derive(Debug, Clone)]
pub(crate) struct Programs {
    pub(crate) etcd: PathBuf,
    pub(crate) api_server: PathBuf,
    pub(crate) controller_manager: PathBuf,
    pub(crate) scheduler: PathBuf,
    pub(crate) kwok: PathBuf,
}

impl Programs {
    /// In this order: `KUBEBUILDER_ASSETS`, `PATH`, the cache folder; what is in none of them is built into the cache.
    pub(crate) async fn find() -> Result<Self, TestbedError> {
        Ok(Self {
            etcd: find("etcd").await?,
            api_server: find("kube-apiserver").await?,
            controller_manager: find("kube-controller-manager").await?,
            scheduler: find("kube-scheduler").await?,
            kwok: find("kwok").await?,
        })
    }
}

/// Where kubectl is, found as the programs of the control plane are.
pub async fn kubectl() -> Result<PathBuf, TestbedError> {
    find("kubectl").await
}

async fn find(program: &str) -> Result<PathBuf, TestbedError> {
    if let Some(path) = look(program) {
        return Ok(path);
    }
    progress::say(format_args!(
        "{program} is missing; building the control plane once, which takes some minutes"
    ));
    let script = PathBuf::from(BUILD_SCRIPT);
    let spawn = |source| TestbedError::Spawn { program: script.clone(), source };
    // Standard output is for what the one who started us prints.
    let progress = std::io::stderr().as_fd().try_clone_to_owned().map_err(spawn)?;
    let status = Command::new(&script).stdout(progress).status().await.map_err(spawn)?;
    look(program).ok_or_else(|| TestbedError::Program {
        program: program.to_owned(),
        cache: cache(),
        script,
        status,
    })
}

fn look(program: &str) -> Option<PathBuf> {
    let assets = std::env::var_os("KUBEBUILDER_ASSETS").map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    assets
        .into_iter()
        .chain(std::env::split_paths(&path))
        .chain([cache()])
        .map(|folder| folder.join(program))
        .find(|candidate| cache::is_program(candidate))
}

/// Must be the folder that the build script writes to.
fn cache() -> PathBuf {
    cache::folder().join(CACHE_NAME)
}
