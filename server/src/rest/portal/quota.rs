//! `/api/v1/…/resourceGroups/NAME/quota`: how much a resource group may hold and do.

use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRef, State};
use domain::quota::{QUOTA_MAX, QuotaDraft, QuotaKind};
use domain::service::{AccessService, ClusterScope, GroupRef, QuotaView};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::rest::arm::Refusals;
use crate::rest::caller::Caller;
use crate::rest::error::ArmError;
use crate::rest::input::{GroupName, JsonBody, Reader};
use crate::router::AppState;

/// The use cases on places.
pub(super) type Access = Arc<dyn AccessService>;

impl FromRef<AppState> for Access {
    fn from_ref(state: &AppState) -> Self {
        state.access.clone()
    }
}

/// All five limits; one that is missing or null is no limit beyond the server's own.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[expect(dead_code, reason = "the document is made of it")]
pub(super) struct QuotaRequest {
    /// Configurations on all clusters of the resource group together.
    #[schema(minimum = 0, maximum = 1_000_000)]
    configurations: Option<u32>,
    /// Connected clusters.
    #[schema(minimum = 0, maximum = 1_000_000)]
    clusters: Option<u32>,
    /// Objects that one sync of one configuration may bring; a sync with more fails before it applies anything.
    #[schema(minimum = 1, maximum = 1_000_000)]
    objects_per_sync: Option<u32>,
    /// Syncs within any 60 minutes that bring a new revision, or objects to make or to put right; a sync beyond that waits.
    #[schema(minimum = 1, maximum = 1_000_000)]
    syncs_per_hour: Option<u32>,
    /// Size in MiB of what is fetched of one repository.
    #[schema(minimum = 1, maximum = 1_000_000)]
    repository_mebibytes: Option<u32>,
    /// Of the quota that was read: another one refuses the change (412). Without it the last change wins.
    #[schema(minimum = 0, maximum = 4_294_967_295_u32)]
    version: Option<u32>,
}

/// The limits and how much of them is used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct QuotaAnswer {
    configurations: Option<u32>,
    clusters: Option<u32>,
    objects_per_sync: Option<u32>,
    syncs_per_hour: Option<u32>,
    repository_mebibytes: Option<u32>,
    /// Grows with every change.
    version: i64,
    used: QuotaUsed,
}

/// How much is used. What is fetched of a repository is measured while it is fetched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct QuotaUsed {
    configurations: u32,
    clusters: u32,
    /// Of the configuration that has most.
    objects_per_sync: u32,
    /// Within the last 60 minutes.
    syncs_per_hour: u32,
}

/// Reads the quotas of a resource group, and how much of them is used.
#[utoipa::path(
    get,
    path = "/api/v1/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/quota",
    operation_id = "ResourceGroups_GetQuota",
    tag = "portal",
    params(("subscriptionId" = String, Path), ("resourceGroupName" = String, Path)),
    responses((status = 200, description = "The limits and their use.", body = QuotaAnswer), Refusals),
)]
pub(super) async fn get(
    State(access): State<Access>,
    Caller(actor): Caller,
    GroupName(scope): GroupName,
) -> Result<Json<QuotaAnswer>, ArmError> {
    Ok(Json(access.quota(&actor, &named(scope)).await?.into()))
}

/// Replaces the quotas of a resource group; for owners of the subscription. What is there already stays.
#[utoipa::path(
    put,
    path = "/api/v1/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/quota",
    operation_id = "ResourceGroups_SetQuota",
    tag = "portal",
    params(("subscriptionId" = String, Path), ("resourceGroupName" = String, Path)),
    request_body = QuotaRequest,
    responses((status = 200, description = "The limits as they are now.", body = QuotaAnswer), Refusals),
)]
pub(super) async fn set(
    State(access): State<Access>,
    Caller(actor): Caller,
    GroupName(scope): GroupName,
    JsonBody(body): JsonBody,
) -> Result<Json<QuotaAnswer>, ArmError> {
    let mut faults = Vec::new();
    let mut body = Reader::new(body, &mut faults);
    let mut limit = |kind: QuotaKind| {
        let number = body.number(kind.field().json_path(), kind.min(), QUOTA_MAX);
        number.map(|number| number.to_string()).unwrap_or_default()
    };
    let draft = QuotaDraft {
        configurations: limit(QuotaKind::Configurations),
        clusters: limit(QuotaKind::Clusters),
        objects_per_sync: limit(QuotaKind::ObjectsPerSync),
        syncs_per_hour: limit(QuotaKind::SyncsPerHour),
        repository_mebibytes: limit(QuotaKind::RepositorySize),
    };
    let version = body.number("version", 0, u32::MAX).map(i64::from);
    // Whoever changes an answer and sends it back sends that too.
    body.skip(&["used"]);
    body.finish();
    if !faults.is_empty() {
        return Err(ArmError::faults("InvalidRequestContent", faults));
    }
    Ok(Json(access.set_quota(&actor, &named(scope), &draft, version).await?.into()))
}

fn named(ClusterScope { subscription, resource_group }: ClusterScope) -> GroupRef {
    GroupRef::Named { subscription, name: resource_group.unwrap_or_default() }
}

impl From<QuotaView> for QuotaAnswer {
    fn from(QuotaView { quota, version, usage, may_change: _ }: QuotaView) -> Self {
        Self {
            configurations: quota.configurations,
            clusters: quota.clusters,
            objects_per_sync: quota.objects_per_sync,
            syncs_per_hour: quota.syncs_per_hour,
            repository_mebibytes: quota.repository_mebibytes,
            version,
            used: QuotaUsed {
                configurations: usage.configurations,
                clusters: usage.clusters,
                objects_per_sync: usage.objects_per_sync,
                syncs_per_hour: usage.syncs_per_hour,
            },
        }
    }
}
