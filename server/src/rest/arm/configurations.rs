//! `…/sourceControlConfigurations`

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use catalogue::{Locale, text};
use domain::service::{ConfigurationResource, ServiceError};
use http::{StatusCode, header};

use super::Refusals;
use super::clusters::no_cluster;
use super::configuration::{
    ConfigurationRequest, Sent, SourceControlConfiguration, SourceControlConfigurationList, read,
};
use crate::rest::caller::Caller;
use crate::rest::error::ArmError;
use crate::rest::input::{
    ApiVersion, ClusterNames, Condition, ConfigurationNames, Configurations, JsonBody, Page, entity_tag,
};
use crate::rest::link::Here;
use crate::router::Resources;

/// Reads a configuration.
#[utoipa::path(
    get,
    path = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/{clusterRp}/{clusterResourceName}/{clusterName}/providers/Microsoft.KubernetesConfiguration/sourceControlConfigurations/{sourceControlConfigurationName}",
    operation_id = "SourceControlConfigurations_Get",
    tag = "arm",
    params(
        ("subscriptionId" = String, Path), ("resourceGroupName" = String, Path), ("clusterRp" = String, Path),
        ("clusterResourceName" = String, Path), ("clusterName" = String, Path),
        ("sourceControlConfigurationName" = String, Path), ("api-version" = String, Query),
    ),
    responses((status = 200, description = "There it is.", body = SourceControlConfiguration), Refusals),
)]
pub(super) async fn get(
    State(resources): State<Resources>,
    _: ApiVersion<Configurations>,
    Caller(actor): Caller,
    ConfigurationNames(path): ConfigurationNames,
) -> Result<Response, ArmError> {
    let found = resources.configuration(&actor, &path).await;
    let found = found.map_err(|error| no_configuration(error, &path.configuration))?;
    Ok(tagged(StatusCode::OK, found))
}

/// Makes a configuration or replaces it. Its first sync begins at once.
#[utoipa::path(
    put,
    path = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/{clusterRp}/{clusterResourceName}/{clusterName}/providers/Microsoft.KubernetesConfiguration/sourceControlConfigurations/{sourceControlConfigurationName}",
    operation_id = "SourceControlConfigurations_CreateOrUpdate",
    tag = "arm",
    params(
        ("subscriptionId" = String, Path), ("resourceGroupName" = String, Path), ("clusterRp" = String, Path),
        ("clusterResourceName" = String, Path), ("clusterName" = String, Path),
        ("sourceControlConfigurationName" = String, Path), ("api-version" = String, Query),
        ("If-Match" = Option<String>, Header), ("If-None-Match" = Option<String>, Header),
    ),
    request_body = ConfigurationRequest,
    responses(
        (status = 200, description = "It was replaced.", body = SourceControlConfiguration),
        (status = 201, description = "It was made.", body = SourceControlConfiguration),
        Refusals,
    ),
)]
pub(super) async fn put(
    State(resources): State<Resources>,
    _: ApiVersion<Configurations>,
    Caller(actor): Caller,
    ConfigurationNames(path): ConfigurationNames,
    Condition(condition): Condition,
    JsonBody(body): JsonBody,
) -> Result<Response, ArmError> {
    let Sent { draft, credential } = read(&path.configuration, body)?;
    let put = resources.put_configuration(&actor, &path, &draft, &credential, &condition).await;
    let put = put.map_err(|error| no_cluster(error, &path.cluster))?;
    let status = if put.created { StatusCode::CREATED } else { StatusCode::OK };
    Ok(tagged(status, put.resource))
}

/// Deletes a configuration; what it applied stays in the cluster.
#[utoipa::path(
    delete,
    path = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/{clusterRp}/{clusterResourceName}/{clusterName}/providers/Microsoft.KubernetesConfiguration/sourceControlConfigurations/{sourceControlConfigurationName}",
    operation_id = "SourceControlConfigurations_Delete",
    tag = "arm",
    params(
        ("subscriptionId" = String, Path), ("resourceGroupName" = String, Path), ("clusterRp" = String, Path),
        ("clusterResourceName" = String, Path), ("clusterName" = String, Path),
        ("sourceControlConfigurationName" = String, Path), ("api-version" = String, Query),
        ("If-Match" = Option<String>, Header),
    ),
    responses(
        (status = 200, description = "It was deleted."),
        (status = 204, description = "There is nothing of this name."),
        Refusals,
    ),
)]
pub(super) async fn delete(
    State(resources): State<Resources>,
    _: ApiVersion<Configurations>,
    Caller(actor): Caller,
    ConfigurationNames(path): ConfigurationNames,
    Condition(condition): Condition,
) -> Result<StatusCode, ArmError> {
    // Never 202: the SDKs take it for an error, and there is nothing to wait for.
    let deleted = resources.delete_configuration(&actor, &path, &condition).await?;
    Ok(if deleted { StatusCode::OK } else { StatusCode::NO_CONTENT })
}

/// Lists the configurations of a cluster, by name.
#[utoipa::path(
    get,
    path = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/{clusterRp}/{clusterResourceName}/{clusterName}/providers/Microsoft.KubernetesConfiguration/sourceControlConfigurations",
    operation_id = "SourceControlConfigurations_List",
    tag = "arm",
    params(
        ("subscriptionId" = String, Path), ("resourceGroupName" = String, Path), ("clusterRp" = String, Path),
        ("clusterResourceName" = String, Path), ("clusterName" = String, Path), ("api-version" = String, Query),
        ("$top" = Option<u32>, Query, minimum = 1), ("$skiptoken" = Option<String>, Query),
    ),
    responses((status = 200, description = "A page.", body = SourceControlConfigurationList), Refusals),
)]
pub(super) async fn list(
    State(resources): State<Resources>,
    _: ApiVersion<Configurations>,
    Caller(actor): Caller,
    ClusterNames(path): ClusterNames,
    Page(slice): Page,
    here: Here,
) -> Result<Json<SourceControlConfigurationList>, ArmError> {
    let found = resources.configurations(&actor, &path, &slice).await;
    let found = found.map_err(|error| no_cluster(error, &path))?;
    Ok(Json(SourceControlConfigurationList {
        value: found.items.into_iter().map(SourceControlConfiguration::from).collect(),
        next_link: found.next.map(|after| here.next(&after)),
    }))
}

/// Microsoft's command line looks for this very sentence.
fn no_configuration(error: ServiceError, name: &str) -> ArmError {
    let message = || text::rest_configuration_missing(Locale::English, name);
    ArmError::from(error).missing("ResourceNotFound", message)
}

/// With the tag that a later `If-Match` names.
fn tagged(status: StatusCode, resource: ConfigurationResource) -> Response {
    let tag = entity_tag(resource.tag);
    let mut response = (status, Json(SourceControlConfiguration::from(resource))).into_response();
    if let Some(tag) = tag {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}
