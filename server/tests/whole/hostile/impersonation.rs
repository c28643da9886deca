//! As whom the cluster is asked.

use http::Method;
use testbed::{AuditEvent, Cluster, ConfigurationFields, GitServer, Portal, PortalOptions};

use crate::scene::eventually;

/// Whom the kubeconfig is for, and nobody else in this cluster: namespace and service account.
const PORTAL: (&str, &str) = ("portal", "portal");

const CHART: &str = "apiVersion: v2\nname: web\nversion: 1.0.0\n";
const TEMPLATE: &str =
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: made}\ndata: {key: {{ .Values.value }}}\n";

#[tokio::test]
async fn s_j4_every_request_of_a_run_is_the_service_accounts_but_for_the_operators_own_objects() {
    // A control plane of its own: no other test's requests are in its log.
    let (cluster, git) = tokio::join!(Cluster::start(), GitServer::shared());
    let (cluster, git) = (cluster.unwrap(), git.unwrap());
    let environment = vec![("FAIRLEAD_CLUSTER_INTERVAL_SECONDS".to_owned(), "1".to_owned())];
    let portal = Portal::start_with(PortalOptions { listen: None, environment }).await.unwrap();
    let browser = portal.sign_in().await.unwrap();
    let token = cluster.service_account_token(PORTAL.0, PORTAL.1).await.unwrap();
    cluster.make_administrator(PORTAL.0, PORTAL.1).await.unwrap();
    let kubeconfig = cluster.kubeconfig_for_token(&token);
    let cluster_id = browser.connect_cluster(&kubeconfig, "default", "Own").await.unwrap();
    let repository = git.repository("manifests").await.unwrap();
    let fields = ConfigurationFields::named_apart("account", repository.url()).unwrap();
    let fields = fields
        .with("operator_scope", "namespace")
        .with("sync_garbage_collection", "true")
        .with("enable_helm_operator", "true")
        .with("chart_values", "--set helm.versions=v3 --set chartsSyncInterval=5s");
    let name = fields.value("name").to_owned();
    let map = |map: &str| format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {map}}}\n");
    let (kept, gone) = (map("kept"), map("gone"));
    let release = |value: &str| {
        format!(
            "apiVersion: helm.fluxcd.io/v1\nkind: HelmRelease\nmetadata: {{name: web}}\nspec:\n  chart:\n    \
             git: {}\n    ref: main\n    path: charts/web\n  values: {{value: {value}}}\n",
            repository.url()
        )
    };
    let files = [
        ("kept.yaml", kept.as_str()),
        ("gone.yaml", &gone),
        ("charts/web/Chart.yaml", CHART),
        ("charts/web/values.yaml", "value: none\n"),
        ("charts/web/templates/made.yaml", TEMPLATE),
        ("release.yaml", &release("one")),
    ];
    repository.commit(&files, "Begin").await.unwrap();
    let mark = cluster.audit_mark().await.unwrap();

    // One of everything: first sync, no-op, deletion, drift; a release that is installed, upgraded and removed.
    let id = browser.add_configuration(&cluster_id, &fields).await.unwrap();
    browser.until_installed(&id).await.unwrap();
    browser.sync(&id).await.unwrap();
    repository.change().remove("gone.yaml").commit("One").await.unwrap();
    browser.sync(&id).await.unwrap();
    let path = |map: &str| format!("/api/v1/namespaces/{name}/configmaps/{map}");
    let until_made = async |value: Option<&str>| {
        eventually(&format!("what the release makes says {value:?}"), async || {
            let made = cluster.object(&path("made")).await.unwrap();
            made.as_ref().and_then(|made| made["data"]["key"].as_str()) == value
        })
        .await;
    };
    assert!(cluster.object(&path("gone")).await.unwrap().is_none());
    cluster.ask(Method::DELETE, &path("kept"), None).await.unwrap();
    eventually("it is back", async || cluster.object(&path("kept")).await.unwrap().is_some()).await;
    browser.sync(&id).await.unwrap();
    until_made(Some("one")).await;
    repository.commit(&[("release.yaml", &release("two"))], "Upgrade").await.unwrap();
    browser.sync(&id).await.unwrap();
    until_made(Some("two")).await;
    repository.change().remove("release.yaml").commit("No release").await.unwrap();
    browser.sync(&id).await.unwrap();
    until_made(None).await;

    let events = cluster.audit(mark).await.unwrap();
    // By the user, whatever the program calls itself: helm's requests are among them.
    let portal = format!("system:serviceaccount:{}:{}", PORTAL.0, PORTAL.1);
    let ours: Vec<&AuditEvent> = events.iter().filter(|event| event.user == portal).collect();
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
    let of_helm = |verb: &str| {
        impersonated
            .iter()
            .any(|event| event.user_agent.starts_with("Helm/") && event.verb == verb && event.code < 300)
    };
    for verb in ["create", "update", "patch", "delete"] {
        assert!(of_helm(verb), "no {verb} of helm is among {impersonated:#?}");
    }
    let others: Vec<_> = base.into_iter().filter(|event| !may_be_our_own(event, &name)).collect();
    assert!(others.is_empty(), "asked with the kubeconfig's own rights: {others:#?}");
}

/// What the kubeconfig's own user is for: which cluster it is and how many nodes it has, the operator's objects, the definition of
/// releases, and watches by our label.
fn may_be_our_own(event: &AuditEvent, operator: &str) -> bool {
    let named = |expected: &str| event.name.as_deref() == Some(expected);
    let is_discovery = event.resource.is_empty();
    let is_review = event.group == "authorization.k8s.io";
    let is_identity = (event.resource == "namespaces" && named("kube-system") && event.verb == "get")
        || (event.resource == "nodes" && event.verb == "list");
    let is_operator = match event.resource.as_str() {
        "namespaces" => named(operator),
        "serviceaccounts" | "leases" | "rolebindings" => event.namespace.as_deref() == Some(operator),
        "customresourcedefinitions" => named("helmreleases.helm.fluxcd.io"),
        "clusterrolebindings" => event.name.as_deref().is_none_or(|name| name.contains(operator)),
        _ => false,
    };
    let is_watch =
        matches!(event.verb.as_str(), "list" | "watch") && event.request_uri.contains("labelSelector=");
    is_discovery || is_review || is_identity || is_operator || is_watch
}
