//! Connected clusters by their entry: the stored credential is decrypted here and goes no further than the
//! connection made of it.

use std::sync::Arc;

use async_trait::async_trait;
use cluster::{Connection, ConnectionVersion, Connections, Credential};
use domain::cluster::Preflight;
use domain::id::ClusterId;
use domain::reason::Reason;
use engine::port::cluster::{Cluster, ClusterError};
use reconciler::{Clusters, Look};
use secrecy::ExposeSecret;
use storage::{SecretOwner, Storage};
use vault::{Purpose, Vault};

use super::probe::unopened;

/// Name of the secret that a cluster's credential is; the same as in the use case that stores it.
const KUBECONFIG: &str = "kubeconfig";

/// Over `storage`, `vault` and `cluster`.
pub struct ConnectedClusters {
    storage: Arc<Storage>,
    vault: Arc<Vault>,
    connections: Connections,
}

impl ConnectedClusters {
    /// None is open yet.
    pub fn new(
        storage: Arc<Storage>,
        vault: Arc<Vault>,
        policy: outbound::Policy,
        relay: outbound::Relay,
    ) -> Self {
        Self { storage, vault, connections: Connections::new(policy, relay) }
    }

    /// The open connection with the present version of the credential and of the subscription's list of allowed hosts,
    /// else a new one.
    async fn connection(&self, id: ClusterId) -> Result<Arc<Connection>, ClusterError> {
        let stored = self.storage.secret(SecretOwner::Cluster(id), KUBECONFIG).await;
        let stored = stored.map_err(|error| unreadable(id, &error))?;
        let Some((context, sealed)) = stored else {
            self.connections.close(id);
            return Err(unreadable(id, &"the cluster has no stored kubeconfig"));
        };
        let outbound = self.storage.outbound_of_cluster(id).await.map_err(|error| unreadable(id, &error))?;
        // It was disconnected between the two questions.
        let (outbound, cluster) =
            outbound.ok_or_else(|| unreadable(id, &"the cluster is no longer connected"))?;
        let version = ConnectionVersion { credential: context.version, outbound: outbound.version, cluster };
        if let Some(connection) = self.connections.get(id, &version) {
            return Ok(connection);
        }
        let opened = self.vault.open_text(&context, &sealed, Purpose::Connection);
        let opened = opened.map_err(|error| unreadable(id, &error))?;
        let credential =
            Credential::from_secret(opened.expose_secret()).map_err(|error| unreadable(id, &error))?;
        self.connections.connect(id, version, &credential, &outbound.hosts)
    }
}

#[async_trait]
impl Clusters for ConnectedClusters {
    async fn open(&self, cluster: ClusterId) -> Result<Arc<dyn Cluster>, ClusterError> {
        Ok(self.connection(cluster).await?)
    }

    async fn look(&self, cluster: ClusterId) -> Look {
        match self.connection(cluster).await {
            Ok(connection) => {
                let cluster::Look { status, uid } = connection.look().await;
                Look { status, uid }
            }
            Err(error) => Look { status: unopened(error), uid: None },
        }
    }

    async fn preflight(&self, cluster: ClusterId) -> Option<Preflight> {
        let connection = self.connection(cluster).await.ok()?;
        Some(connection.preflight().await)
    }
}

fn unreadable(id: ClusterId, error: &dyn std::fmt::Display) -> ClusterError {
    tracing::error!(cluster.id = %id, "the kubeconfig of cluster {id} cannot be read: {error}");
    ClusterError { reason: Reason::ClusterCredentialUnreadable, detail: None }
}
