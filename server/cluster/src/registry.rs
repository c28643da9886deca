//! The open connections: one for each cluster and credential.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::cluster::ClusterUid;
use domain::id::ClusterId;
use domain::outbound::Narrowing;
use engine::port::cluster::ClusterError;

use crate::{Connection, Credential};

/// The open connections. One whose credential was replaced is closed as soon as nobody uses it; one that was made under
/// another list of its subscription stops watching at once.
pub struct Connections {
    policy: outbound::Policy,
    relay: outbound::Relay,
    open: Mutex<HashMap<ClusterId, Kept>>,
}

/// What a connection is made with. The numbers grow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionVersion {
    /// Of the stored credential.
    pub credential: i64,
    /// Of the subscription's list of allowed hosts.
    pub outbound: i64,
    /// The cluster that is meant: what is known of one is never taken for another's.
    pub cluster: ClusterUid,
}

impl ConnectionVersion {
    fn is_older_than(&self, other: &Self) -> bool {
        self.credential < other.credential || self.outbound < other.outbound
    }
}

struct Kept {
    version: ConnectionVersion,
    connection: Arc<Connection>,
}

impl Connections {
    /// None yet; all will be made under this policy, and programs are led to clusters by this relay.
    pub fn new(policy: outbound::Policy, relay: outbound::Relay) -> Self {
        Self { policy, relay, open: Mutex::default() }
    }

    /// The connection made earlier with this version of everything.
    pub fn get(&self, cluster: ClusterId, version: &ConnectionVersion) -> Option<Arc<Connection>> {
        let open = self.open();
        let kept = open.get(&cluster).filter(|kept| kept.version == *version)?;
        Some(Arc::clone(&kept.connection))
    }

    /// The connection with this version of the credential, to the hosts that `outbound` leaves; the one of an earlier
    /// version is closed.
    pub fn connect(
        &self,
        cluster: ClusterId,
        version: ConnectionVersion,
        credential: &Credential,
        outbound: &Narrowing,
    ) -> Result<Arc<Connection>, ClusterError> {
        if let Some(connection) = self.get(cluster, &version) {
            return Ok(connection);
        }
        let policy = self.policy.narrowed(outbound);
        let connection = Connection::open(credential, &policy, &self.relay, Some(&version.cluster))?;
        let connection = Arc::new(connection);
        let mut open = self.open();
        match open.get(&cluster) {
            // Somebody else was quicker, or read a newer version: that one stays.
            Some(kept) if kept.version == version => Ok(Arc::clone(&kept.connection)),
            Some(kept) if version.is_older_than(&kept.version) => Ok(connection),
            kept => {
                if let Some(kept) = kept
                    && (kept.version.outbound != version.outbound || kept.version.cluster != version.cluster)
                {
                    kept.connection.retire();
                }
                open.insert(cluster, Kept { version, connection: Arc::clone(&connection) });
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
