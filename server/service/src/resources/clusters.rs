//! Clusters by name.

use domain::access::Actor;
use domain::cluster::ClusterType;
use domain::id::ClusterId;
use domain::service::{
    ClusterPath, ClusterResource, ClusterScope, ClusterService, ConnectDraft, ServiceError, Slice, Sliced,
};

use super::{Resources, top, view};
use crate::clusters::connect::named_or_only;
use crate::error::stored;

impl Resources {
    /// Connected clusters only: the others belong to another provider.
    pub(super) async fn list_clusters(
        &self,
        actor: &Actor,
        scope: &ClusterScope,
        slice: &Slice,
    ) -> Result<Sliced<ClusterResource>, ServiceError> {
        self.find_subscription(actor, scope.subscription).await?;
        let group = match &scope.resource_group {
            Some(name) => Some(self.find_group(actor, scope.subscription, name).await?.id),
            None => None,
        };
        let place = (scope.subscription, group);
        let kind = ClusterType::ConnectedClusters;
        let after = slice.after.as_deref();
        let records = self.storage.clusters_after(&actor.visible(), kind, place, after, top(slice)).await;
        let (records, next) = records.map_err(stored)?;
        Ok(Sliced { items: records.into_iter().map(view::cluster).collect(), next })
    }

    /// All steps of connecting at once, by the same use cases as the page's.
    pub(super) async fn connect(
        &self,
        actor: &Actor,
        path: &ClusterPath,
        kubeconfig: &str,
        context: &str,
    ) -> Result<ClusterId, ServiceError> {
        let begun = self.clusters.begin_connect(actor, kubeconfig).await?;
        let context = named_or_only(begun.contexts, context)?;
        let connect = ConnectDraft {
            cluster_name: path.cluster.clone(),
            cluster_type: path.cluster_type.unwrap_or_default().as_str().to_owned(),
            resource_group: format!("{}/{}", path.subscription, path.resource_group),
        };
        self.clusters.connect(actor, begun.draft, &context, &connect).await
    }
}
