//! Connected clusters.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::reason::ConnectionReason;

mod connect;

pub use connect::{ConnectSpec, validate_connect};

/// What a cluster is: the UID of its `kube-system` namespace, which no two clusters share.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClusterUid(pub String);

impl fmt::Display for ClusterUid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// The ARM resource type; part of the ARM id, chosen at connect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ClusterType {
    /// `Microsoft.Kubernetes/connectedClusters`
    #[default]
    ConnectedClusters,
    /// `Microsoft.ContainerService/managedClusters`
    ManagedClusters,
}

impl ClusterType {
    /// The last word of the ARM type, as the CLI's `--cluster-type` spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ConnectedClusters => "connectedClusters",
            Self::ManagedClusters => "managedClusters",
        }
    }

    /// The ARM resource provider.
    pub fn provider(self) -> &'static str {
        match self {
            Self::ConnectedClusters => "Microsoft.Kubernetes",
            Self::ManagedClusters => "Microsoft.ContainerService",
        }
    }

    /// From the word, any case.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::ConnectedClusters, Self::ManagedClusters]
            .into_iter()
            .find(|kind| kind.as_str().eq_ignore_ascii_case(text))
    }
}

/// ARM `connectivityStatus`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Connectivity {
    /// Not yet asked.
    #[default]
    Connecting,
    /// Answers.
    Connected,
    /// Does not answer.
    Offline,
    /// The credential's time is over, or it is refused.
    Expired,
}

impl Connectivity {
    /// The word as stored and as ARM spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Connecting => "Connecting",
            Self::Connected => "Connected",
            Self::Offline => "Offline",
            Self::Expired => "Expired",
        }
    }
}

/// What a look at a cluster tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterFacts {
    /// For instance `v1.35.4`.
    pub kubernetes_version: String,
    /// Nodes there.
    pub node_count: u32,
    /// Cores of all nodes.
    pub core_count: u32,
    /// For instance `k3s`, `aks`, `generic`.
    pub distribution: String,
}

/// What is known of the connection to a cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterStatus {
    /// In ARM's words.
    pub connectivity: Connectivity,
    /// Why.
    pub reason: ConnectionReason,
    /// What the client said, verbatim and scrubbed.
    pub detail: Option<String>,
    /// Facts of the last successful look.
    pub facts: Option<ClusterFacts>,
}

impl ClusterStatus {
    /// Another cluster answers behind the address: its UID is the detail, for whoever confirms that it is the one meant.
    pub fn replaced(answered: Self, other: &ClusterUid) -> Self {
        Self {
            connectivity: Connectivity::Offline,
            reason: ConnectionReason::Replaced,
            detail: Some(other.0.clone()),
            ..answered
        }
    }
}

/// One thing the kubeconfig's identity must be allowed to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Permission {
    /// The API server answers and its certificate is the one named.
    Reach,
    /// The credential is accepted.
    Authenticate,
    /// Read namespace `kube-system`, whose UID is the cluster's identity.
    ReadIdentity,
    /// Count nodes.
    ListNodes,
    /// Make namespaces.
    CreateNamespaces,
    /// Make service accounts.
    CreateServiceAccounts,
    /// Make role bindings in namespaces.
    CreateRoleBindings,
    /// Make cluster role bindings.
    CreateClusterRoleBindings,
    /// Bind the cluster role `cluster-admin`.
    BindClusterAdmin,
    /// Make and update Leases.
    WriteLeases,
    /// Act as the operator's service account.
    ImpersonateServiceAccounts,
    /// Watch objects, for health and drift.
    WatchObjects,
}

/// Whether a [`Permission`] is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CheckOutcome {
    /// Yes.
    Passed,
    /// No, and nothing works without it.
    Failed {
        /// What the API server said.
        detail: String,
    },
    /// No, but only something named is lost.
    Missing,
    /// Could not be asked because an earlier one failed.
    Skipped,
}

/// One line of the preflight's checklist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreflightItem {
    /// What.
    pub permission: Permission,
    /// Whether.
    pub outcome: CheckOutcome,
}

/// The preflight of a kubeconfig.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preflight {
    /// The checklist, in order.
    pub items: Vec<PreflightItem>,
    /// The cluster's identity, when it could be read.
    pub uid: Option<ClusterUid>,
    /// Version, nodes and so on, when they could be read.
    pub facts: Option<ClusterFacts>,
    /// The least RBAC that is missing, as YAML to copy; `None` when nothing is.
    pub missing_rbac: Option<String>,
}

impl Preflight {
    /// Whether the cluster can be connected.
    pub fn passed(&self) -> bool {
        self.items.iter().all(|item| matches!(item.outcome, CheckOutcome::Passed | CheckOutcome::Missing))
    }
}
