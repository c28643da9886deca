//! Use cases by the names ARM gives things: each finds the thing and hands on to the use case there is.

mod clusters;
mod find;
mod view;

use std::sync::Arc;

use async_trait::async_trait;
use domain::access::{Actor, Permit};
use domain::configuration::{ConfigurationDraft, RepositoryCredentialDraft};
use domain::id::{ConfigurationId, SubscriptionId};
use domain::service::{
    ClusterPath, ClusterResource, ClusterScope, ClusterService, ConfigurationPath, ConfigurationResource,
    ConfigurationService, Conflict, FIRST_ERRORS, HistoryRow, NewWebhook, PlanView, Precondition,
    PruneListView, Put, RESOURCES_MAX, ResourceService, ServiceError, Slice, Sliced, SpecTag,
};
use storage::{ClusterRecord, ConfigurationRecord, Storage};

use self::find::Found;
use crate::clusters::Clusters;
use crate::configurations::Configurations;
use crate::error::stored;
use crate::planner::{PlanFailure, Planner};

/// How often a change without a precondition is tried when others change the same in that moment.
const TRIES: usize = 3;
/// Recorded syncs that are given out.
const HISTORY: u32 = 50;

/// Use cases by name.
#[derive(Clone)]
pub struct Resources {
    storage: Arc<Storage>,
    configurations: Configurations,
    clusters: Clusters,
    planner: Arc<dyn Planner>,
}

impl Resources {
    /// Over this database and these use cases.
    pub fn new(
        storage: Arc<Storage>,
        configurations: Configurations,
        clusters: Clusters,
        planner: Arc<dyn Planner>,
    ) -> Self {
        Self { storage, configurations, clusters, planner }
    }

    async fn resource(
        &self,
        cluster: &ClusterRecord,
        id: ConfigurationId,
    ) -> Result<ConfigurationResource, ServiceError> {
        let record = self.storage.configuration(id).await.map_err(stored)?.ok_or(ServiceError::NotFound)?;
        let resources = self.resources(cluster, vec![record]).await?;
        resources.into_iter().next().ok_or(ServiceError::NotFound)
    }

    async fn resources(
        &self,
        cluster: &ClusterRecord,
        records: Vec<ConfigurationRecord>,
    ) -> Result<Vec<ConfigurationResource>, ServiceError> {
        let ids: Vec<ConfigurationId> = records.iter().map(|record| record.summary.state.id).collect();
        let each = u32::try_from(FIRST_ERRORS).unwrap_or(u32::MAX);
        let mut refused = self.storage.first_refused(&ids, each).await.map_err(stored)?;
        let resource = |record: ConfigurationRecord| {
            let id = record.summary.state.id;
            let (own, others) = std::mem::take(&mut refused).into_iter().partition(|(owner, _)| *owner == id);
            refused = others;
            let own: Vec<_> = own.into_iter().map(|(_, refused)| refused).collect();
            view::configuration(cluster, record, own)
        };
        Ok(records.into_iter().map(resource).collect())
    }

    /// Makes it or replaces it, once; [`ServiceError::Stale`] when somebody else did in the same moment.
    async fn put_once(
        &self,
        actor: &Actor,
        path: &ConfigurationPath,
        draft: &ConfigurationDraft,
        credential: &RepositoryCredentialDraft,
        precondition: &Precondition,
    ) -> Result<Put<ConfigurationResource>, ServiceError> {
        let cluster = self.find_cluster(actor, Permit::WriteConfiguration, &path.cluster).await?;
        let found = self.found_on(&cluster, &path.configuration).await?;
        if !holds(precondition, found.as_ref().map(|found| found.tag)) {
            return Err(ServiceError::Stale);
        }
        let (created, id) = if let Some(Found { tag: SpecTag { id, version }, name, .. }) = found {
            let draft = ConfigurationDraft { name, ..draft.clone() };
            self.configurations.replace_with_access(actor, id, &draft, credential, version).await?;
            (false, id)
        } else {
            let draft = ConfigurationDraft { name: path.configuration.clone(), ..draft.clone() };
            let created = self.configurations.create_with_access(actor, cluster.id, &draft, credential);
            (true, created.await?)
        };
        Ok(Put { created, resource: self.resource(&cluster, id).await? })
    }
}

