//! From names to things, as far as the actor may know of them.

use domain::access::{Actor, Permit, Place, authorize};
use domain::cluster::ClusterType;
use domain::id::SubscriptionId;
use domain::service::{ClusterPath, ConfigurationPath, ServiceError, SpecTag};
use domain::violation::{Field, Rule};
use storage::{ClusterRecord, ResourceGroupRecord};

use super::Resources;
use crate::error::{invalid, refused, stored};

/// A configuration that is there.
pub(super) struct Found {
    pub(super) cluster: ClusterRecord,
    pub(super) tag: SpecTag,
    /// As stored.
    pub(super) name: String,
}

impl Resources {
    /// The subscription is there, and the actor sees something of it.
    pub(super) async fn find_subscription(
        &self,
        actor: &Actor,
        id: SubscriptionId,
    ) -> Result<(), ServiceError> {
        let known = self.storage.subscription_name(id).await.map_err(stored)?.is_some();
        let whole = authorize(actor, Permit::Read, &Place::Subscription(id)).is_ok();
        if known && (whole || self.sees_a_group(actor, id).await?) {
            Ok(())
        } else {
            Err(ServiceError::NotFound)
        }
    }

    async fn sees_a_group(&self, actor: &Actor, id: SubscriptionId) -> Result<bool, ServiceError> {
        let groups = self.storage.resource_groups(&actor.visible()).await.map_err(stored)?;
        Ok(groups.iter().any(|group| group.subscription == id))
    }

    /// The resource group, when the actor sees it or something in it.
    pub(super) async fn find_group(
        &self,
        actor: &Actor,
        subscription: SubscriptionId,
        name: &str,
    ) -> Result<ResourceGroupRecord, ServiceError> {
        let group = self.storage.resource_group_by_name(subscription, name).await.map_err(stored)?;
        let group = group.ok_or(ServiceError::NotFound)?;
        if authorize(actor, Permit::Read, &group.place()).is_ok() {
            return Ok(group);
        }
        let seen = self.storage.resource_groups(&actor.visible()).await.map_err(stored)?;
        if seen.iter().any(|seen| seen.id == group.id) { Ok(group) } else { Err(ServiceError::NotFound) }
    }

    /// The cluster, if the actor may do this with it.
    pub(super) async fn find_cluster(
        &self,
        actor: &Actor,
        permit: Permit,
        path: &ClusterPath,
    ) -> Result<ClusterRecord, ServiceError> {
        let ClusterPath { subscription, resource_group, cluster_type, cluster } = path;
        let group = self.storage.resource_group_by_name(*subscription, resource_group).await;
        let group = group.map_err(stored)?.ok_or(ServiceError::NotFound)?;
        let named = self.storage.clusters_named(group.id, cluster).await.map_err(stored)?;
        let visible = |record: &ClusterRecord| authorize(actor, Permit::Read, &record.place).is_ok();
        let meant = |record: &ClusterRecord| cluster_type.is_none_or(|wanted| wanted == record.cluster_type);
        let mut named = named.into_iter().filter(|record| visible(record) && meant(record));
        let record = named.next().ok_or(ServiceError::NotFound)?;
        if named.next().is_some() {
            let all = [ClusterType::ConnectedClusters, ClusterType::ManagedClusters];
            let allowed = all.map(|kind| kind.as_str().to_owned()).to_vec();
            return Err(invalid(Field::ClusterType, Rule::OneOf { allowed }));
        }
        authorize(actor, permit, &record.place).map_err(refused)?;
        Ok(record)
    }

    /// The configuration, if the actor may do this with it.
    pub(super) async fn find_configuration(
        &self,
        actor: &Actor,
        permit: Permit,
        path: &ConfigurationPath,
    ) -> Result<Found, ServiceError> {
        let cluster = self.find_cluster(actor, permit, &path.cluster).await?;
        self.found_on(&cluster, &path.configuration).await?.ok_or(ServiceError::NotFound)
    }

    /// The configuration of this name on a cluster.
    pub(super) async fn found_on(
        &self,
        cluster: &ClusterRecord,
        name: &str,
    ) -> Result<Option<Found>, ServiceError> {
        let named = self.storage.configuration_by_name(cluster.id, name).await.map_err(stored)?;
        Ok(named.map(|named| Found {
            cluster: cluster.clone(),
            tag: SpecTag { id: named.id, version: named.spec_version },
            name: named.name,
        }))
    }
}
