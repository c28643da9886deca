//! SSH in front of the repositories.

use std::sync::Weak;

use axum::extract::Path;
use axum::routing::{delete, post, put};
use axum::{Json, Router};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Control, ControlError, Live};

/// `/ssh…`
pub(super) fn routes() -> Router<Weak<Control>> {
    Router::new()
        .route("/ssh", post(start))
        .route("/ssh/{id}", delete(stop))
        .route("/ssh/{id}/keys", put(authorize))
}

async fn start(Live(control): Live) -> Result<(StatusCode, Json<Value>), ControlError> {
    let server = control.git.over_ssh().await?;
    let (url, key, known_hosts) = (server.url(), server.private_key().to_owned(), server.known_hosts());
    let id = control.ssh.add(server)?;
    let told = json!({ "id": id, "url": url, "privateKey": key, "knownHosts": known_hosts });
    Ok((StatusCode::CREATED, Json(told)))
}

async fn stop(Live(control): Live, Path(id): Path<String>) -> Result<StatusCode, ControlError> {
    control.ssh.remove(&id)?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Keys {
    /// Lines of `authorized_keys`; none lets nobody in.
    keys: Vec<String>,
}

async fn authorize(
    Live(control): Live,
    Path(id): Path<String>,
    Json(Keys { keys }): Json<Keys>,
) -> Result<StatusCode, ControlError> {
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    control.ssh.get(&id)?.authorize(&keys)?;
    Ok(StatusCode::NO_CONTENT)
}
