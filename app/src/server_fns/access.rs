//! Places, roles and service accounts.

use domain::id::{ResourceGroupId, RoleAssignmentId, SubscriptionId, UserId};
use domain::service::{NewToken, OutboundView, PlaceDetail, PlaceList, QuotaView, ServiceAccountTokens};
use leptos::prelude::*;
use uuid::Uuid;

use crate::error::WireError;
use crate::wire::Answer;

#[cfg(feature = "ssr")]
use self::server::{access, tokens};
#[cfg(feature = "ssr")]
use crate::{
    context::{actor, refused},
    routes,
};
#[cfg(feature = "ssr")]
use domain::service::GroupRef;

/// Everything the actor sees something of.
#[server(prefix = "/api/portal", endpoint = "list_places", output = Answer)]
pub async fn list_places() -> Result<PlaceList, WireError> {
    access()?.places(&actor()?).await.map_err(refused)
}

/// One place.
#[server(prefix = "/api/portal", endpoint = "get_place", output = Answer)]
pub async fn get_place(id: Uuid) -> Result<PlaceDetail, WireError> {
    access()?.place(&actor()?, id).await.map_err(refused)
}

/// Makes a subscription and goes to it.
#[server(prefix = "/api/portal", endpoint = "create_subscription", output = Answer)]
pub async fn create_subscription(
    #[server(default)] display_name: String,
    #[server(default)] subscription: String,
) -> Result<(), WireError> {
    let made = access()?.create_subscription(&actor()?, &subscription, &display_name).await;
    let id = made.map_err(refused)?;
    leptos_axum::redirect(&routes::place(id.0));
    Ok(())
}

/// Gives a subscription or resource group another display name.
#[server(prefix = "/api/portal", endpoint = "rename_place", output = Answer)]
pub async fn rename_place(id: Uuid, #[server(default)] display_name: String) -> Result<(), WireError> {
    access()?.rename(&actor()?, id, &display_name).await.map_err(refused)
}

/// Deletes an empty subscription and goes to the list.
#[server(prefix = "/api/portal", endpoint = "delete_subscription", output = Answer)]
pub async fn delete_subscription(id: SubscriptionId) -> Result<(), WireError> {
    access()?.delete_subscription(&actor()?, id).await.map_err(refused)?;
    leptos_axum::redirect(routes::PLACES);
    Ok(())
}

/// Makes a resource group and goes to it.
#[server(prefix = "/api/portal", endpoint = "create_resource_group", output = Answer)]
pub async fn create_resource_group(
    subscription: SubscriptionId,
    #[server(default)] resource_group_name: String,
) -> Result<(), WireError> {
    let made = access()?.create_resource_group(&actor()?, subscription, &resource_group_name).await;
    let id = made.map_err(refused)?;
    leptos_axum::redirect(&routes::place(id.0));
    Ok(())
}

/// How much a resource group may hold and do.
#[server(prefix = "/api/portal", endpoint = "get_quota", output = Answer)]
pub async fn get_quota(group: ResourceGroupId) -> Result<QuotaView, WireError> {
    access()?.quota(&actor()?, &GroupRef::Id(group)).await.map_err(refused)
}

/// Changes that.
#[server(prefix = "/api/portal", endpoint = "set_quota", output = Answer)]
pub async fn set_quota(
    group: ResourceGroupId,
    #[server(default)] version: i64,
    #[server(default)] quota_configurations: String,
    #[server(default)] quota_clusters: String,
    #[server(default)] quota_objects_per_sync: String,
    #[server(default)] quota_syncs_per_hour: String,
    #[server(default)] quota_repository_mebibytes: String,
) -> Result<(), WireError> {
    let draft = domain::quota::QuotaDraft {
        configurations: quota_configurations,
        clusters: quota_clusters,
        objects_per_sync: quota_objects_per_sync,
        syncs_per_hour: quota_syncs_per_hour,
        repository_mebibytes: quota_repository_mebibytes,
    };
    let set = access()?.set_quota(&actor()?, &GroupRef::Id(group), &draft, Some(version)).await;
    set.map(drop).map_err(refused)
}

/// Which hosts a subscription's configurations and clusters may lead to.
#[server(prefix = "/api/portal", endpoint = "get_outbound", output = Answer)]
pub async fn get_outbound(subscription: SubscriptionId) -> Result<OutboundView, WireError> {
    access()?.outbound(&actor()?, subscription).await.map_err(refused)
}

