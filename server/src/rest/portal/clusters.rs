//! `/api/v1/…/clusters/{clusterName}`

use axum::Json;
use axum::extract::State;
use catalogue::{Locale, connection_reason_sentence};
use domain::cluster::ClusterStatus;
use domain::service::{ClusterPath, ClusterResource, Put};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::rest::arm::Refusals;
use crate::rest::arm::configuration::cluster_id;
use crate::rest::caller::Caller;
use crate::rest::error::ArmError;
use crate::rest::input::{ClusterNames, JsonBody, Reader};
use crate::rest::time::iso;
use crate::router::Resources;

/// A cluster of either type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Cluster {
    /// Its ARM id.
    id: String,
    name: String,
    /// `Connecting`, `Connected`, `Offline` or `Expired`
    connectivity: String,
    /// How it stands, in a sentence.
    message: String,
    /// What the client said, if anything.
    detail: Option<String>,
    kubernetes_version: Option<String>,
    connected_at: String,
    last_seen: Option<String>,
}

/// A kubeconfig to connect by.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the document is made of it")]
pub(super) struct ConnectRequest {
    /// The whole file, YAML or JSON, with everything inline. It is kept encrypted and never given out.
    #[schema(min_length = 1)]
    kubeconfig: String,
    /// Which of its contexts; may be left out when there is one.
    context: Option<String>,
}

/// Reads a cluster of either type.
#[utoipa::path(
    get,
    path = "/api/v1/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/clusters/{clusterName}",
    operation_id = "Clusters_Get",
    tag = "portal",
    params(
        ("subscriptionId" = String, Path), ("resourceGroupName" = String, Path), ("clusterName" = String, Path),
        ("clusterType" = Option<String>, Query, description = "`connectedClusters` or `managedClusters`"),
    ),
    responses((status = 200, description = "There it is.", body = Cluster), Refusals),
)]
pub(super) async fn get(
    State(resources): State<Resources>,
    Caller(actor): Caller,
    ClusterNames(path): ClusterNames,
) -> Result<Json<Cluster>, ArmError> {
    Ok(Json(resources.cluster(&actor, &path).await?.into()))
}

/// Connects a cluster by its kubeconfig, or gives a connected one another kubeconfig, which has to lead to it. The
/// cluster is asked first what the kubeconfig may do.
#[utoipa::path(
    put,
    path = "/api/v1/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/clusters/{clusterName}",
    operation_id = "Clusters_Connect",
    tag = "portal",
    params(
        ("subscriptionId" = String, Path), ("resourceGroupName" = String, Path), ("clusterName" = String, Path),
        ("clusterType" = Option<String>, Query, description = "`connectedClusters` or `managedClusters`"),
    ),
    request_body = ConnectRequest,
    responses(
        (status = 200, description = "It has this kubeconfig now.", body = Cluster),
        (status = 201, description = "It is connected.", body = Cluster),
        Refusals,
    ),
)]
pub(super) async fn connect(
    State(resources): State<Resources>,
    Caller(actor): Caller,
    ClusterNames(path): ClusterNames,
    JsonBody(body): JsonBody,
) -> Result<(StatusCode, Json<Cluster>), ArmError> {
    let mut faults = Vec::new();
    let mut body = Reader::new(body, &mut faults);
    let kubeconfig = body.text("kubeconfig").unwrap_or_default();
    let context = body.text("context").unwrap_or_default();
    body.finish();
    if !faults.is_empty() {
        return Err(ArmError::faults("InvalidRequestContent", faults));
    }
    let Put { created, resource } = resources.put_cluster(&actor, &path, &kubeconfig, &context).await?;
    let status = if created { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(resource.into())))
}

/// Forgets a cluster. Nothing in it is touched.
#[utoipa::path(
    delete,
    path = "/api/v1/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/clusters/{clusterName}",
    operation_id = "Clusters_Disconnect",
    tag = "portal",
    params(
        ("subscriptionId" = String, Path), ("resourceGroupName" = String, Path), ("clusterName" = String, Path),
        ("clusterType" = Option<String>, Query, description = "`connectedClusters` or `managedClusters`"),
    ),
    responses(
        (status = 200, description = "It is forgotten."),
        (status = 204, description = "There is nothing of this name."),
        Refusals,
    ),
)]
pub(super) async fn disconnect(
    State(resources): State<Resources>,
    Caller(actor): Caller,
    ClusterNames(path): ClusterNames,
) -> Result<StatusCode, ArmError> {
    let gone = resources.disconnect_cluster(&actor, &path).await?;
    Ok(if gone { StatusCode::OK } else { StatusCode::NO_CONTENT })
}

impl From<ClusterResource> for Cluster {
    fn from(resource: ClusterResource) -> Self {
        let ClusterResource { path, status, last_seen, connected_at } = resource;
        let ClusterStatus { connectivity, reason, detail, facts } = status;
        let id = cluster_id(&path);
        let ClusterPath { cluster: name, .. } = path;
        Self {
            id,
            name,
            connectivity: connectivity.as_str().to_owned(),
            message: connection_reason_sentence(Locale::English, &reason),
            detail,
            kubernetes_version: facts.map(|facts| facts.kubernetes_version),
            connected_at: iso(connected_at),
            last_seen: last_seen.map(iso),
        }
    }
}
