//! All parts together, described by variables that another process can use.

use std::path::PathBuf;
use std::sync::Arc;

use crate::control::ControlServer;
use crate::folder::Folder;
use crate::{
    CLUSTER_VARIABLE, CONTROL_VARIABLE, Cluster, GIT_ROOT_VARIABLE, GIT_URL_VARIABLE, GitServer, TestbedError,
};

/// Names a file with a kubeconfig of the administrator, for programs other than Rust tests.
pub const KUBECONFIG_VARIABLE: &str = "FAIRLEAD_TESTBED_KUBECONFIG";

/// A control plane and a Git server that other processes may use, and the control API.
#[derive(Debug)]
pub struct Environment {
    control: ControlServer,
    cluster: Arc<Cluster>,
    git: Arc<GitServer>,
    description: PathBuf,
    kubeconfig: PathBuf,
    folder: Folder,
}

impl Environment {
    /// Starts all of it.
    pub async fn start() -> Result<Self, TestbedError> {
        let folder = Folder::new("testbed")?;
        let (cluster, git) = tokio::try_join!(Cluster::start(), GitServer::start())?;
        let description = folder.path().join("cluster.json");
        cluster.describe(&description)?;
        let kubeconfig = folder.write("kubeconfig", &cluster.kubeconfig())?;
        let (cluster, git) = (Arc::new(cluster), Arc::new(git));
        let control = ControlServer::start(Arc::clone(&cluster), Arc::clone(&git))?;
        Ok(Self { control, cluster, git, description, kubeconfig, folder })
    }

    /// What `shared()` and the stories read.
    pub fn variables(&self) -> Vec<(&'static str, String)> {
        vec![
            (CLUSTER_VARIABLE, self.description.display().to_string()),
            (KUBECONFIG_VARIABLE, self.kubeconfig.display().to_string()),
            (CONTROL_VARIABLE, self.control.url().to_owned()),
            (GIT_URL_VARIABLE, self.git.url().to_owned()),
            (GIT_ROOT_VARIABLE, self.git.root().display().to_string()),
        ]
    }

    /// The control plane.
    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// The Git server.
    pub fn git(&self) -> &GitServer {
        &self.git
    }

    /// A kubeconfig of the administrator, as a file.
    pub fn kubeconfig(&self) -> &std::path::Path {
        &self.kubeconfig
    }

    /// Writes a file that disappears with the environment.
    pub fn write(&self, name: &str, content: &str) -> Result<PathBuf, TestbedError> {
        self.folder.write(name, content)
    }
}
