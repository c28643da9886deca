//! `/api/v1/subscriptions/ID/outbound`: which hosts a subscription's configurations and clusters may lead to.

use axum::Json;
use axum::extract::State;
use domain::outbound::OUTBOUND_ENTRIES_MAX;
use domain::service::OutboundView;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::quota::Access;
use crate::rest::arm::Refusals;
use crate::rest::caller::Caller;
use crate::rest::error::ArmError;
use crate::rest::input::{JsonBody, Reader, SubscriptionName};

/// The list; one that is missing, null or empty leaves it to the server's own policy.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[expect(dead_code, reason = "the document is made of it")]
pub(super) struct OutboundRequest {
    /// Host names (`git.example.com`), names with all below them (`*.example.com`), addresses and ranges (`10.1.0.0/16`).
    #[schema(max_items = 100, example = json!(["git.example.com", "*.example.com", "10.1.0.0/16"]))]
    hosts: Option<Vec<String>>,
    /// Of the list that was read: another one refuses the change (412). Without it the last change wins.
    #[schema(minimum = 0, maximum = 4_294_967_295_u32)]
    version: Option<u32>,
}

/// The list. It narrows what the server's own policy allows; an empty one leaves it as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct OutboundAnswer {
    hosts: Vec<String>,
    /// Grows with every change.
    version: i64,
}

/// Reads which hosts a subscription's configurations and clusters may lead to.
#[utoipa::path(
    get,
    path = "/api/v1/subscriptions/{subscriptionId}/outbound",
    operation_id = "Subscriptions_GetOutbound",
    tag = "portal",
    params(("subscriptionId" = String, Path)),
    responses((status = 200, description = "The list.", body = OutboundAnswer), Refusals),
)]
pub(super) async fn get(
    State(access): State<Access>,
    Caller(actor): Caller,
    SubscriptionName(subscription): SubscriptionName,
) -> Result<Json<OutboundAnswer>, ArmError> {
    Ok(Json(access.outbound(&actor, subscription).await?.into()))
}

/// Replaces which hosts a subscription's configurations and clusters may lead to; for its owners. It holds for every
/// connection that is made from then on.
#[utoipa::path(
    put,
    path = "/api/v1/subscriptions/{subscriptionId}/outbound",
    operation_id = "Subscriptions_SetOutbound",
    tag = "portal",
    params(("subscriptionId" = String, Path)),
    request_body = OutboundRequest,
    responses((status = 200, description = "The list as it is now.", body = OutboundAnswer), Refusals),
)]
pub(super) async fn set(
    State(access): State<Access>,
    Caller(actor): Caller,
    SubscriptionName(subscription): SubscriptionName,
    JsonBody(body): JsonBody,
) -> Result<Json<OutboundAnswer>, ArmError> {
    let mut faults = Vec::new();
    let mut body = Reader::new(body, &mut faults);
    let hosts = body.list("hosts", OUTBOUND_ENTRIES_MAX).unwrap_or_default();
    let version = body.number("version", 0, u32::MAX).map(i64::from);
    body.finish();
    if !faults.is_empty() {
        return Err(ArmError::faults("InvalidRequestContent", faults));
    }
    Ok(Json(access.set_outbound(&actor, subscription, &hosts, version).await?.into()))
}

impl From<OutboundView> for OutboundAnswer {
    fn from(OutboundView { hosts, version, may_change: _ }: OutboundView) -> Self {
        Self { hosts, version }
    }
}
