//! Questions to the API server in its own JSON, for tests that want no types of Kubernetes.

use http::{Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::Value;

use super::Cluster;
use crate::TestbedError;

impl Cluster {
    /// Asks the API server as its administrator; a `PATCH` is a merge patch. Gives the status and the answer.
    pub async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<(u16, Value), TestbedError> {
        let unusable =
            |error: http::Error| TestbedError::Url { url: path.to_owned(), reason: error.to_string() };
        let kind = if method == Method::PATCH { "application/merge-patch+json" } else { "application/json" };
        let body = body.map(ToString::to_string).unwrap_or_default();
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::CONTENT_TYPE, kind)
            .body(kube::client::Body::from(body.into_bytes()))
            .map_err(unusable)?;
        let asked = TestbedError::kubernetes("ask the API server");
        let response = self.client()?.send(request).await.map_err(asked)?;
        let status = response.status().as_u16();
        let body =
            response.into_body().collect().await.map_err(TestbedError::kubernetes("read an answer"))?;
        Ok((status, serde_json::from_slice(&body.to_bytes()).unwrap_or_default()))
    }

    /// An object by its path, when it is there.
    pub async fn object(&self, path: &str) -> Result<Option<Value>, TestbedError> {
        let (status, object) = self.ask(Method::GET, path, None).await?;
        Ok(Some(object).filter(|_| status == StatusCode::OK.as_u16()))
    }
}