/// Changes that.
#[server(prefix = "/api/portal", endpoint = "set_outbound", output = Answer)]
pub async fn set_outbound(
    subscription: SubscriptionId,
    #[server(default)] version: i64,
    #[server(default)] outbound_hosts: String,
) -> Result<(), WireError> {
    let hosts = domain::outbound::split(&outbound_hosts);
    let set = access()?.set_outbound(&actor()?, subscription, &hosts, Some(version)).await;
    set.map(drop).map_err(refused)
}

/// Deletes an empty resource group and goes to its subscription.
#[server(prefix = "/api/portal", endpoint = "delete_resource_group", output = Answer)]
pub async fn delete_resource_group(
    id: ResourceGroupId,
    subscription: SubscriptionId,
) -> Result<(), WireError> {
    access()?.delete_resource_group(&actor()?, id).await.map_err(refused)?;
    leptos_axum::redirect(&routes::place(subscription.0));
    Ok(())
}

/// Assigns a role at a place.
#[server(prefix = "/api/portal", endpoint = "assign_role", output = Answer)]
pub async fn assign_role(
    place: Uuid,
    #[server(default)] principal: String,
    #[server(default)] provider: String,
    #[server(default)] role: String,
) -> Result<(), WireError> {
    let draft = domain::service::AssignmentDraft { principal, provider, role };
    access()?.assign(&actor()?, place, &draft).await.map(drop).map_err(refused)
}

/// Takes a role back.
#[server(prefix = "/api/portal", endpoint = "unassign_role", output = Answer)]
pub async fn unassign_role(id: RoleAssignmentId) -> Result<(), WireError> {
    access()?.unassign(&actor()?, id).await.map_err(refused)
}

/// Makes a service account and goes to it.
#[server(prefix = "/api/portal", endpoint = "create_service_account", output = Answer)]
pub async fn create_service_account(
    place: Uuid,
    #[server(default)] service_account_name: String,
    #[server(default)] service_account_role: String,
) -> Result<(), WireError> {
    let actor = actor()?;
    let made =
        access()?.create_service_account(&actor, place, &service_account_name, &service_account_role).await;
    let id = made.map_err(refused)?;
    leptos_axum::redirect(&routes::service_account(id));
    Ok(())
}

/// Forgets a service account and goes to its place.
#[server(prefix = "/api/portal", endpoint = "delete_service_account", output = Answer)]
pub async fn delete_service_account(id: UserId, place: Uuid) -> Result<(), WireError> {
    access()?.delete_service_account(&actor()?, id).await.map_err(refused)?;
    leptos_axum::redirect(&routes::place(place));
    Ok(())
}

/// A service account's tokens.
#[server(prefix = "/api/portal", endpoint = "list_service_account_tokens", output = Answer)]
pub async fn list_service_account_tokens(account: UserId) -> Result<ServiceAccountTokens, WireError> {
    tokens()?.list_of(&actor()?, account).await.map_err(refused)
}

/// Makes a token of a service account. The page that answers shows it, and no other.
#[server(prefix = "/api/portal", endpoint = "create_service_account_token", output = Answer)]
pub async fn create_service_account_token(
    account: UserId,
    #[server(default)] token_name: String,
    #[server(default)] token_days: String,
    #[server(default)] token_role: String,
    #[server(default)] token_place: String,
) -> Result<NewToken, WireError> {
    let draft = domain::service::TokenDraft {
        name: token_name,
        days: token_days,
        role: token_role,
        place: token_place,
    };
    let made = tokens()?.create_for(&actor()?, account, &draft).await.map_err(refused)?;
    crate::forms::show_answer();
    Ok(made)
}

/// Ends a token of a service account.
#[server(prefix = "/api/portal", endpoint = "end_service_account_token", output = Answer)]
pub async fn end_service_account_token(account: UserId, id: domain::id::TokenId) -> Result<(), WireError> {
    tokens()?.end_of(&actor()?, account, id).await.map_err(refused)
}

#[cfg(feature = "ssr")]
mod server {
    use std::sync::Arc;

    use domain::service::{AccessService, TokenService};

    use crate::context::service;
    use crate::error::WireError;

    pub(super) fn access() -> Result<Arc<dyn AccessService>, WireError> {
        service()
    }

    pub(super) fn tokens() -> Result<Arc<dyn TokenService>, WireError> {
        service()
    }
}
