//! The testbed over HTTP, for stories that are not written in Rust. JSON in and out.
//!
//! - `repositories`: make, commit, branch, protect, break, delete Git repositories
//! - `clusters`: ask an API server anything as its administrator, read its audit log, stop and start it, make
//!   kubeconfigs, start further control planes. The paths of the first control plane also go under `clusters/default`.
//! - `ssh`: give the repositories out over ssh, and say which keys may sign in
//! - `charts`: start chart repositories and registries, put charts into them, break what repositories answer
//! - `identity_providers`: start OpenID Connect providers, and say whom they know and in which groups
//! - `fault_proxies`: put proxies in front of an API server and give them rules
//!
//! The address has a random first part, so no page that a browser of the same machine shows can guess it.

mod charts;
mod clusters;
mod fault_proxies;
mod identity_providers;
mod repositories;
mod ssh;

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use http::StatusCode;
use http::request::Parts;
use serde_json::json;
use tower::ServiceExt;

use crate::identity_provider::IdentityProvider;
use crate::serve::Server;
use crate::{
    ChartRegistry, ChartRepository, Cluster, FaultProxy, GitServer, SshGitServer, TestbedError, random,
};

/// The address of the control API.
pub const CONTROL_VARIABLE: &str = "FAIRLEAD_TESTBED_URL";

/// Where the paths of the first control plane go that name no other.
const DEFAULT_CLUSTER: &str = "default";

/// The running control API.
#[derive(Debug)]
pub(crate) struct ControlServer {
    url: String,
    // Dropped in this order: first nobody asks any more, then the parts go that were started on request.
    _server: Server,
    _control: Arc<Control>,
}

impl ControlServer {
    /// Starts it in front of a control plane and a Git server.
    pub(crate) fn start(cluster: Arc<Cluster>, git: Arc<GitServer>) -> Result<Self, TestbedError> {
        let control = Arc::new(Control {
            git,
            clusters: Shelf::with(DEFAULT_CLUSTER, cluster),
            chart_registries: Shelf::default(),
            chart_repositories: Shelf::default(),
            ssh: Shelf::default(),
            fault_proxies: Shelf::default(),
            identity_providers: Shelf::default(),
        });
        let prefix = format!("/{}", random::token()?);
        let router = Router::new()
            .nest(
                &prefix,
                repositories::routes()
                    .merge(ssh::routes())
                    .merge(charts::routes())
                    .merge(clusters::routes())
                    .merge(fault_proxies::routes())
                    .merge(identity_providers::routes()),
            )
            .with_state(Arc::downgrade(&control));
        let server = Server::start("the control API", None, move |_| {
            let router = router.clone();
            move |request: http::Request<hyper::body::Incoming>| {
                let router = router.clone();
                async move {
                    let response = router.oneshot(request.map(Body::new)).await;
                    Ok::<_, Infallible>(response.unwrap_or_else(|never| match never {}))
                }
            }
        })?;
        Ok(Self { url: format!("http://{}{prefix}", server.address()), _server: server, _control: control })
    }

    /// The address, with its random part.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

/// What the handlers share, for the time of one request. They do not keep it: the parts must be gone when the one who
/// started them has dropped them, and not when a task of the server ends.
struct Live(Arc<Control>);

impl FromRequestParts<Weak<Control>> for Live {
    type Rejection = ControlError;

    async fn from_request_parts(_: &mut Parts, control: &Weak<Control>) -> Result<Self, ControlError> {
        let ending =
            || ControlError { status: StatusCode::SERVICE_UNAVAILABLE, message: "the testbed ends".into() };
        control.upgrade().map(Self).ok_or_else(ending)
    }
}

/// The parts that requests are about.
#[derive(Debug)]
struct Control {
    git: Arc<GitServer>,
    clusters: Shelf<Cluster>,
    chart_registries: Shelf<ChartRegistry>,
    chart_repositories: Shelf<ChartRepository>,
    ssh: Shelf<SshGitServer>,
    fault_proxies: Shelf<FaultProxy>,
    identity_providers: Shelf<IdentityProvider>,
}

/// Parts by name.
#[derive(Debug)]
struct Shelf<T>(Mutex<HashMap<String, Arc<T>>>);

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> Shelf<T> {
    fn with(id: &str, part: Arc<T>) -> Self {
        Self(Mutex::new(HashMap::from([(id.to_owned(), part)])))
    }

    /// Puts a part there under a new name.
    fn add(&self, part: T) -> Result<String, ControlError> {
        let id = random::suffix()?;
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone(), Arc::new(part));
        Ok(id)
    }

    fn get(&self, id: &str) -> Result<Arc<T>, ControlError> {
        let parts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        parts.get(id).cloned().ok_or_else(|| ControlError::missing(id))
    }

    fn remove(&self, id: &str) -> Result<Arc<T>, ControlError> {
        let mut parts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        parts.remove(id).ok_or_else(|| ControlError::missing(id))
    }
}

/// A refused or failed request: `{"error": "…"}`.
#[derive(Debug)]
struct ControlError {
    status: StatusCode,
    message: String,
}

impl ControlError {
    fn missing(name: &str) -> Self {
        Self { status: StatusCode::NOT_FOUND, message: format!("there is no {name:?} here") }
    }

    fn bad(message: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, message: message.into() }
    }
}

impl From<TestbedError> for ControlError {
    fn from(error: TestbedError) -> Self {
        let status = match &error {
            TestbedError::RepositoryName { .. } => StatusCode::BAD_REQUEST,
            TestbedError::RepositoryExists { .. } => StatusCode::CONFLICT,
            TestbedError::NoRevision { .. } => StatusCode::NOT_FOUND,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let mut message = error.to_string();
        let mut source = std::error::Error::source(&error);
        while let Some(cause) = source {
            message = format!("{message}: {cause}");
            source = cause.source();
        }
        Self { status, message }
    }
}

impl IntoResponse for ControlError {
    fn into_response(self) -> Response {
        let Self { status, message } = self;
        (status, Json(json!({ "error": message }))).into_response()
    }
}
