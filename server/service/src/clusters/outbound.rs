//! Where kubeconfigs may lead before there is a connection to speak of.

use std::collections::BTreeSet;

use domain::access::{Actor, Permit, authorize};
use domain::id::SubscriptionId;
use domain::outbound::Narrowing;
use domain::service::ServiceError;

use super::Clusters;
use crate::error::stored;

impl Clusters {
    /// Which hosts the clusters of a subscription may be at.
    pub(super) async fn outbound(&self, id: SubscriptionId) -> Result<Narrowing, ServiceError> {
        let record = self.storage.outbound(id).await.map_err(stored)?;
        Ok(record.ok_or(ServiceError::NotFound)?.hosts)
    }

    /// As long as nobody has said which subscription a cluster is for: what one of those allows to which the actor may
    /// connect clusters. The one that is chosen in the end is asked again.
    pub(super) async fn outbound_anywhere(&self, actor: &Actor) -> Result<Narrowing, ServiceError> {
        let groups = self.storage.resource_groups(&actor.visible()).await.map_err(stored)?;
        let subscriptions: BTreeSet<SubscriptionId> = groups
            .iter()
            .filter(|group| authorize(actor, Permit::WriteCluster, &group.place()).is_ok())
            .map(|group| group.subscription)
            .collect();
        let mut lists = Vec::new();
        for id in subscriptions {
            lists.push(self.outbound(id).await?);
        }
        Ok(Narrowing::any_of(lists))
    }
}
