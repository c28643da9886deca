//! A program with a token.

use http::{HeaderMap, Method};
use serde_json::Value;
use testbed::Portal;
use tokio::sync::OnceCell;

use crate::scene::Stage;

/// The place that a new installation begins with.
pub(crate) const GROUP: &str = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/Default";
/// The newest version of configurations, and that of clusters.
pub(crate) const VERSION: &str = "api-version=2023-05-01";
pub(crate) const CLUSTERS_VERSION: &str = "api-version=2021-10-01";

/// Asks as one user does.
pub(crate) struct Api {
    client: reqwest::Client,
    url: String,
    token: String,
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    /// Null when the body is empty.
    pub(crate) json: Value,
}

impl Api {
    /// The administrator's on the shared stage.
    pub(crate) async fn shared() -> &'static Self {
        static SHARED: OnceCell<Api> = OnceCell::const_new();
        SHARED.get_or_init(|| async { Self::of(&Stage::shared().await.portal, "admin").await }).await
    }

    /// A user's.
    pub(crate) async fn of(portal: &Portal, user: &str) -> Self {
        let arguments = ["token", "create", "--user", user, "--name", "tests"];
        Self::with(portal, &portal.command(&arguments, "").await.unwrap())
    }

    /// Of whoever has this token.
    pub(crate) fn with(portal: &Portal, token: &str) -> Self {
        Self::by(&portal.url(), token)
    }

    /// The same by another address that leads to the portal.
    pub(crate) fn by(url: &str, token: &str) -> Self {
        // A kept connection would belong to the runtime of the test that opened it.
        let client = reqwest::Client::builder().pool_max_idle_per_host(0).no_proxy();
        let client = client.redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { client, url: url.to_owned(), token: token.to_owned() }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, &[], None).await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> Answer {
        self.ask(Method::PUT, path, &[], Some(body)).await
    }

    pub(crate) async fn post(&self, path: &str, body: Option<&Value>) -> Answer {
        self.ask(Method::POST, path, &[], body).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.ask(Method::DELETE, path, &[], None).await
    }

    pub(crate) async fn ask(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Answer {
        let testbed::Answer { status, headers, body } = self.send(method, path, headers, body).await;
        let json = if body.is_empty() {
            Value::Null
        } else {
            serde_json::from_str(&body).unwrap_or_else(|error| panic!("{error}: {body}"))
        };
        Answer { status, headers, json }
    }

    /// The same, with the body of the answer as it came.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> testbed::Answer {
        let mut request = self.client.request(method, format!("{}{path}", self.url)).bearer_auth(&self.token);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        testbed::Answer { status, headers, body: response.text().await.unwrap() }
    }
}

impl Answer {
    /// The code of an error.
    pub(crate) fn code(&self) -> &str {
        self.json["error"]["code"].as_str().unwrap_or_default()
    }

    /// The fields that an error is about.
    pub(crate) fn targets(&self) -> Vec<&str> {
        let details = self.json["error"]["details"].as_array();
        details.into_iter().flatten().filter_map(|detail| detail["target"].as_str()).collect()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// The path of the shared cluster's configurations, without a version.
pub(crate) fn configurations() -> String {
    configurations_of("Stage")
}

pub(crate) fn configurations_of(cluster: &str) -> String {
    format!(
        "{GROUP}/providers/Microsoft.Kubernetes/connectedClusters/{cluster}/providers/\
         Microsoft.KubernetesConfiguration/sourceControlConfigurations"
    )
}

/// A configuration of it, with the version.
pub(crate) fn configuration(name: &str) -> String {
    format!("{}/{name}?{VERSION}", configurations())
}

/// The same in the portal's own words, with what is done to it.
pub(crate) fn act(name: &str, act: &str) -> String {
    format!("/api/v1{GROUP}/clusters/Stage/configurations/{name}/{act}")
}
