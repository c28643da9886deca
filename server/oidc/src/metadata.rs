//! A provider's description of itself and its keys, fetched when they are first needed.

use std::sync::Arc;

use domain::clock::Timestamp;
use openidconnect::core::{
    CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreGrantType, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreResponseMode, CoreResponseType,
    CoreSubjectIdentifierType,
};
use openidconnect::{
    AdditionalProviderMetadata, DiscoveryError, EndSessionUrl, IssuerUrl, JsonWebKeySet, ProviderMetadata,
    TokenUrl,
};
use serde::{Deserialize, Serialize};

use crate::Fault;
use crate::http::{Client, HttpFault};

/// A description is fetched again after this long, in milliseconds.
const FRESH: i64 = 60 * 60 * 1000;
/// Keys are fetched again for a token that none of them fits, but no sooner than this after the last time that was done,
/// in milliseconds: a provider that signs with a key it does not show would make us fetch at every sign-in.
const KEYS_FRESH: i64 = 60 * 1000;
/// A failure is the answer for this long: a provider that is away is not asked by every visitor.
const FAILED: i64 = 5 * 1000;

/// What we read beside the fields that every provider has.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Further {
    /// Where one signs out (RP-Initiated Logout 1.0).
    pub(crate) end_session_endpoint: Option<EndSessionUrl>,
    /// Whether its answers say who gives them (RFC 9207 3).
    #[serde(default)]
    pub(crate) authorization_response_iss_parameter_supported: bool,
}

impl AdditionalProviderMetadata for Further {}

/// The description, with the keys.
pub(crate) type Metadata = ProviderMetadata<
    Further,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// What is known of a provider, and since when.
#[derive(Default)]
pub(crate) struct Known {
    description: Option<Description>,
    failed: Option<(Timestamp, Fault)>,
}

struct Description {
    metadata: Arc<Metadata>,
    at: Timestamp,
    /// When the keys were last fetched for a token that none of them fitted.
    renewed: Option<Timestamp>,
}

impl Known {
    /// The description; fetched when there is none or it is old.
    pub(crate) async fn metadata(
        &mut self,
        issuer: &str,
        client: &Client,
        now: Timestamp,
    ) -> Result<Arc<Metadata>, Fault> {
        if let Some(description) = &self.description
            && now.milliseconds_since(description.at) < FRESH
        {
            return Ok(description.metadata.clone());
        }
        if let Some((at, fault)) = &self.failed
            && now.milliseconds_since(*at) < FAILED
        {
            return Err(fault.clone());
        }
        match discover(issuer, client).await {
            Ok(metadata) => {
                let metadata = Arc::new(metadata);
                self.failed = None;
                self.description = Some(Description { metadata: metadata.clone(), at: now, renewed: None });
                Ok(metadata)
            }
            Err(fault) => {
                self.failed = Some((now, fault.clone()));
                Err(fault)
            }
        }
    }

    /// The description with keys that were fetched again; `None` when that was done a moment ago.
    pub(crate) async fn with_new_keys(
        &mut self,
        client: &Client,
        now: Timestamp,
    ) -> Result<Option<Arc<Metadata>>, Fault> {
        let Some(description) = &mut self.description else { return Ok(None) };
        if description.renewed.is_some_and(|at| now.milliseconds_since(at) < KEYS_FRESH) {
            return Ok(None);
        }
        description.renewed = Some(now);
        let keys = JsonWebKeySet::fetch_async(description.metadata.jwks_uri(), client).await;
        let metadata = Metadata::clone(&description.metadata).set_jwks(keys.map_err(undiscovered)?);
        description.metadata = Arc::new(metadata);
        Ok(Some(description.metadata.clone()))
    }
}

async fn discover(issuer: &str, client: &Client) -> Result<Metadata, Fault> {
    let issuer = IssuerUrl::new(issuer.to_owned())
        .map_err(|_| Fault::refused("the issuer in the settings is no address"))?;
    let metadata = Metadata::discover_async(issuer, client).await.map_err(undiscovered)?;
    let gone_to = [
        Some(metadata.authorization_endpoint().url()),
        metadata.token_endpoint().map(TokenUrl::url),
        metadata.additional_metadata().end_session_endpoint.as_ref().map(EndSessionUrl::url),
    ];
    if gone_to.into_iter().flatten().any(|url| !client.takes(url.scheme())) {
        return Err(Fault::refused("the provider's description names an address without TLS"));
    }
    Ok(metadata)
}

fn undiscovered(error: DiscoveryError<HttpFault>) -> Fault {
    match error {
        DiscoveryError::Request(fault) => unreachable(&fault),
        DiscoveryError::Response(status, ..) => Fault::Unreachable(format!(
            "the provider does not describe itself: it answers {}",
            status.as_u16()
        )),
        DiscoveryError::Validation(_) => {
            Fault::refused("the provider describes itself with another issuer than the settings have")
        }
        _ => Fault::refused("the provider's description cannot be read"),
    }
}

/// What is said of a provider that does not answer; what the connection said is in the log.
pub(crate) fn unreachable(fault: &HttpFault) -> Fault {
    if let HttpFault::Connect(error) = fault {
        let cause = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
        tracing::info!("an identity provider cannot be connected to: {error}: {cause}");
    }
    Fault::Unreachable(format!("the provider cannot be asked: {fault}"))
}
