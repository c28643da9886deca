//! `/api/v1/…/configurations/{name}/prune`: what left Git and is kept until a person says that it may go.

use axum::Json;
use axum::extract::State;
use domain::service::PruneListView;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::rest::arm::Refusals;
use crate::rest::caller::Caller;
use crate::rest::error::ArmError;
use crate::rest::input::{ConfigurationNames, JsonBody, Reader};
use crate::router::Resources;

/// Lists that wait.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct PruneLists {
    value: Vec<PruneList>,
}

/// Objects that are kept until somebody names this very list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PruneList {
    /// Names the list: another one has another hash.
    hash: String,
    /// `Guard`, `LeftBehind` or `Dry`
    cause: String,
    objects: Vec<PruneObject>,
}

/// An object of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct PruneObject {
    /// Empty for the core group.
    group: String,
    kind: String,
    namespace: Option<String>,
    name: String,
}

/// Which list may go.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the document is made of it")]
pub(super) struct ConfirmRequest {
    /// The hash of the list that was looked at.
    #[schema(min_length = 1)]
    hash: String,
}

/// Lists what left Git and waits for a person.
#[utoipa::path(
    get,
    path = "/api/v1/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/clusters/{clusterName}/configurations/{sourceControlConfigurationName}/prune",
    operation_id = "Configurations_PruneLists",
    tag = "portal",
    params(
        ("subscriptionId" = String, Path), ("resourceGroupName" = String, Path), ("clusterName" = String, Path),
        ("sourceControlConfigurationName" = String, Path),
        ("clusterType" = Option<String>, Query, description = "`connectedClusters` or `managedClusters`"),
    ),
    responses((status = 200, description = "All of them.", body = PruneLists), Refusals),
)]
pub(super) async fn lists(
    State(resources): State<Resources>,
    Caller(actor): Caller,
    ConfigurationNames(path): ConfigurationNames,
) -> Result<Json<PruneLists>, ArmError> {
    let lists = resources.prune_lists(&actor, &path).await?;
    Ok(Json(PruneLists { value: lists.into_iter().map(PruneList::from).collect() }))
}

/// Lets the objects of one list be deleted, and no others.
#[utoipa::path(
    post,
    path = "/api/v1/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/clusters/{clusterName}/configurations/{sourceControlConfigurationName}/prune",
    operation_id = "Configurations_ConfirmPrune",
    tag = "portal",
    params(
        ("subscriptionId" = String, Path), ("resourceGroupName" = String, Path), ("clusterName" = String, Path),
        ("sourceControlConfigurationName" = String, Path),
        ("clusterType" = Option<String>, Query, description = "`connectedClusters` or `managedClusters`"),
    ),
    request_body = ConfirmRequest,
    responses((status = 202, description = "They will be deleted."), Refusals),
)]
pub(super) async fn confirm(
    State(resources): State<Resources>,
    Caller(actor): Caller,
    ConfigurationNames(path): ConfigurationNames,
    JsonBody(body): JsonBody,
) -> Result<StatusCode, ArmError> {
    let mut faults = Vec::new();
    let mut body = Reader::new(body, &mut faults);
    let hash = body.checked("hash", |_| Ok(())).unwrap_or_default();
    body.finish();
    if !faults.is_empty() {
        return Err(ArmError::faults("InvalidRequestContent", faults));
    }
    resources.confirm_prune(&actor, &path, &hash).await?;
    Ok(StatusCode::ACCEPTED)
}

impl From<PruneListView> for PruneList {
    fn from(list: PruneListView) -> Self {
        let objects = list.objects.into_iter().map(|object| PruneObject {
            group: object.group,
            kind: object.kind,
            namespace: object.namespace,
            name: object.name,
        });
        Self { hash: list.hash, cause: list.cause.as_str().to_owned(), objects: objects.collect() }
    }
}
