//! Health that watches see, whatever a sync stores that runs at the same time.

use std::time::Duration;

use http::Method;
use testbed::{Cluster, ConfigurationFields, FaultProxy, GitServer, Portal, PortalOptions, Rule};

use crate::scene::eventually;

/// By then the other Deployment is healthy.
const SLOW: Duration = Duration::from_secs(4);

fn deployment(name: &str) -> String {
    format!(
        "apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
  namespace: default
spec:
  replicas: 1
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata: {{labels: {{app: {name}}}}}
    spec: {{containers: [{{name: web, image: registry.example.com/web:1}}]}}
"
    )
}

#[tokio::test]
async fn health_that_came_while_another_object_was_still_applied_is_not_forgotten() {
    let (cluster, git) = tokio::try_join!(Cluster::shared(), GitServer::shared()).unwrap();
    let proxy = FaultProxy::in_front_of(cluster).unwrap();
    let environment = vec![("FAIRLEAD_CLUSTER_INTERVAL_SECONDS".to_owned(), "1".to_owned())];
    let portal = Portal::start_with(PortalOptions { listen: None, environment }).await.unwrap();
    let browser = portal.sign_in().await.unwrap();
    let kubeconfig = proxy.kubeconfig_for_token(cluster.administrator_token());
    let cluster_id = browser.connect_cluster(&kubeconfig, "default", "Slow").await.unwrap();
    let repository = git.repository("manifests").await.unwrap();
    let fields = ConfigurationFields::named_apart("health", repository.url()).unwrap();
    let name = fields.value("name").to_owned();
    let names = [format!("{name}-quick"), format!("{name}-slow")];
    let slow = Rule::delay(SLOW).method(Method::PATCH).path_contains(&format!("/deployments/{}", names[1]));
    let rule = proxy.add(slow.first(1));
    let [quick, late] = names.each_ref().map(|name| deployment(name));
    repository.commit(&[("quick.yaml", &quick), ("slow.yaml", &late)], "Begin").await.unwrap();
    let id = browser.add_configuration(&cluster_id, &fields).await.unwrap();
    browser.until_installed(&id).await.unwrap();
    assert!(proxy.hits(rule) > 0, "the second was applied late");
    for name in &names {
        eventually(&format!("{name} is shown as healthy"), || async {
            let view = browser.configuration(&id).await.unwrap();
            let rows = view.0["resources"].as_array().cloned().unwrap_or_default();
            rows.iter().any(|row| row["object"]["name"] == name.as_str() && row["health"] == "Healthy")
        })
        .await;
    }
}
