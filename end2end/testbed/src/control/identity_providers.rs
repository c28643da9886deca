//! Identity providers, and the people they know.

use std::sync::Weak;

use axum::extract::Path;
use axum::routing::{delete, post, put};
use axum::{Json, Router};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Control, ControlError, Live};
use crate::identity_provider::{Account, IdentityProvider};

/// `/identity-providers…`
pub(super) fn routes() -> Router<Weak<Control>> {
    Router::new()
        .route("/identity-providers", post(start))
        .route("/identity-providers/{id}", delete(stop))
        .route("/identity-providers/{id}/people/{login}", put(person))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// What the portal's settings call it.
    name: String,
    /// What people call it.
    title: String,
}

async fn start(
    Live(control): Live,
    Json(Wanted { name, title }): Json<Wanted>,
) -> Result<(StatusCode, Json<Value>), ControlError> {
    let provider = IdentityProvider::start(&name).await?;
    let (settings, issuer) = (provider.settings(&title), provider.issuer().to_owned());
    let id = control.identity_providers.add(provider)?;
    Ok((StatusCode::CREATED, Json(json!({ "id": id, "issuer": issuer, "settings": settings }))))
}

async fn stop(Live(control): Live, Path(id): Path<String>) -> Result<StatusCode, ControlError> {
    control.identity_providers.remove(&id)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn person(
    Live(control): Live,
    Path((id, login)): Path<(String, String)>,
    Json(account): Json<Account>,
) -> Result<StatusCode, ControlError> {
    control.identity_providers.get(&id)?.account(&login, account)?;
    Ok(StatusCode::NO_CONTENT)
}
