//! Identity providers of the settings, as the use cases ask them.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, ensure};
use async_trait::async_trait;
use domain::clock::Clock;
use domain::service::ProviderAnswer;
use oidc::{Fault, Provider, ProviderSettings};
use outbound::Policy;
use service::{IdentityProvider, ProvenIdentity, ProviderFault, SignInProof};
use url::Url;

use crate::settings::Settings;
use crate::settings::oidc::OidcSettings;

/// A provider over the `oidc` crate.
struct OidcProvider {
    provider: Provider,
    administrators_group: Option<String>,
}

/// All of the settings; nothing is asked of any of them yet. `listen` is where the portal listens.
pub fn identity_providers(
    settings: &Settings,
    listen: SocketAddr,
    policy: &Policy,
    clock: &Arc<dyn Clock>,
) -> anyhow::Result<Vec<Arc<dyn IdentityProvider>>> {
    let mut names = Vec::new();
    let mut providers: Vec<Arc<dyn IdentityProvider>> = Vec::new();
    for one in &settings.oidc {
        ensure!(!names.contains(&&one.name), "two identity providers have the name {}", one.name);
        names.push(&one.name);
        let base = address(settings, listen)?;
        let provider = Provider::new(provider_settings(one, &base)?, policy.clone(), clock.clone())?;
        providers.push(Arc::new(OidcProvider {
            provider,
            administrators_group: one.administrators_group.clone(),
        }));
    }
    Ok(providers)
}

/// The address that a provider sends browsers back to.
fn address(settings: &Settings, listen: SocketAddr) -> anyhow::Result<Url> {
    if let Some(url) = &settings.public_url {
        return Ok(url.clone());
    }
    ensure!(
        !listen.ip().is_unspecified(),
        "identity providers send people back to the portal's address: set `public_url`"
    );
    Ok(Url::parse(&format!("{}://{listen}/", settings.scheme()))?)
}

fn provider_settings(settings: &OidcSettings, base: &Url) -> anyhow::Result<ProviderSettings> {
    let OidcSettings {
        name,
        title,
        issuer,
        client_id,
        client_secret,
        client_secret_file,
        scopes,
        name_claim,
        groups_claim,
        administrators_group: _,
    } = settings;
    ensure!(
        client_secret.is_none() || client_secret_file.is_none(),
        "the identity provider {name} has both `client_secret` and `client_secret_file`"
    );
    let secret = match client_secret_file {
        Some(file) => {
            let read = std::fs::read_to_string(file).with_context(|| {
                format!("the client secret of {name} in {} cannot be read", file.display())
            })?;
            Some(read.trim().to_owned())
        }
        None => client_secret.as_ref().map(|secret| secret.expose().to_owned()),
    };
    Ok(ProviderSettings {
        name: name.clone(),
        title: title.clone(),
        issuer: issuer.clone(),
        client_id: client_id.clone(),
        client_secret: secret.map(Into::into),
        scopes: scopes.split_whitespace().map(str::to_owned).collect(),
        name_claim: name_claim.clone(),
        groups_claim: groups_claim.clone(),
        callback: base.join(&app::routes::sign_in_callback(name))?,
        signed_out: base.join(app::routes::SIGN_IN)?,
    })
}

#[async_trait]
impl IdentityProvider for OidcProvider {
    fn name(&self) -> &str {
        self.provider.name()
    }

    fn title(&self) -> &str {
        self.provider.title()
    }

    fn administrators_group(&self) -> Option<&str> {
        self.administrators_group.as_deref()
    }

    async fn authorization_address(&self, proof: &SignInProof) -> Result<String, ProviderFault> {
        self.provider.authorization_address(&proof_of(proof)).await.map_err(fault)
    }

    async fn identify(
        &self,
        answer: &ProviderAnswer,
        proof: &SignInProof,
    ) -> Result<ProvenIdentity, ProviderFault> {
        let ProviderAnswer { code, state: _, issuer, error } = answer.clone();
        let answer = oidc::Answer { code, issuer, error };
        let identified = self.provider.identify(&answer, &proof_of(proof)).await.map_err(fault)?;
        let oidc::Identified { issuer, subject, name, groups } = identified;
        Ok(ProvenIdentity { issuer, subject, name, groups })
    }

    async fn farewell_address(&self) -> Option<String> {
        self.provider.farewell_address().await
    }
}

fn proof_of(proof: &SignInProof) -> oidc::Proof {
    let SignInProof { state, nonce, verifier } = proof.clone();
    oidc::Proof { state, nonce, verifier }
}

fn fault(fault: Fault) -> ProviderFault {
    match fault {
        Fault::Refused(why) => ProviderFault::Refused(why),
        Fault::Unreachable(why) => ProviderFault::Unreachable(why),
    }
}
