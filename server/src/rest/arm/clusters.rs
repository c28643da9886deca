//! `Microsoft.Kubernetes/connectedClusters`: read only. A cluster is connected by its kubeconfig, which ARM has no
//! word for.

use axum::Json;
use axum::extract::State;
use catalogue::{Locale, text};
use domain::service::{ClusterPath, ClusterResource, ClusterScope, ServiceError};
use serde::Serialize;
use utoipa::ToSchema;

use super::Refusals;
use super::configuration::cluster_id;
use crate::rest::caller::Caller;
use crate::rest::error::ArmError;
use crate::rest::input::{ApiVersion, ClusterNames, Clusters, GroupName, Page, SubscriptionName};
use crate::rest::link::Here;
use crate::rest::time::iso;
use crate::router::Resources;

/// `ConnectedCluster`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ConnectedCluster {
    id: String,
    name: String,
    r#type: String,
    /// Always `global`: no data centre is part of its address.
    location: String,
    tags: Tags,
    identity: Identity,
    properties: ClusterProperties,
}

/// None are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct Tags {}

/// No identity of its own: Fairlead acts by the kubeconfig's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Identity {
    r#type: String,
}

/// `properties` of a connected cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ClusterProperties {
    /// Empty: there is no agent in the cluster.
    agent_public_key_certificate: String,
    agent_version: Option<String>,
    kubernetes_version: Option<String>,
    total_node_count: Option<u32>,
    total_core_count: Option<u32>,
    distribution: Option<String>,
    infrastructure: Option<String>,
    offering: Option<String>,
    managed_identity_certificate_expiration_time: Option<String>,
    /// When it answered last.
    last_connectivity_time: Option<String>,
    /// `Connecting`, `Connected`, `Offline` or `Expired`
    connectivity_status: String,
    provisioning_state: String,
}

/// `ConnectedClusterList`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ConnectedClusterList {
    value: Vec<ConnectedCluster>,
    /// Address of the next page.
    next_link: Option<String>,
}

/// Reads a connected cluster.
#[utoipa::path(
    get,
    path = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Kubernetes/connectedClusters/{clusterName}",
    operation_id = "ConnectedCluster_Get",
    tag = "arm",
    params(
        ("subscriptionId" = String, Path), ("resourceGroupName" = String, Path), ("clusterName" = String, Path),
        ("api-version" = String, Query),
    ),
    responses((status = 200, description = "There it is.", body = ConnectedCluster), Refusals),
)]
pub(super) async fn get(
    State(resources): State<Resources>,
    _: ApiVersion<Clusters>,
    Caller(actor): Caller,
    ClusterNames(path): ClusterNames,
) -> Result<Json<ConnectedCluster>, ArmError> {
    let path = ClusterPath { cluster_type: Some(path.cluster_type.unwrap_or_default()), ..path };
    let found = resources.cluster(&actor, &path).await;
    found.map(|cluster| Json(cluster.into())).map_err(|error| no_cluster(error, &path))
}

/// Lists the connected clusters of a resource group.
#[utoipa::path(
    get,
    path = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Kubernetes/connectedClusters",
    operation_id = "ConnectedCluster_ListByResourceGroup",
    tag = "arm",
    params(
        ("subscriptionId" = String, Path), ("resourceGroupName" = String, Path), ("api-version" = String, Query),
        ("$top" = Option<u32>, Query, minimum = 1), ("$skiptoken" = Option<String>, Query),
    ),
    responses((status = 200, description = "A page.", body = ConnectedClusterList), Refusals),
)]
pub(super) async fn list_by_resource_group(
    State(resources): State<Resources>,
    _: ApiVersion<Clusters>,
    Caller(actor): Caller,
    GroupName(scope): GroupName,
    Page(slice): Page,
    here: Here,
) -> Result<Json<ConnectedClusterList>, ArmError> {
    let found = resources.clusters(&actor, &scope, &slice).await;
    let group = scope.resource_group.as_deref().unwrap_or_default();
    let found = found.map_err(|error| {
        let message = || text::rest_group_missing(Locale::English, group);
        ArmError::from(error).missing("ResourceGroupNotFound", message)
    })?;
    Ok(Json(list(found.items, found.next.map(|after| here.next(&after)))))
}

/// Lists the connected clusters of a subscription.
#[utoipa::path(
    get,
    path = "/subscriptions/{subscriptionId}/providers/Microsoft.Kubernetes/connectedClusters",
    operation_id = "ConnectedCluster_ListBySubscription",
    tag = "arm",
    params(
        ("subscriptionId" = String, Path), ("api-version" = String, Query),
        ("$top" = Option<u32>, Query, minimum = 1), ("$skiptoken" = Option<String>, Query),
    ),
    responses((status = 200, description = "A page.", body = ConnectedClusterList), Refusals),
)]
pub(super) async fn list_by_subscription(
    State(resources): State<Resources>,
    _: ApiVersion<Clusters>,
    Caller(actor): Caller,
    SubscriptionName(subscription): SubscriptionName,
    Page(slice): Page,
    here: Here,
) -> Result<Json<ConnectedClusterList>, ArmError> {
    let scope = ClusterScope { subscription, resource_group: None };
    let found = resources.clusters(&actor, &scope, &slice).await;
    let found = found.map_err(|error| no_subscription(error, &subscription.to_string()))?;
    Ok(Json(list(found.items, found.next.map(|after| here.next(&after)))))
}

fn list(items: Vec<ClusterResource>, next_link: Option<String>) -> ConnectedClusterList {
    ConnectedClusterList { value: items.into_iter().map(ConnectedCluster::from).collect(), next_link }
}

/// What ARM says when a cluster is not there.
pub(super) fn no_cluster(error: ServiceError, path: &ClusterPath) -> ArmError {
    let kind = path.cluster_type.unwrap_or_default();
    let name = format!("{}/{}/{}", kind.provider(), kind.as_str(), path.cluster);
    let message = || text::rest_cluster_missing(Locale::English, &name, &path.resource_group);
    ArmError::from(error).missing("ResourceNotFound", message)
}

/// What ARM says when a subscription is not there.
pub(super) fn no_subscription(error: ServiceError, subscription: &str) -> ArmError {
    let message = || text::rest_subscription_missing(Locale::English, subscription);
    ArmError::from(error).missing("SubscriptionNotFound", message)
}

impl From<ClusterResource> for ConnectedCluster {
    fn from(resource: ClusterResource) -> Self {
        let ClusterResource { path, status, last_seen, connected_at: _ } = resource;
        let kind = path.cluster_type.unwrap_or_default();
        let facts = status.facts;
        Self {
            id: cluster_id(&path),
            r#type: format!("{}/{}", kind.provider(), kind.as_str()),
            location: "global".to_owned(),
            tags: Tags::default(),
            identity: Identity { r#type: "None".to_owned() },
            properties: ClusterProperties {
                agent_public_key_certificate: String::new(),
                agent_version: None,
                kubernetes_version: facts.as_ref().map(|facts| facts.kubernetes_version.clone()),
                total_node_count: facts.as_ref().map(|facts| facts.node_count),
                total_core_count: facts.as_ref().map(|facts| facts.core_count),
                distribution: facts.map(|facts| facts.distribution),
                infrastructure: None,
                offering: None,
                managed_identity_certificate_expiration_time: None,
                last_connectivity_time: last_seen.map(iso),
                connectivity_status: status.connectivity.as_str().to_owned(),
                provisioning_state: "Succeeded".to_owned(),
            },
            name: path.cluster,
        }
    }
}
