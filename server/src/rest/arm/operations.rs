//! What each provider can do, as ARM lists it.

use axum::Json;
use catalogue::{Locale, text};
use serde::Serialize;
use utoipa::ToSchema;

use super::Refusals;
use crate::rest::caller::Caller;
use crate::rest::input::{ApiVersion, Clusters, Configurations};

/// `OperationListResult`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct OperationList {
    value: Vec<Operation>,
    /// All are on one page.
    next_link: Option<String>,
}

/// `Operation`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Operation {
    name: String,
    display: Display,
    is_data_action: bool,
    origin: String,
}

/// `OperationDisplay`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct Display {
    provider: String,
    resource: String,
    operation: String,
    description: String,
}

/// Lists the operations on configurations.
#[utoipa::path(
    get,
    path = "/providers/Microsoft.KubernetesConfiguration/operations",
    operation_id = "Operations_List",
    tag = "arm",
    params(("api-version" = String, Query)),
    responses((status = 200, description = "All of them.", body = OperationList), Refusals),
)]
pub(super) async fn of_configurations(_: ApiVersion<Configurations>, _: Caller) -> Json<OperationList> {
    let locale = Locale::English;
    let kind = "sourceControlConfigurations";
    Json(list(
        "Microsoft.KubernetesConfiguration",
        &[
            (kind, "read", text::operation_read_configurations(locale)),
            (kind, "write", text::operation_write_configurations(locale)),
            (kind, "delete", text::operation_delete_configurations(locale)),
            ("operations", "read", text::operation_read_operations(locale)),
        ],
    ))
}

/// Lists the operations on connected clusters.
#[utoipa::path(
    get,
    path = "/providers/Microsoft.Kubernetes/operations",
    operation_id = "ConnectedClusterOperations_List",
    tag = "arm",
    params(("api-version" = String, Query)),
    responses((status = 200, description = "All of them.", body = OperationList), Refusals),
)]
pub(super) async fn of_clusters(_: ApiVersion<Clusters>, _: Caller) -> Json<OperationList> {
    let locale = Locale::English;
    Json(list(
        "Microsoft.Kubernetes",
        &[
            ("connectedClusters", "read", text::operation_read_clusters(locale)),
            ("operations", "read", text::operation_read_operations(locale)),
        ],
    ))
}

fn list(provider: &str, operations: &[(&str, &str, &str)]) -> OperationList {
    let operation = |(resource, verb, description): &(&str, &str, &str)| Operation {
        name: format!("{provider}/{resource}/{verb}"),
        display: Display {
            provider: provider.to_owned(),
            resource: (*resource).to_owned(),
            operation: (*verb).to_owned(),
            description: (*description).to_owned(),
        },
        is_data_action: false,
        origin: "user,system".to_owned(),
    };
    OperationList { value: operations.iter().map(operation).collect(), next_link: None }
}