#[async_trait]
impl ResourceService for Resources {
    async fn subscription(&self, actor: &Actor, id: SubscriptionId) -> Result<(), ServiceError> {
        self.find_subscription(actor, id).await
    }

    async fn clusters(
        &self,
        actor: &Actor,
        scope: &ClusterScope,
        slice: &Slice,
    ) -> Result<Sliced<ClusterResource>, ServiceError> {
        self.list_clusters(actor, scope, slice).await
    }

    async fn cluster(&self, actor: &Actor, path: &ClusterPath) -> Result<ClusterResource, ServiceError> {
        Ok(view::cluster(self.find_cluster(actor, Permit::Read, path).await?))
    }

    async fn put_cluster(
        &self,
        actor: &Actor,
        path: &ClusterPath,
        kubeconfig: &str,
        context: &str,
    ) -> Result<Put<ClusterResource>, ServiceError> {
        let found = missing_is_none(self.find_cluster(actor, Permit::WriteCluster, path).await)?;
        let created = found.is_none();
        let id = match found {
            Some(cluster) => {
                self.clusters.replace_kubeconfig(actor, cluster.id, kubeconfig, context).await?;
                cluster.id
            }
            None => self.connect(actor, path, kubeconfig, context).await?,
        };
        let record = self.storage.cluster(id).await.map_err(stored)?.ok_or(ServiceError::NotFound)?;
        Ok(Put { created, resource: view::cluster(record) })
    }

    async fn disconnect_cluster(&self, actor: &Actor, path: &ClusterPath) -> Result<bool, ServiceError> {
        let Some(cluster) = missing_is_none(self.find_cluster(actor, Permit::WriteCluster, path).await)?
        else {
            return Ok(false);
        };
        self.clusters.disconnect(actor, cluster.id).await.map(|()| true)
    }

    async fn configurations(
        &self,
        actor: &Actor,
        path: &ClusterPath,
        slice: &Slice,
    ) -> Result<Sliced<ConfigurationResource>, ServiceError> {
        let cluster = self.find_cluster(actor, Permit::Read, path).await?;
        let records = self.storage.configurations_after(cluster.id, slice.after.as_deref(), top(slice)).await;
        let (records, next) = records.map_err(stored)?;
        Ok(Sliced { items: self.resources(&cluster, records).await?, next })
    }

    async fn configuration(
        &self,
        actor: &Actor,
        path: &ConfigurationPath,
    ) -> Result<ConfigurationResource, ServiceError> {
        let found = self.find_configuration(actor, Permit::Read, path).await?;
        self.resource(&found.cluster, found.tag.id).await
    }

    async fn put_configuration(
        &self,
        actor: &Actor,
        path: &ConfigurationPath,
        draft: &ConfigurationDraft,
        credential: &RepositoryCredentialDraft,
        precondition: &Precondition,
    ) -> Result<Put<ConfigurationResource>, ServiceError> {
        for _ in 1..TRIES {
            match self.put_once(actor, path, draft, credential, precondition).await {
                // Whoever names no version means whatever there is: the last one wins.
                Err(ServiceError::Stale) if *precondition == Precondition::None => {}
                done => return done,
            }
        }
        self.put_once(actor, path, draft, credential, precondition).await
    }

    async fn delete_configuration(
        &self,
        actor: &Actor,
        path: &ConfigurationPath,
        precondition: &Precondition,
    ) -> Result<bool, ServiceError> {
        let found = self.find_configuration(actor, Permit::WriteConfiguration, path).await;
        let found = missing_is_none(found)?;
        if !holds(precondition, found.as_ref().map(|found| found.tag)) {
            return Err(ServiceError::Stale);
        }
        let Some(found) = found else { return Ok(false) };
        let deleted = self.configurations.delete(actor, found.tag.id).await;
        missing_is_none(deleted).map(|deleted| deleted.is_some())
    }

    async fn sync_configuration(&self, actor: &Actor, path: &ConfigurationPath) -> Result<(), ServiceError> {
        let found = self.find_configuration(actor, Permit::WriteConfiguration, path).await?;
        self.configurations.sync_now(actor, found.tag.id).await
    }

