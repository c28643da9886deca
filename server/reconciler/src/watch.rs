//! Follows what the clusters' watches see: health is stored as it changes, and an object that is not as the last
//! apply left it makes its configuration due. Waiting holds no worker.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use domain::cluster::ClusterUid;
use domain::health::Health;
use domain::id::{ClusterId, ConfigurationId};
use domain::object::{ObjectKey, ResourceKind};
use engine::port::cluster::{Observation, Observer};
use storage::{ClusterRecord, HealthUpdate, ManagedObject, StorageError};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use crate::run::Ports;

/// Changes that come together are looked at together: below what an eye notices, far below two seconds.
const GATHER: Duration = Duration::from_millis(100);
/// When objects of a running sync are looked at again: their outcome is not stored yet.
const RECHECK: Duration = Duration::from_millis(500);

/// A cluster's observer and the task that follows it; the task ends with this value.
pub(crate) struct Followed {
    observer: Arc<dyn Observer>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Followed {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// One follower per connection: another connection (a new credential) has another observer.
pub(crate) async fn follow(
    ports: &Ports,
    cluster: &ClusterRecord,
    followed: &mut BTreeMap<ClusterId, Followed>,
) {
    let kinds = match ports.storage.kinds_in_use(cluster.id).await {
        Ok(kinds) if kinds.is_empty() => return,
        Ok(kinds) => kinds.into_iter().collect::<BTreeSet<ResourceKind>>(),
        Err(error) => {
            tracing::error!(cluster.id = %cluster.id, "the kinds of cluster {} cannot be read: {error}", cluster.id);
            return;
        }
    };
    let Ok(connection) = ports.clusters.open(cluster.id).await else { return };
    let observer = connection.observer();
    let same = |old: &Followed| Arc::ptr_eq(&old.observer, &observer) && !old.task.is_finished();
    if !followed.get(&cluster.id).is_some_and(same) {
        let follower = Follower {
            ports: ports.clone(),
            cluster: cluster.uid.clone(),
            changes: observer.changes(),
            observer: Arc::clone(&observer),
            pending: Pending::Everything,
        };
        let task = tokio::spawn(follower.run());
        followed.insert(cluster.id, Followed { observer: Arc::clone(&observer), task });
    }
    // Beside the loop: a cluster that is slow to list does not hold up the next one.
    tokio::spawn(async move { observer.watch(&kinds).await });
}

struct Follower {
    ports: Ports,
    cluster: ClusterUid,
    observer: Arc<dyn Observer>,
    changes: broadcast::Receiver<ObjectKey>,
    pending: Pending,
}

/// What is to be looked at.
enum Pending {
    /// At the start, and after changes were lost.
    Everything,
    /// These.
    Objects(BTreeSet<ObjectKey>),
}

impl Follower {
    async fn run(mut self) {
        loop {
            let recheck = match self.look().await {
                Ok(recheck) => recheck,
                Err(error) => {
                    tracing::error!("what a watch saw is not stored, trying again: {error}");
                    tokio::time::sleep(RECHECK).await;
                    continue;
                }
            };
            let wait = if recheck.is_empty() { None } else { Some(RECHECK) };
            self.pending = Pending::Objects(recheck);
            if self.gather(wait).await.is_none() {
                return;
            }
        }
    }

    /// Waits for a change (or for the time to look again) and takes what comes with it; `None` at the end.
    async fn gather(&mut self, recheck: Option<Duration>) -> Option<()> {
        match recheck {
            None => {
                let change = self.changes.recv().await;
                self.pending.take(change)?;
            }
            Some(wait) => {
                if let Ok(change) = tokio::time::timeout(wait, self.changes.recv()).await {
                    self.pending.take(change)?;
                }
            }
        }
        let until = tokio::time::Instant::now() + GATHER;
        while let Ok(change) = tokio::time::timeout_at(until, self.changes.recv()).await {
            self.pending.take(change)?;
        }
        Some(())
    }

    /// Stores health, hastens what drifted, and gives back what cannot be judged yet.
    async fn look(&self) -> Result<BTreeSet<ObjectKey>, StorageError> {
        let managed = match &self.pending {
            Pending::Everything => self.ports.storage.managed_objects(&self.cluster, None).await?,
            Pending::Objects(keys) if keys.is_empty() => return Ok(BTreeSet::new()),
            Pending::Objects(keys) => {
                let keys: Vec<ObjectKey> = keys.iter().cloned().collect();
                self.ports.storage.managed_objects(&self.cluster, Some(&keys)).await?
            }
        };
        let judged = managed.iter().map(|managed| judge(managed, self.observer.observation(&managed.object)));
        let mut later = BTreeSet::new();
        let mut health = Vec::new();
        let mut drifted = BTreeSet::new();
        for (managed, judgement) in managed.iter().zip(judged) {
            health.extend(judgement.health);
            // The sync stores what the API server answered it, which may be older than what is seen here: the last word is a
            // look after its end.
            if managed.syncing {
                later.insert(managed.object.clone());
            } else if judgement.drifted {
                drifted.insert(managed.configuration);
            }
        }
        if !health.is_empty() {
            self.ports.storage.update_health(&self.cluster, &health).await?;
        }
        self.hasten(drifted).await?;
        Ok(later)
    }

    async fn hasten(&self, drifted: BTreeSet<ConfigurationId>) -> Result<(), StorageError> {
        if drifted.is_empty() {
            return Ok(());
        }
        let mut unit = self.ports.storage.begin().await?;
        for id in drifted {
            tracing::info!(configuration.id = %id, "an object of configuration {id} is not as it was applied");
            metrics::counter!("fairlead_drift_total").increment(1);
            unit.request_sync(id).await?;
        }
        unit.commit().await
    }
}

impl Pending {
    fn take(&mut self, change: Result<ObjectKey, RecvError>) -> Option<()> {
        match change {
            Ok(key) => {
                if let Self::Objects(keys) = self {
                    keys.insert(key);
                }
            }
            Err(RecvError::Lagged(_)) => *self = Self::Everything,
            Err(RecvError::Closed) => return None,
        }
        Some(())
    }
}

/// What a watch's sight of an object means.
#[derive(Debug, PartialEq, Eq)]
struct Judgement {
    health: Option<HealthUpdate>,
    drifted: bool,
}

/// Pure: an object that is gone, replaced, or whose fields of ours others changed has drifted.
fn judge(managed: &ManagedObject, observation: Observation) -> Judgement {
    let object = managed.object.clone();
    match observation {
        Observation::Unwatched => Judgement { health: None, drifted: false },
        // What is about to be applied for the first time is not missed.
        Observation::Absent => Judgement {
            health: managed.uid.as_ref().map(|_| HealthUpdate {
                object,
                health: Health::Missing,
                message: None,
            }),
            drifted: true,
        },
        Observation::Present(observed) => Judgement {
            // What is no longer in Git is nobody's to put right; that it went is to be noted.
            drifted: !managed.is_leftover
                && (managed.uid.as_ref() != Some(&observed.uid)
                    || managed.own_fields_hash.as_ref() != Some(&observed.own_fields)),
            health: Some(HealthUpdate { object, health: observed.health, message: observed.message }),
        },
    }
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use engine::port::cluster::Observed;

    use super::*;

    fn managed() -> ManagedObject {
        let object = ObjectKey {
            group: String::new(),
            kind: "ConfigMap".to_owned(),
            namespace: Some("team-a".to_owned()),
            name: "endpoints".to_owned(),
        };
        let configuration = ConfigurationId::from_str("00000000-0000-0000-0000-000000000001").unwrap();
        ManagedObject {
            object,
            configuration,
            uid: Some("u1".to_owned()),
            own_fields_hash: Some("f1".to_owned()),
            is_leftover: false,
            syncing: false,
        }
    }

    fn present(uid: &str, own_fields: &str) -> Observation {
        Observation::Present(Observed {
            uid: uid.to_owned(),
            own_fields: own_fields.to_owned(),
            health: Health::Healthy,
            message: None,
        })
    }

    #[test]
    fn an_object_as_it_was_applied_has_not_drifted() {
        assert!(!judge(&managed(), present("u1", "f1")).drifted);
    }

    #[test]
    fn an_object_whose_fields_others_took_has_drifted() {
        assert!(judge(&managed(), present("u1", "f2")).drifted);
    }

    #[test]
    fn an_object_of_the_same_name_made_by_others_has_drifted() {
        assert!(judge(&managed(), present("u2", "")).drifted);
    }

    #[test]
    fn what_left_git_may_be_changed_by_anybody_and_its_end_is_noted() {
        let left = ManagedObject { is_leftover: true, ..managed() };
        assert!(!judge(&left, present("u2", "")).drifted);
        assert!(judge(&left, Observation::Absent).drifted);
    }

    #[test]
    fn an_object_that_is_gone_is_missing_and_has_drifted() {
        let judgement = judge(&managed(), Observation::Absent);
        assert!(judgement.drifted);
        assert_eq!(judgement.health.map(|update| update.health), Some(Health::Missing));
    }

    #[test]
    fn what_no_watch_sees_is_not_judged() {
        assert_eq!(judge(&managed(), Observation::Unwatched), Judgement { health: None, drifted: false });
    }
}
