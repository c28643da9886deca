//! Follows what releases have made: an object that is not as helm left it makes its release due.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use domain::id::{ClusterId, ConfigurationId};
use domain::object::{ObjectKey, ResourceKind};
use domain::release::ReleaseKey;
use engine::port::cluster::{Observation, Observer};
use storage::{ReleasedObjects, StorageError};
use tokio::sync::broadcast;
use tokio_util::task::AbortOnDropHandle;

use crate::changes;
use crate::run::Ports;

/// Objects that change together are looked at together.
const GATHER: Duration = Duration::from_millis(200);

/// A cluster's observer and the task that follows it; the task ends with this value.
pub(crate) struct Followed {
    observer: Arc<dyn Observer>,
    _task: AbortOnDropHandle<()>,
}

/// One follower per connection. What changes while nobody follows is seen by the next look at the release.
pub(crate) async fn follow(ports: &Ports, cluster: ClusterId, followed: &mut BTreeMap<ClusterId, Followed>) {
    let released = match ports.storage.released_objects(cluster).await {
        Ok(released) if released.is_empty() => return,
        Ok(released) => released,
        Err(error) => {
            tracing::error!(cluster.id = %cluster, "the releases of cluster {cluster} cannot be read: {error}");
            return;
        }
    };
    let Ok(connection) = ports.clusters.open(cluster).await else { return };
    let observer = connection.release_observer();
    if !followed.get(&cluster).is_some_and(|old| Arc::ptr_eq(&old.observer, &observer)) {
        let follower = Follower {
            ports: ports.clone(),
            cluster,
            changes: observer.changes(),
            observer: Arc::clone(&observer),
        };
        let task = AbortOnDropHandle::new(tokio::spawn(follower.run()));
        followed.insert(cluster, Followed { observer: Arc::clone(&observer), _task: task });
    }
    let kinds: BTreeSet<ResourceKind> =
        released.into_iter().flat_map(|release| release.objects).map(|object| object.kind).collect();
    // Beside the loop: a cluster that is slow to list does not hold up the next one.
    tokio::spawn(async move { observer.watch(&kinds).await });
}

struct Follower {
    ports: Ports,
    cluster: ClusterId,
    observer: Arc<dyn Observer>,
    changes: broadcast::Receiver<ObjectKey>,
}

impl Follower {
    async fn run(mut self) {
        let mut changed: BTreeSet<ObjectKey> = BTreeSet::new();
        loop {
            let same = |key: &ObjectKey| Some(key.clone());
            if changes::gather(&mut self.changes, &mut changed, GATHER, same).await.is_none() {
                return;
            }
            match self.hasten(&changed).await {
                Ok(later) => changed = later,
                Err(error) => {
                    tracing::error!("a release that drifted is not followed up, trying again: {error}");
                }
            }
        }
    }

    /// Makes due what drifted; gives back the objects of releases that are worked on now.
    async fn hasten(&self, changed: &BTreeSet<ObjectKey>) -> Result<BTreeSet<ObjectKey>, StorageError> {
        let mut later = BTreeSet::new();
        let mut drifted: BTreeMap<ConfigurationId, Vec<ReleaseKey>> = BTreeMap::new();
        for release in self.ports.storage.released_objects(self.cluster).await? {
            let ReleasedObjects { configuration, key, objects, is_held } = release;
            let gone_wrong: Vec<ObjectKey> = objects
                .into_iter()
                .filter(|object| changed.contains(&object.object))
                .filter(|object| match self.observer.observation(&object.object) {
                    Observation::Unwatched => false,
                    Observation::Absent => true,
                    Observation::Present(seen) => seen.own_fields != object.fields,
                })
                .map(|object| object.object)
                .collect();
            if gone_wrong.is_empty() {
                continue;
            }
            if is_held {
                later.extend(gone_wrong);
            } else {
                drifted.entry(configuration).or_default().push(key);
            }
        }
        for (configuration, keys) in drifted {
            self.ports.storage.hasten_releases(configuration, &keys).await?;
        }
        Ok(later)
    }
}
