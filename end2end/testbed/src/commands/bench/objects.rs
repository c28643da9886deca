//! The scenario: a folder with four objects for each configuration, in a namespace of its own.

use std::time::Duration;

use futures::{StreamExt, TryStreamExt, stream};
use http::Method;
use serde_json::{Value, json};
use testbed::{Cluster, ConfigurationFields, Repository};

/// Connections over which the scenario is made, and over which the floor applies.
pub(super) const CONNECTIONS: usize = 20;

/// Each namespace gets a service account and a config map of Kubernetes' own; they shall not be measured.
const SETTLE: Duration = Duration::from_secs(5);

/// Objects of each configuration that come from Git.
pub(super) const OBJECTS: usize = 4;

/// Configuration, operator, namespace and folder in the repository.
pub(super) fn name(number: usize) -> String {
    format!("app-{number:04}")
}

/// The four objects as they are in Git, without a namespace: the operator's is the default.
pub(super) fn manifests(greeting: &str) -> [Value; OBJECTS] {
    let labels = json!({ "app": "app" });
    [
        json!({ "apiVersion": "v1", "kind": "ServiceAccount", "metadata": { "name": "app" } }),
        json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "app" },
                "data": { "greeting": greeting, "other": "value" } }),
        json!({ "apiVersion": "v1", "kind": "Service", "metadata": { "name": "app" },
                "spec": { "selector": labels, "ports": [{ "name": "http", "port": 80, "targetPort": 8080 }] } }),
        json!({ "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "app" },
                "spec": { "replicas": 0, "selector": { "matchLabels": labels },
                          "template": { "metadata": { "labels": labels },
                                        "spec": { "containers": [{ "name": "app", "image": "app:1" }] } } } }),
    ]
}

/// Where an object of the scenario is in the API.
pub(super) fn path(namespace: &str, object: &Value) -> String {
    let (root, plural) = match object["kind"].as_str().unwrap_or_default() {
        "Deployment" => ("apis/apps/v1", "deployments"),
        "Lease" => ("apis/coordination.k8s.io/v1", "leases"),
        "RoleBinding" => ("apis/rbac.authorization.k8s.io/v1", "rolebindings"),
        "Service" => ("api/v1", "services"),
        "ServiceAccount" => ("api/v1", "serviceaccounts"),
        _ => ("api/v1", "configmaps"),
    };
    let name = object["metadata"]["name"].as_str().unwrap_or_default();
    format!("/{root}/namespaces/{namespace}/{plural}/{name}")
}

/// One file for each configuration.
pub(super) async fn commit(
    repository: &Repository,
    numbers: &[usize],
    greeting: &str,
) -> anyhow::Result<String> {
    let documents = manifests(greeting).map(|object| object.to_string());
    let mut change = repository.change();
    for number in numbers {
        change = change.write(&format!("apps/{}/app.yaml", name(*number)), documents.join("\n---\n"));
    }
    Ok(change.commit("Change the applications").await?)
}

/// The namespaces, settled.
pub(super) async fn namespaces(cluster: &Cluster, size: usize) -> anyhow::Result<()> {
    stream::iter(0..size)
        .map(|number| async move {
            let namespace =
                json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": name(number) } });
            cluster.ask(Method::POST, "/api/v1/namespaces", Some(&namespace)).await
        })
        .buffer_unordered(CONNECTIONS)
        .try_collect::<Vec<_>>()
        .await?;
    tokio::time::sleep(SETTLE).await;
    Ok(())
}

/// What is typed into the form.
pub(super) fn fields(number: usize, repository: &Repository) -> ConfigurationFields {
    let name = name(number);
    ConfigurationFields::new(&name, repository.url())
        .with("operator_scope", "namespace")
        .with("git_path", &format!("apps/{name}"))
}
