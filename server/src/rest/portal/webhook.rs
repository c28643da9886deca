//! `/api/v1/…/configurations/{name}/webhook`: where a Git host tells of pushes.

use axum::Json;
use axum::extract::State;
use domain::service::NewWebhook;
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::rest::arm::Refusals;
use crate::rest::caller::Caller;
use crate::rest::error::ArmError;
use crate::rest::input::ConfigurationNames;
use crate::rest::link::Here;
use crate::router::Resources;

/// A webhook that was made just now.
#[derive(Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct Webhook {
    /// Where the Git host sends to.
    address: String,
    /// By which it signs, or which it sends along. It is told this one time.
    secret: String,
}

/// Makes the webhook of a configuration, or a new secret for the one it has; the one before opens nothing any more.
#[utoipa::path(
    post,
    path = "/api/v1/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/clusters/{clusterName}/configurations/{sourceControlConfigurationName}/webhook",
    operation_id = "Configurations_MakeWebhook",
    tag = "portal",
    params(
        ("subscriptionId" = String, Path), ("resourceGroupName" = String, Path), ("clusterName" = String, Path),
        ("sourceControlConfigurationName" = String, Path),
        ("clusterType" = Option<String>, Query, description = "`connectedClusters` or `managedClusters`"),
    ),
    responses((status = 201, description = "It is made.", body = Webhook), Refusals),
)]
pub(super) async fn make(
    State(resources): State<Resources>,
    Caller(actor): Caller,
    ConfigurationNames(path): ConfigurationNames,
    here: Here,
) -> Result<(StatusCode, Json<Webhook>), ArmError> {
    let NewWebhook { address, secret } = resources.make_webhook(&actor, &path).await?.at(here.origin());
    Ok((StatusCode::CREATED, Json(Webhook { address, secret })))
}

/// Removes the webhook of a configuration.
#[utoipa::path(
    delete,
    path = "/api/v1/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/clusters/{clusterName}/configurations/{sourceControlConfigurationName}/webhook",
    operation_id = "Configurations_DeleteWebhook",
    tag = "portal",
    params(
        ("subscriptionId" = String, Path), ("resourceGroupName" = String, Path), ("clusterName" = String, Path),
        ("sourceControlConfigurationName" = String, Path),
        ("clusterType" = Option<String>, Query, description = "`connectedClusters` or `managedClusters`"),
    ),
    responses(
        (status = 200, description = "It is removed."),
        (status = 204, description = "There is none."),
        Refusals,
    ),
)]
pub(super) async fn delete(
    State(resources): State<Resources>,
    Caller(actor): Caller,
    ConfigurationNames(path): ConfigurationNames,
) -> Result<StatusCode, ArmError> {
    let removed = resources.remove_webhook(&actor, &path).await?;
    Ok(if removed { StatusCode::OK } else { StatusCode::NO_CONTENT })
}
