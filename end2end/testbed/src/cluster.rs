//! A real Kubernetes control plane: etcd, kube-apiserver, kube-controller-manager, kube-scheduler, and kwok in place
//! of a node.
//!
//! `start` has the order in which the programs come up, `access` who may talk to them and how, `audit` what they
//! were asked, `node` the one node with its pods.

mod access;
mod ask;
mod audit;
mod counters;
mod kubeconfig;
mod node;
mod programs;
mod start;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::sync::{Mutex, OnceCell};

use self::start::Parts;
use crate::authority::{Authority, Identity};
use crate::{TestbedError, background};

pub use self::audit::{AuditEvent, AuditMark};
pub use self::counters::Counters;
pub use self::kubeconfig::{Credential, Kubeconfig};
pub use self::programs::kubectl;

/// Names the file that describes the control plane of `testbed run` and `testbed up`.
pub const CLUSTER_VARIABLE: &str = "FAIRLEAD_TESTBED_CLUSTER";

/// A control plane. The one who started it takes it down by dropping it.
#[derive(Debug)]
pub struct Cluster {
    description: Arc<Description>,
    parts: Option<Arc<Mutex<Parts>>>,
}

/// What is different from the ordinary control plane.
#[derive(Debug, Clone, Default)]
pub struct ClusterOptions {
    /// Further arguments of kube-apiserver, for instance `--max-requests-inflight=1`.
    pub api_server_arguments: Vec<String>,
}

/// All that a process needs to use a control plane, also one that another process started.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Description {
    url: String,
    authority: Authority,
    administrator: Identity,
    administrator_token: String,
    audit_log: PathBuf,
}

impl Cluster {
    /// Starts a control plane with one ready node, usually within six seconds.
    pub async fn start() -> Result<Self, TestbedError> {
        Self::start_with(ClusterOptions::default()).await
    }

    /// Starts a control plane that differs from the ordinary one.
    pub async fn start_with(options: ClusterOptions) -> Result<Self, TestbedError> {
        Ok(Self::new(background::run(start::start(options)).await?))
    }

    /// Starts many API servers without anything that works in them, for measurements with many clusters. The first one
    /// has to live as long as the others.
    pub async fn start_api_servers(count: usize) -> Result<Vec<Self>, TestbedError> {
        let started = background::run(start::start_api_servers(count)).await?;
        Ok(started.into_iter().map(Self::new).collect())
    }

    fn new((description, parts): (Description, Parts)) -> Self {
        Self { description: Arc::new(description), parts: Some(Arc::new(Mutex::new(parts))) }
    }

    /// The control plane that tests share: the one of the environment (`testbed run` sets [`CLUSTER_VARIABLE`]),
    /// else one that this process starts once and keeps to its end. Keep to namespaces of your own in it, and start
    /// one of your own to stop its API server or to count everything it was asked.
    pub async fn shared() -> Result<&'static Self, TestbedError> {
        static SHARED: OnceCell<Cluster> = OnceCell::const_new();
        SHARED
            .get_or_try_init(|| async {
                match std::env::var_os(CLUSTER_VARIABLE).filter(|path| !path.is_empty()) {
                    Some(path) => Self::attach(Path::new(&path)),
                    None => Self::start().await,
                }
            })
            .await
    }

    /// Uses the control plane that a file describes (see [`Cluster::describe`]).
    pub fn attach(path: &Path) -> Result<Self, TestbedError> {
        background::handle()?; // TLS needs what this installs
        let text = std::fs::read_to_string(path).map_err(TestbedError::file("read", path))?;
        let description = serde_json::from_str(&text)
            .map_err(|source| TestbedError::Description { path: path.to_path_buf(), source })?;
        Ok(Self { description: Arc::new(description), parts: None })
    }

    /// Writes the file by which another process can use this control plane. It holds the administrator's key.
    pub fn describe(&self, path: &Path) -> Result<(), TestbedError> {
        let text = serde_json::to_string(&*self.description)
            .map_err(|source| TestbedError::Description { path: path.to_path_buf(), source })?;
        crate::folder::write_private(path, &text)
    }

    /// Takes the API server away as a crash would. Everything else runs on, with nobody to talk to.
    pub async fn stop_api_server(&self) -> Result<(), TestbedError> {
        let parts = self.ours("stop its API server")?;
        parts.lock().await.stop_api_server();
        Ok(())
    }

    /// Brings the API server back on the same port with the same data, and waits until it answers.
    pub async fn start_api_server(&self) -> Result<(), TestbedError> {
        let parts = Arc::clone(self.ours("start its API server")?);
        let description = Arc::clone(&self.description);
        background::run(async move { parts.lock().await.start_api_server(&description).await }).await
    }

    fn ours(&self, action: &'static str) -> Result<&Arc<Mutex<Parts>>, TestbedError> {
        self.parts.as_ref().ok_or(TestbedError::NotOurs { action })
    }
}