    async fn suspend_configuration(
        &self,
        actor: &Actor,
        path: &ConfigurationPath,
        suspended: bool,
    ) -> Result<ConfigurationResource, ServiceError> {
        let found = self.find_configuration(actor, Permit::WriteConfiguration, path).await?;
        self.configurations.suspend(actor, found.tag.id, suspended).await?;
        self.resource(&found.cluster, found.tag.id).await
    }

    async fn history(
        &self,
        actor: &Actor,
        path: &ConfigurationPath,
    ) -> Result<Vec<HistoryRow>, ServiceError> {
        let found = self.find_configuration(actor, Permit::Read, path).await?;
        let history = self.storage.history(found.tag.id, HISTORY).await.map_err(stored)?;
        Ok(history.into_iter().map(crate::configurations::history_row).collect())
    }

    async fn prune_lists(
        &self,
        actor: &Actor,
        path: &ConfigurationPath,
    ) -> Result<Vec<PruneListView>, ServiceError> {
        let found = self.find_configuration(actor, Permit::Read, path).await?;
        Ok(self.configurations.get(actor, found.tag.id).await?.prune)
    }

    async fn confirm_prune(
        &self,
        actor: &Actor,
        path: &ConfigurationPath,
        hash: &str,
    ) -> Result<(), ServiceError> {
        let found = self.find_configuration(actor, Permit::WriteConfiguration, path).await?;
        self.configurations.confirm_prune(actor, found.tag.id, hash).await
    }

    async fn make_webhook(
        &self,
        actor: &Actor,
        path: &ConfigurationPath,
    ) -> Result<NewWebhook, ServiceError> {
        let found = self.find_configuration(actor, Permit::WriteConfiguration, path).await?;
        self.configurations.make_webhook(actor, found.tag.id).await
    }

    async fn remove_webhook(&self, actor: &Actor, path: &ConfigurationPath) -> Result<bool, ServiceError> {
        let found = self.find_configuration(actor, Permit::WriteConfiguration, path).await?;
        self.configurations.remove_webhook(actor, found.tag.id).await
    }

    async fn plan(
        &self,
        actor: &Actor,
        path: &ConfigurationPath,
        revision: &str,
    ) -> Result<PlanView, ServiceError> {
        let found = self.find_configuration(actor, Permit::WriteConfiguration, path).await?;
        let plan = self.planner.plan(found.tag.id, revision).await;
        plan.map_err(|PlanFailure { reason, detail }| ServiceError::Conflict {
            conflict: Conflict::PlanFailed { reason, detail },
        })
    }
}

/// Whether a change may be made to what is there.
fn holds(precondition: &Precondition, present: Option<SpecTag>) -> bool {
    match precondition {
        Precondition::None => true,
        Precondition::Exists => present.is_some(),
        Precondition::Absent => present.is_none(),
        Precondition::Version(tags) => present.is_some_and(|present| tags.contains(&present)),
    }
}

fn missing_is_none<T>(result: Result<T, ServiceError>) -> Result<Option<T>, ServiceError> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(ServiceError::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

fn top(slice: &Slice) -> u32 {
    slice.top.unwrap_or(RESOURCES_MAX).clamp(1, RESOURCES_MAX)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn tag(id: u128, version: i64) -> SpecTag {
        SpecTag { id: ConfigurationId(Uuid::from_u128(id)), version }
    }

    #[test]
    fn a_precondition_is_about_this_very_configuration_and_version() {
        let present = Some(tag(1, 2));
        let versions = |tags: &[SpecTag]| Precondition::Version(tags.to_vec());
        for (precondition, with, without) in [
            (Precondition::None, true, true),
            (Precondition::Exists, true, false),
            (Precondition::Absent, false, true),
            (versions(&[tag(1, 1), tag(1, 2)]), true, false),
            (versions(&[tag(1, 1)]), false, false),
            (versions(&[tag(2, 2)]), false, false),
            (versions(&[]), false, false),
        ] {
            assert_eq!(holds(&precondition, present), with, "{precondition:?}");
            assert_eq!(holds(&precondition, None), without, "{precondition:?}");
        }
    }
}
