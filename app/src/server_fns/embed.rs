//! Which origins may show the portal in a frame, and what a pop-up asks before one does.

use domain::id::SubscriptionId;
use domain::service::{EmbedCode, EmbedGrantView, EmbedParentRow};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::WireError;
use crate::wire::Answer;

#[cfg(feature = "ssr")]
use self::server::embedding;
#[cfg(feature = "ssr")]
use crate::context::{SessionCookie, actor, portal_origin, refused, service};

/// The origins that a subscription's owners allow, and ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmbedParents {
    pub rows: Vec<EmbedParentRow>,
    /// What the addresses of frames begin with, for instance `https://fairlead.example.com`.
    pub portal: String,
}

/// The origins that a subscription's owners allow.
#[server(prefix = "/api/portal", endpoint = "list_embed_parents", output = Answer)]
pub async fn list_embed_parents(subscription: SubscriptionId) -> Result<EmbedParents, WireError> {
    let rows = embedding()?.parents(&actor()?, subscription).await.map_err(refused)?;
    Ok(EmbedParents { rows, portal: portal_origin() })
}

/// Allows another one.
#[server(prefix = "/api/portal", endpoint = "allow_embed_parent", output = Answer)]
pub async fn allow_embed_parent(
    subscription: SubscriptionId,
    #[server(default)] parent: String,
) -> Result<(), WireError> {
    embedding()?.allow_parent(&actor()?, subscription, &parent).await.map_err(refused)
}

/// Takes one back.
#[server(prefix = "/api/portal", endpoint = "disallow_embed_parent", output = Answer)]
pub async fn disallow_embed_parent(
    subscription: SubscriptionId,
    #[server(default)] parent: String,
) -> Result<(), WireError> {
    embedding()?.disallow_parent(&actor()?, subscription, &parent).await.map_err(refused)
}

/// What the pop-up asks.
#[server(prefix = "/api/portal", endpoint = "get_embed_grant", output = Answer)]
pub async fn get_embed_grant(#[server(default)] parent: String) -> Result<EmbedGrantView, WireError> {
    embedding()?.grant_view(&actor()?, &parent).await.map_err(refused)
}

/// The answer: a code, which the page that answers hands to the frame.
#[server(prefix = "/api/portal", endpoint = "grant_embed", output = Answer)]
pub async fn grant_embed(
    #[server(default)] parent: String,
    #[server(default)] challenge: String,
    #[server(default)] role: String,
) -> Result<EmbedCode, WireError> {
    let secret = service::<dyn SessionCookie>()?.secret().unwrap_or_default();
    let code = embedding()?.grant(&actor()?, &secret, &parent, &challenge, &role).await.map_err(refused)?;
    crate::forms::show_answer();
    Ok(code)
}

#[cfg(feature = "ssr")]
mod server {
    use std::sync::Arc;

    use domain::service::EmbedService;

    use crate::context::service;
    use crate::error::WireError;

    pub(super) fn embedding() -> Result<Arc<dyn EmbedService>, WireError> {
        service()
    }
}
