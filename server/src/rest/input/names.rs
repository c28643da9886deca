//! Names in an address.

use axum::extract::{FromRequestParts, Path};
use catalogue::{Locale, text};
use domain::cluster::ClusterType;
use domain::id::SubscriptionId;
use domain::service::{ClusterPath, ClusterScope, ConfigurationPath, ServiceError};
use http::StatusCode;
use http::request::Parts;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::form_urlencoded;

use crate::rest::error::ArmError;

/// `/subscriptions/{subscriptionId}/…`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubscriptionName(pub SubscriptionId);

/// `…/providers/{resourceProviderNamespace}`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderName(pub String);

/// `…/resourceGroups/{resourceGroupName}/…`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupName(pub ClusterScope);

/// A cluster by whatever route names one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterNames(pub ClusterPath);

/// A configuration of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigurationNames(pub ConfigurationPath);

/// Every name that a route of ours may have.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Names {
    subscription_id: String,
    resource_group_name: String,
    cluster_rp: Option<String>,
    cluster_resource_name: Option<String>,
    cluster_name: String,
    source_control_configuration_name: String,
    resource_provider_namespace: String,
}

impl Names {
    fn subscription(&self) -> Result<SubscriptionId, ArmError> {
        self.subscription_id.parse().map_err(|_| {
            let message = text::rest_subscription_malformed(Locale::English, &self.subscription_id);
            ArmError::new(StatusCode::BAD_REQUEST, "InvalidSubscriptionId", message)
        })
    }

    /// Provider and type belong together; a route that names neither leaves it open.
    fn cluster_type(&self, asked: Option<&str>) -> Result<Option<ClusterType>, ArmError> {
        let of_word = |word: &str| {
            ClusterType::parse(word).ok_or_else(|| {
                let message = text::rest_type_unknown(Locale::English, word);
                ArmError::new(StatusCode::NOT_FOUND, "InvalidResourceType", message)
            })
        };
        match (&self.cluster_rp, &self.cluster_resource_name) {
            (Some(provider), Some(word)) => {
                let found = of_word(word)?;
                if found.provider().eq_ignore_ascii_case(provider) {
                    return Ok(Some(found));
                }
                let message = text::rest_type_unknown(Locale::English, &format!("{provider}/{word}"));
                Err(ArmError::new(StatusCode::NOT_FOUND, "InvalidResourceType", message))
            }
            _ => asked.map(of_word).transpose(),
        }
    }

    fn cluster(self, asked: Option<&str>) -> Result<(ClusterPath, String), ArmError> {
        let path = ClusterPath {
            subscription: self.subscription()?,
            cluster_type: self.cluster_type(asked)?,
            resource_group: self.resource_group_name,
            cluster: self.cluster_name,
        };
        Ok((path, self.source_control_configuration_name))
    }
}

async fn path<T: DeserializeOwned + Send>(parts: &mut Parts) -> Result<T, ArmError> {
    // Fails only for a name that is no UTF-8 once it is decoded: there is nothing of such a name.
    let found = Path::<T>::from_request_parts(parts, &()).await;
    found.map(|Path(found)| found).map_err(|_| ServiceError::NotFound.into())
}

/// What the portal's own routes may be told besides: names of both types may be the same.
fn asked_type(parts: &Parts) -> Option<String> {
    let mut query = form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes());
    query.find(|(name, _)| name == "clusterType").map(|(_, value)| value.into_owned())
}

impl<State: Sync> FromRequestParts<State> for SubscriptionName {
    type Rejection = ArmError;

    async fn from_request_parts(parts: &mut Parts, _: &State) -> Result<Self, ArmError> {
        Ok(Self(path::<Names>(parts).await?.subscription()?))
    }
}

impl<State: Sync> FromRequestParts<State> for ProviderName {
    type Rejection = ArmError;

    async fn from_request_parts(parts: &mut Parts, _: &State) -> Result<Self, ArmError> {
        Ok(Self(path::<Names>(parts).await?.resource_provider_namespace))
    }
}

impl<State: Sync> FromRequestParts<State> for GroupName {
    type Rejection = ArmError;

    async fn from_request_parts(parts: &mut Parts, _: &State) -> Result<Self, ArmError> {
        let names = path::<Names>(parts).await?;
        let subscription = names.subscription()?;
        Ok(Self(ClusterScope { subscription, resource_group: Some(names.resource_group_name) }))
    }
}

impl<State: Sync> FromRequestParts<State> for ClusterNames {
    type Rejection = ArmError;

    async fn from_request_parts(parts: &mut Parts, _: &State) -> Result<Self, ArmError> {
        let asked = asked_type(parts);
        let (cluster, _) = path::<Names>(parts).await?.cluster(asked.as_deref())?;
        Ok(Self(cluster))
    }
}

impl<State: Sync> FromRequestParts<State> for ConfigurationNames {
    type Rejection = ArmError;

    async fn from_request_parts(parts: &mut Parts, _: &State) -> Result<Self, ArmError> {
        let asked = asked_type(parts);
        let (cluster, configuration) = path::<Names>(parts).await?.cluster(asked.as_deref())?;
        Ok(Self(ConfigurationPath { cluster, configuration }))
    }
}
