//! Chart repositories and registries, and the charts in them.

use std::collections::BTreeMap;
use std::sync::Weak;

use axum::extract::Path;
use axum::routing::{get, post, put};
use axum::{Json, Router};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Control, ControlError, Live};
use crate::{
    ChartAnswer, ChartFiles, ChartRegistry, ChartRegistryOptions, ChartRepository, ChartRepositoryOptions,
    RegistryAccess,
};

type Answer = Result<Json<Value>, ControlError>;
type Made = Result<(StatusCode, Json<Value>), ControlError>;
type Done = Result<StatusCode, ControlError>;

/// `/chart-repositories…` and `/chart-registries…`
pub(super) fn routes() -> Router<Weak<Control>> {
    Router::new()
        .route("/chart-repositories", post(start_repository))
        .route("/chart-repositories/{id}", get(requests).delete(stop_repository))
        .route("/chart-repositories/{id}/charts", post(add))
        .route("/chart-repositories/{id}/answers/{file}", put(answer).delete(answer_normally))
        .route("/chart-registries", post(start_registry))
        .route("/chart-registries/{id}", axum::routing::delete(stop_registry))
        .route("/chart-registries/{id}/charts", post(push))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    #[serde(default)]
    tls: bool,
    credential: Option<Credential>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Credential {
    username: String,
    password: String,
}

async fn start_repository(Live(control): Live, Json(Wanted { tls, credential }): Json<Wanted>) -> Made {
    let basic_auth = credential.map(|Credential { username, password }| (username, password));
    let repository = ChartRepository::start_with(ChartRepositoryOptions { tls, basic_auth }).await?;
    let (url, authority) = (repository.url().to_owned(), repository.ca_pem().map(str::to_owned));
    let id = control.chart_repositories.add(repository)?;
    Ok((StatusCode::CREATED, Json(json!({ "id": id, "url": url, "authority": authority }))))
}

async fn stop_repository(Live(control): Live, Path(id): Path<String>) -> Done {
    control.chart_repositories.remove(&id)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn requests(Live(control): Live, Path(id): Path<String>) -> Answer {
    Ok(Json(json!({ "requests": control.chart_repositories.get(&id)?.requests() })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewChart {
    files: BTreeMap<String, String>,
}

async fn add(Live(control): Live, Path(id): Path<String>, Json(NewChart { files }): Json<NewChart>) -> Made {
    let archive = control.chart_repositories.get(&id)?.add(&ChartFiles::from_iter(files)).await?;
    Ok((StatusCode::CREATED, Json(json!({ "archive": archive }))))
}

async fn answer(
    Live(control): Live,
    Path((id, file)): Path<(String, String)>,
    Json(wanted): Json<ChartAnswer>,
) -> Done {
    control.chart_repositories.get(&id)?.answer(&file, wanted);
    Ok(StatusCode::NO_CONTENT)
}

async fn answer_normally(Live(control): Live, Path((id, file)): Path<(String, String)>) -> Done {
    control.chart_repositories.get(&id)?.answer_normally(&file);
    Ok(StatusCode::NO_CONTENT)
}

async fn start_registry(Live(control): Live, Json(Wanted { tls, credential }): Json<Wanted>) -> Made {
    let access = match credential {
        Some(Credential { username, password }) => RegistryAccess::Basic(username, password),
        None => RegistryAccess::Anyone,
    };
    let registry = ChartRegistry::start_with(ChartRegistryOptions { tls, access }).await?;
    let (host, authority) = (registry.host().to_owned(), registry.ca_pem().map(str::to_owned));
    let id = control.chart_registries.add(registry)?;
    Ok((StatusCode::CREATED, Json(json!({ "id": id, "host": host, "authority": authority }))))
}

async fn stop_registry(Live(control): Live, Path(id): Path<String>) -> Done {
    control.chart_registries.remove(&id)?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pushed {
    /// Below which path.
    path: String,
    files: BTreeMap<String, String>,
}

async fn push(
    Live(control): Live,
    Path(id): Path<String>,
    Json(Pushed { path, files }): Json<Pushed>,
) -> Result<StatusCode, ControlError> {
    control.chart_registries.get(&id)?.push(&path, &ChartFiles::from_iter(files)).await?;
    Ok(StatusCode::CREATED)
}
