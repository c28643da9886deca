//! Registrations of resource providers: Microsoft's command line asks before it makes a configuration.

use axum::Json;
use axum::extract::State;
use catalogue::{Locale, text};
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::Refusals;
use super::clusters::no_subscription;
use crate::rest::caller::Caller;
use crate::rest::error::ArmError;
use crate::rest::input::{
    ApiVersion, Clusters, Configurations, ProviderName, Providers, SubscriptionName, Versions,
};
use crate::router::Resources;

/// `Provider`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Provider {
    id: String,
    namespace: String,
    /// Always `Registered`: there is nothing to register.
    registration_state: String,
    registration_policy: String,
    resource_types: Vec<ResourceType>,
}

/// `ProviderResourceType`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ResourceType {
    #[serde(rename = "resourceType")]
    kind: String,
    locations: Vec<String>,
    api_versions: Vec<String>,
}

/// Reads the registration of a provider.
#[utoipa::path(
    get,
    path = "/subscriptions/{subscriptionId}/providers/{resourceProviderNamespace}",
    operation_id = "Providers_Get",
    tag = "arm",
    params(
        ("subscriptionId" = String, Path), ("resourceProviderNamespace" = String, Path),
        ("api-version" = String, Query),
    ),
    responses((status = 200, description = "It is registered.", body = Provider), Refusals),
)]
pub(super) async fn get(
    State(resources): State<Resources>,
    _: ApiVersion<Providers>,
    Caller(actor): Caller,
    SubscriptionName(subscription): SubscriptionName,
    ProviderName(namespace): ProviderName,
) -> Result<Json<Provider>, ArmError> {
    let seen = resources.subscription(&actor, subscription).await;
    seen.map_err(|error| no_subscription(error, &subscription.to_string()))?;
    let types = match namespace.as_str() {
        "Microsoft.KubernetesConfiguration" => vec![kind::<Configurations>()],
        "Microsoft.Kubernetes" => vec![kind::<Clusters>()],
        _ => {
            let message = text::rest_provider_missing(Locale::English, &namespace);
            return Err(ArmError::new(StatusCode::NOT_FOUND, "InvalidResourceNamespace", message));
        }
    };
    Ok(Json(Provider {
        id: format!("/subscriptions/{subscription}/providers/{namespace}"),
        namespace,
        registration_state: "Registered".to_owned(),
        registration_policy: "RegistrationFree".to_owned(),
        resource_types: types,
    }))
}

fn kind<Kind: Versions>() -> ResourceType {
    ResourceType {
        kind: Kind::TYPE.to_owned(),
        locations: Vec::new(),
        api_versions: Kind::KNOWN.iter().rev().map(|version| (*version).to_owned()).collect(),
    }
}
