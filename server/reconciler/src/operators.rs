//! Follows the operators' own objects: one that somebody deleted makes its configuration due, which makes it again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use domain::id::{ClusterId, ConfigurationId};
use domain::object::ObjectKey;
use engine::port::cluster::{Cluster, Observation};
use storage::StorageError;
use tokio::sync::broadcast;
use tokio_util::task::AbortOnDropHandle;

use crate::changes;
use crate::run::{Ports, operator_of};

/// Objects that go together, as with their namespace, are looked at together.
const GATHER: Duration = Duration::from_millis(100);

/// A cluster's connection and the task that follows it; the task ends with this value.
pub(crate) struct Followed {
    connection: Arc<dyn Cluster>,
    _task: AbortOnDropHandle<()>,
}

/// One follower per connection: a new credential has another connection.
pub(crate) async fn follow(ports: &Ports, cluster: ClusterId, followed: &mut BTreeMap<ClusterId, Followed>) {
    let Ok(connection) = ports.clusters.open(cluster).await else { return };
    if followed.get(&cluster).is_some_and(|old| Arc::ptr_eq(&old.connection, &connection)) {
        return;
    }
    let changes = connection.operators().changes();
    let follower = Follower { ports: ports.clone(), cluster, connection: Arc::clone(&connection), changes };
    let task = AbortOnDropHandle::new(tokio::spawn(follower.run()));
    followed.insert(cluster, Followed { connection, _task: task });
}

struct Follower {
    ports: Ports,
    cluster: ClusterId,
    connection: Arc<dyn Cluster>,
    changes: broadcast::Receiver<ObjectKey>,
}

impl Follower {
    async fn run(mut self) {
        // The watches may run for some seconds before anybody follows: what they lost by then is told to nobody.
        let mut namespaces = self.hastened(None).await.unwrap_or_default();
        loop {
            let gone_from = |key: &ObjectKey| gone_from(self.connection.as_ref(), key);
            if changes::gather(&mut self.changes, &mut namespaces, GATHER, gone_from).await.is_none() {
                return;
            }
            if namespaces.is_empty() {
                continue;
            }
            if let Some(later) = self.hastened(Some(&namespaces)).await {
                namespaces = later;
            }
        }
    }

    /// As [`Self::hasten`]; what fails is told, and tried again.
    async fn hastened(&self, namespaces: Option<&BTreeSet<String>>) -> Option<BTreeSet<String>> {
        let later = self.hasten(namespaces).await;
        later
            .inspect_err(|error| {
                tracing::error!("a lost operator object is not followed up, trying again: {error}");
            })
            .ok()
    }

    /// Makes due what lacks an operator object in these namespaces, or in any; gives back those to be looked at again.
    async fn hasten(&self, namespaces: Option<&BTreeSet<String>>) -> Result<BTreeSet<String>, StorageError> {
        let names = namespaces.map(|names| names.iter().cloned().collect::<Vec<_>>());
        let configurations = self.ports.storage.operators_in(self.cluster, names.as_deref()).await?;
        let lacking = configurations.into_iter().filter(|configuration| {
            self.connection.lacks(&operator_of(&configuration.spec, &configuration.cluster_uid))
        });
        let (syncing, lacking): (Vec<_>, Vec<_>) = lacking.partition(|configuration| configuration.syncing);
        self.request(lacking.iter().map(|configuration| configuration.id)).await?;
        Ok(syncing
            .into_iter()
            .map(|configuration| configuration.spec.operator_namespace.to_string())
            .collect())
    }

    async fn request(&self, ids: impl ExactSizeIterator<Item = ConfigurationId>) -> Result<(), StorageError> {
        if ids.len() == 0 {
            return Ok(());
        }
        let mut unit = self.ports.storage.begin().await?;
        for id in ids {
            tracing::info!(configuration.id = %id, "an operator object of configuration {id} is gone and will be made again");
            unit.request_sync(id).await?;
        }
        unit.commit().await
    }
}

/// The operator namespace in which something is missing now.
fn gone_from(connection: &dyn Cluster, key: &ObjectKey) -> Option<String> {
    if connection.operators().observation(key) != Observation::Absent {
        return None;
    }
    domain::object::operator_namespace_of(key).map(str::to_owned)
}
