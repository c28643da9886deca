//! The open connections: one for each cluster and credential.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::id::ClusterId;
use engine::port::cluster::ClusterError;

use crate::{Connection, Credential};

/// The open connections. One whose credential was replaced is closed as soon as nobody uses it.
pub struct Connections {
    policy: outbound::Policy,
    relay: outbound::Relay,
    open: Mutex<HashMap<ClusterId, Kept>>,
}

struct Kept {
    credential_version: i64,
    connection: Arc<Connection>,
}

impl Connections {
    /// None yet; all will be made under this policy, and programs are led to clusters by this relay.
    pub fn new(policy: outbound::Policy, relay: outbound::Relay) -> Self {
        Self { policy, relay, open: Mutex::default() }
    }

    /// The connection made earlier with this version of the credential.
    pub fn get(&self, cluster: ClusterId, credential_version: i64) -> Option<Arc<Connection>> {
        let open = self.open();
        let kept = open.get(&cluster).filter(|kept| kept.credential_version == credential_version)?;
        Some(Arc::clone(&kept.connection))
    }

    /// The connection with this version of the credential; the one of an earlier version is closed.
    pub fn connect(
        &self,
        cluster: ClusterId,
        credential_version: i64,
        credential: &Credential,
    ) -> Result<Arc<Connection>, ClusterError> {
        if let Some(connection) = self.get(cluster, credential_version) {
            return Ok(connection);
        }
        let connection = Arc::new(Connection::open(credential, &self.policy, &self.relay)?);
        let mut open = self.open();
        let kept = open.get(&cluster).filter(|kept| kept.credential_version >= credential_version);
        match kept {
            // Somebody else was quicker, or read a newer version: that one stays.
            Some(kept) if kept.credential_version == credential_version => Ok(Arc::clone(&kept.connection)),
            Some(_) => Ok(connection),
            None => {
                open.insert(cluster, Kept { credential_version, connection: Arc::clone(&connection) });
                Ok(connection)
            }
        }
    }

    /// Closes the cluster's connection, for instance because it was disconnected.
    pub fn close(&self, cluster: ClusterId) {
        self.open().remove(&cluster);
    }

    fn open(&self) -> MutexGuard<'_, HashMap<ClusterId, Kept>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
