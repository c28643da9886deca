//! `/api/v1/…/configurations/{name}/…`: sync, suspend, resume, history.

use axum::Json;
use axum::extract::State;
use catalogue::{Locale, reason_sentence};
use domain::service::HistoryRow;
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::rest::arm::Refusals;
use crate::rest::arm::configuration::SourceControlConfiguration;
use crate::rest::caller::Caller;
use crate::rest::error::ArmError;
use crate::rest::input::ConfigurationNames;
use crate::rest::time::iso;
use crate::router::Resources;

/// Recorded syncs, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct History {
    value: Vec<Sync>,
}

/// A recorded sync.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Sync {
    id: String,
    /// Commit.
    revision: Option<String>,
    /// First line of its message, and its author.
    subject: Option<String>,
    /// `Pending`, `Installed` or `Failed`
    compliance_state: String,
    message: String,
    ended_at: String,
    duration_milliseconds: i64,
    created: u32,
    configured: u32,
    unchanged: u32,
    refused: u32,
    left_out: u32,
    /// It was begun again after the server had ended in the middle of it.
    resumed: bool,
}

/// Asks for a sync as soon as possible; it is not waited for.
#[utoipa::path(
    post,
    path = "/api/v1/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/clusters/{clusterName}/configurations/{sourceControlConfigurationName}/sync",
    operation_id = "Configurations_Sync",
    tag = "portal",
    params(
        ("subscriptionId" = String, Path), ("resourceGroupName" = String, Path), ("clusterName" = String, Path),
        ("sourceControlConfigurationName" = String, Path),
        ("clusterType" = Option<String>, Query, description = "`connectedClusters` or `managedClusters`"),
    ),
    responses((status = 202, description = "It will be synced."), Refusals),
)]
pub(super) async fn sync(
    State(resources): State<Resources>,
    Caller(actor): Caller,
    ConfigurationNames(path): ConfigurationNames,
) -> Result<StatusCode, ArmError> {
    resources.sync_configuration(&actor, &path).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Stops the syncs; one that runs comes to its end. Nothing in the cluster is touched.
#[utoipa::path(
    post,
    path = "/api/v1/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/clusters/{clusterName}/configurations/{sourceControlConfigurationName}/suspend",
    operation_id = "Configurations_Suspend",
    tag = "portal",
    params(
        ("subscriptionId" = String, Path), ("resourceGroupName" = String, Path), ("clusterName" = String, Path),
        ("sourceControlConfigurationName" = String, Path),
        ("clusterType" = Option<String>, Query, description = "`connectedClusters` or `managedClusters`"),
    ),
    responses((status = 200, description = "It is suspended.", body = SourceControlConfiguration), Refusals),
)]
pub(super) async fn suspend(
    State(resources): State<Resources>,
    Caller(actor): Caller,
    ConfigurationNames(path): ConfigurationNames,
) -> Result<Json<SourceControlConfiguration>, ArmError> {
    Ok(Json(resources.suspend_configuration(&actor, &path, true).await?.into()))
}

/// Lets the syncs go on; the next one is due at once.
#[utoipa::path(
    post,
    path = "/api/v1/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/clusters/{clusterName}/configurations/{sourceControlConfigurationName}/resume",
    operation_id = "Configurations_Resume",
    tag = "portal",
    params(
        ("subscriptionId" = String, Path), ("resourceGroupName" = String, Path), ("clusterName" = String, Path),
        ("sourceControlConfigurationName" = String, Path),
        ("clusterType" = Option<String>, Query, description = "`connectedClusters` or `managedClusters`"),
    ),
    responses((status = 200, description = "It goes on.", body = SourceControlConfiguration), Refusals),
)]
pub(super) async fn resume(
    State(resources): State<Resources>,
    Caller(actor): Caller,
    ConfigurationNames(path): ConfigurationNames,
) -> Result<Json<SourceControlConfiguration>, ArmError> {
    Ok(Json(resources.suspend_configuration(&actor, &path, false).await?.into()))
}

/// Lists the recorded syncs, newest first.
#[utoipa::path(
    get,
    path = "/api/v1/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/clusters/{clusterName}/configurations/{sourceControlConfigurationName}/history",
    operation_id = "Configurations_History",
    tag = "portal",
    params(
        ("subscriptionId" = String, Path), ("resourceGroupName" = String, Path), ("clusterName" = String, Path),
        ("sourceControlConfigurationName" = String, Path),
        ("clusterType" = Option<String>, Query, description = "`connectedClusters` or `managedClusters`"),
    ),
    responses((status = 200, description = "The last ones.", body = History), Refusals),
)]
pub(super) async fn history(
    State(resources): State<Resources>,
    Caller(actor): Caller,
    ConfigurationNames(path): ConfigurationNames,
) -> Result<Json<History>, ArmError> {
    let rows = resources.history(&actor, &path).await?;
    Ok(Json(History { value: rows.into_iter().map(Sync::from).collect() }))
}

impl From<HistoryRow> for Sync {
    fn from(row: HistoryRow) -> Self {
        Self {
            id: row.id.to_string(),
            revision: row.revision,
            subject: row.subject,
            compliance_state: row.compliance.as_str().to_owned(),
            message: reason_sentence(Locale::English, &row.reason),
            ended_at: iso(row.ended_at.at),
            duration_milliseconds: row.duration_milliseconds,
            created: row.counts.created,
            configured: row.counts.configured,
            unchanged: row.counts.unchanged,
            refused: row.counts.refused,
            left_out: row.counts.left_out,
            resumed: row.resumed,
        }
    }
}
