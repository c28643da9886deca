//! As whom the cluster is asked.

use http::Method;
use testbed::{AuditEvent, Cluster, ConfigurationFields, GitServer, Portal, PortalOptions};

use crate::scene::eventually;

#[tokio::test]
async fn s_j4_every_request_of_a_run_is_the_service_accounts_but_for_the_operators_own_objects() {
    // A control plane of its own: no other test's requests are in its log.
    let (cluster, git) = tokio::join!(Cluster::start(), GitServer::shared());
    let (cluster, git) = (cluster.unwrap(), git.unwrap());
    let environment = vec![("FAIRLEAD_CLUSTER_INTERVAL_SECONDS".to_owned(), "1".to_owned())];
    let portal = Portal::start_with(PortalOptions { listen: None, environment }).await.unwrap();
    let browser = portal.sign_in().await.unwrap();
    let cluster_id = browser.connect_cluster(&cluster.kubeconfig(), "default", "Own").await.unwrap();
    let repository = git.repository("manifests").await.unwrap();
    let fields = ConfigurationFields::named_apart("account", repository.url()).unwrap();
    let fields = fields.with("operator_scope", "namespace").with("sync_garbage_collection", "true");
    let name = fields.value("name").to_owned();
    let map = |map: &str| format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {map}}}\n");
    let (kept, gone) = (map("kept"), map("gone"));
    repository.commit(&[("kept.yaml", &kept), ("gone.yaml", &gone)], "Two").await.unwrap();
    let mark = cluster.audit_mark().await.unwrap();

    // One of everything: first sync, no-op, deletion, drift.
    let id = browser.add_configuration(&cluster_id, &fields).await.unwrap();
    browser.until_installed(&id).await.unwrap();
    browser.sync(&id).await.unwrap();
    repository.change().remove("gone.yaml").commit("One").await.unwrap();
    browser.sync(&id).await.unwrap();
    let path = |map: &str| format!("/api/v1/namespaces/{name}/configmaps/{map}");
    assert!(cluster.object(&path("gone")).await.unwrap().is_none());
    cluster.ask(Method::DELETE, &path("kept"), None).await.unwrap();
    eventually("it is back", async || cluster.object(&path("kept")).await.unwrap().is_some()).await;
    browser.sync(&id).await.unwrap();

    let events = cluster.audit(mark).await.unwrap();
    let ours: Vec<&AuditEvent> =
        events.iter().filter(|event| event.user_agent.starts_with("fairlead/")).collect();
    let (impersonated, base): (Vec<&AuditEvent>, Vec<&AuditEvent>) =
        ours.into_iter().partition(|event| event.impersonated_user.is_some());
    let account = format!("system:serviceaccount:{name}:{name}");
    assert!(impersonated.iter().all(|event| event.impersonated_user.as_deref() == Some(account.as_str())));
    let has = |verb: &str| {
        impersonated
            .iter()
            .any(|event| event.resource == "configmaps" && event.verb == verb && event.code < 300)
    };
    assert!(has("patch") && has("delete"), "{impersonated:#?}");
    let others: Vec<_> = base.into_iter().filter(|event| !may_be_our_own(event, &name)).collect();
    assert!(others.is_empty(), "asked with the kubeconfig's own rights: {others:#?}");
}

/// What the kubeconfig's own user is for: which cluster it is and how many nodes it has, the operator's objects, and watches by our label.
fn may_be_our_own(event: &AuditEvent, operator: &str) -> bool {
    let named = |expected: &str| event.name.as_deref() == Some(expected);
    let is_discovery = event.resource.is_empty();
    let is_review = event.group == "authorization.k8s.io";
    let is_identity = (event.resource == "namespaces" && named("kube-system") && event.verb == "get")
        || (event.resource == "nodes" && event.verb == "list");
    let is_operator = match event.resource.as_str() {
        "namespaces" => named(operator),
        "serviceaccounts" | "leases" | "rolebindings" => event.namespace.as_deref() == Some(operator),
        "clusterrolebindings" => event.name.as_deref().is_none_or(|name| name.contains(operator)),
        _ => false,
    };
    let is_watch =
        matches!(event.verb.as_str(), "list" | "watch") && event.request_uri.contains("labelSelector=");
    is_discovery || is_review || is_identity || is_operator || is_watch
}
