//! Control planes: the first one, and further ones that a story starts for itself.

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use axum::body::Body;
use axum::extract::{FromRequestParts, OriginalUri, Path, Query};
use axum::routing::{any, delete, get, post};
use axum::{Json, Router};
use http::request::Parts;
use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use http_body_util::BodyExt;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Control, ControlError, DEFAULT_CLUSTER, Live};
use crate::cluster::AuditMark;
use crate::{Cluster, Credential, TestbedError};

type Answer = Result<Json<Value>, ControlError>;
type Done = Result<StatusCode, ControlError>;

/// `/clusters…`, and the same for the first control plane without that beginning.
pub(super) fn routes() -> Router<Weak<Control>> {
    Router::new()
        .route("/clusters", post(create))
        .route("/clusters/{cluster}", delete(remove))
        .nest("/clusters/{cluster}", routes_of_one())
        .merge(routes_of_one())
}

fn routes_of_one() -> Router<Weak<Control>> {
    Router::new()
        .route("/kubernetes/{*path}", any(kubernetes))
        .route("/audit", get(audit))
        .route("/api-server/stop", post(stop))
        .route("/api-server/start", post(start))
        .route("/kubeconfigs", post(kubeconfig))
}

/// The control plane that a path means.
pub(super) struct Meant(pub(super) Arc<Cluster>);

impl FromRequestParts<Weak<Control>> for Meant {
    type Rejection = ControlError;

    async fn from_request_parts(parts: &mut Parts, state: &Weak<Control>) -> Result<Self, ControlError> {
        let Live(control) = Live::from_request_parts(parts, state).await?;
        let Path(parameters) = Path::<HashMap<String, String>>::from_request_parts(parts, state)
            .await
            .map_err(|error| ControlError::bad(error.to_string()))?;
        let id = parameters.get("cluster").map_or(DEFAULT_CLUSTER, String::as_str);
        control.clusters.get(id).map(Self)
    }
}

async fn create(Live(control): Live) -> Result<(StatusCode, Json<Value>), ControlError> {
    let cluster = Cluster::start().await?;
    let answer = json!({ "url": cluster.url(), "kubeconfig": cluster.kubeconfig() });
    let id = control.clusters.add(cluster)?;
    Ok((StatusCode::CREATED, Json(json!({ "id": id, "cluster": answer }))))
}

async fn remove(Live(control): Live, Path(id): Path<String>) -> Done {
    if id == DEFAULT_CLUSTER {
        return Err(ControlError::bad("the first control plane stays until the testbed ends"));
    }
    let cluster = control.clusters.remove(&id)?;
    // Taking it down waits for its programs.
    let _ = tokio::task::spawn_blocking(move || drop(cluster)).await;
    Ok(StatusCode::NO_CONTENT)
}

/// Any request to the API server as its administrator. The answer is the API server's own.
async fn kubernetes(
    Meant(cluster): Meant,
    method: Method,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Body,
) -> Result<Response<kube::client::Body>, ControlError> {
    let whole = uri.path_and_query().map(http::uri::PathAndQuery::as_str).unwrap_or_default();
    let path = whole.split_once("/kubernetes").map_or("/", |(_, path)| path);
    let body = body.collect().await.map_err(|error| ControlError::bad(error.to_string()))?.to_bytes();
    let mut request = Request::builder().method(method).uri(path);
    for name in [header::ACCEPT, header::CONTENT_TYPE] {
        if let Some(value) = headers.get(&name) {
            request = request.header(name, value);
        }
    }
    let request = request
        .body(kube::client::Body::from(body.to_vec()))
        .map_err(|error| ControlError::bad(error.to_string()))?;
    let response = cluster.client()?.send(request).await;
    Ok(response.map_err(TestbedError::kubernetes("ask the API server"))?)
}

#[derive(Deserialize)]
struct Since {
    since: Option<AuditMark>,
}

/// The events since a mark, from the beginning without one, and the mark to go on with.
async fn audit(Meant(cluster): Meant, Query(Since { since }): Query<Since>) -> Answer {
    let (events, mark) = cluster.audit_and_mark(since.unwrap_or_default()).await?;
    Ok(Json(json!({ "events": events, "mark": mark })))
}

async fn stop(Meant(cluster): Meant) -> Done {
    cluster.stop_api_server().await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn start(Meant(cluster): Meant) -> Done {
    cluster.start_api_server().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Without any field: the administrator by client certificate.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewKubeconfig {
    context: Option<String>,
    /// A user without rights, by client certificate.
    user: Option<String>,
    service_account: Option<NewServiceAccount>,
    /// The administrator by token.
    #[serde(default)]
    token: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewServiceAccount {
    namespace: String,
    name: String,
    /// With all rights; else with none.
    #[serde(default)]
    administrator: bool,
}

async fn kubeconfig(Meant(cluster): Meant, Json(new): Json<NewKubeconfig>) -> Answer {
    let NewKubeconfig { context, user, service_account, token } = new;
    let context = context.as_deref().unwrap_or("default");
    let credential = match (user, service_account, token) {
        (None, None, false) => return Ok(Json(json!({ "kubeconfig": cluster.kubeconfig_named(context) }))),
        (Some(user), None, false) => Credential::Certificate(cluster.authority().client(&user, None)?),
        (None, Some(account), false) => {
            let token = cluster.service_account_token(&account.namespace, &account.name).await?;
            if account.administrator {
                cluster.make_administrator(&account.namespace, &account.name).await?;
            }
            Credential::Token(token)
        }
        (None, None, true) => Credential::Token(cluster.administrator_token().to_owned()),
        _ => return Err(ControlError::bad("name one of user, serviceAccount and token")),
    };
    Ok(Json(json!({ "kubeconfig": cluster.kubeconfig_with(context, credential) })))
}
