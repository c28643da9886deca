//! A cluster that goes away and comes back, one that takes rights away, one whose answers get lost.

use std::time::Duration;

use http::{Method, StatusCode};
use testbed::{
    Browser, Cluster, ConfigurationFields, ConfigurationView, FaultProxy, Portal, PortalOptions, Repository,
    Rule,
};

use crate::scene::assert_told;

/// A control plane of the test's own, connected through a service account with all rights.
struct Away {
    cluster: Cluster,
    browser: Browser,
    _portal: Portal,
    repository: Repository,
    cluster_id: String,
    id: String,
}

/// The binding that gives the kubeconfig's service account its rights.
const BINDING: &str = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/testbed-kube-system-fairlead";
const VALUE: &str = "/api/v1/namespaces/default/configmaps/settings";

impl Away {
    async fn start() -> Self {
        let cluster = Cluster::start().await.unwrap();
        let token = cluster.service_account_token("kube-system", "fairlead").await.unwrap();
        cluster.make_administrator("kube-system", "fairlead").await.unwrap();
        let environment = vec![("FAIRLEAD_CLUSTER_INTERVAL_SECONDS".to_owned(), "1".to_owned())];
        let portal = Portal::start_with(PortalOptions { listen: None, environment }).await.unwrap();
        let browser = portal.sign_in().await.unwrap();
        let kubeconfig = cluster.kubeconfig_for_token(&token);
        let cluster_id = browser.connect_cluster(&kubeconfig, "default", "Away").await.unwrap();
        let repository = testbed::GitServer::shared().await.unwrap().repository("manifests").await.unwrap();
        let fields = ConfigurationFields::new("config", repository.url()).with("git_poll_interval", "1s");
        commit(&repository, "one").await;
        let id = browser.add_configuration(&cluster_id, &fields).await.unwrap();
        browser.until_installed(&id).await.unwrap();
        Self { cluster, browser, _portal: portal, repository, cluster_id, id }
    }

    async fn value(&self) -> String {
        let object = self.cluster.object(VALUE).await.unwrap().unwrap_or_default();
        object["data"]["key"].as_str().unwrap_or_default().to_owned()
    }

    /// Waits until a commit is in place.
    async fn arrives(&self, commit: &str) -> ConfigurationView {
        let arrived = |view: &ConfigurationView| {
            view.is_quiet() && view.revision() == commit && view.reason() == "installed"
        };
        self.browser.until(&self.id, "the commit is in place", arrived).await.unwrap()
    }
}

#[tokio::test]
async fn answers_that_are_refused_late_or_lost_change_nothing_in_the_end() {
    let (cluster, git) = tokio::try_join!(Cluster::shared(), testbed::GitServer::shared()).unwrap();
    let proxy = FaultProxy::in_front_of(cluster).unwrap();
    let portal = Portal::start().await.unwrap();
    let browser = portal.sign_in().await.unwrap();
    let cluster_id = browser.connect_cluster(&proxy.kubeconfig(), "default", "Faulty").await.unwrap();
    let repository = git.repository("manifests").await.unwrap();
    let fields = ConfigurationFields::named_apart("faulty", repository.url()).unwrap();
    let app = format!("{}-app", fields.value("name"));
    let object = |number: usize| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: object-{number}\n  namespace: {app}\ndata:\n  key: one\n"
        )
    };
    let objects: Vec<String> = (0..12).map(object).collect();
    let namespace = format!("apiVersion: v1\nkind: Namespace\nmetadata:\n  name: {app}\n");
    let files = [("namespace.yaml", namespace), ("objects.yaml", objects.join("---\n"))];
    repository.commit(&files.each_ref().map(|(path, text)| (*path, text.as_str())), "Begin").await.unwrap();
    let apply = |rule: Rule| rule.method(Method::PATCH).path_contains("/configmaps/");
    let faults = [
        apply(Rule::answer(StatusCode::TOO_MANY_REQUESTS).retry_after(1)).nth(2),
        apply(Rule::cut_afterwards()).nth(4),
        apply(Rule::answer(StatusCode::INTERNAL_SERVER_ERROR)).nth(6),
        apply(Rule::truncate(20)).nth(8),
        apply(Rule::delay(Duration::from_secs(1))).nth(10),
        Rule::answer(StatusCode::SERVICE_UNAVAILABLE).path_contains("/serviceaccounts").first(1),
    ]
    .map(|rule| proxy.add(rule));

    let id = browser.add_configuration(&cluster_id, &fields).await.unwrap();
    let view = browser.until_reason(&id, "installed").await.unwrap();

    for (number, fault) in faults.into_iter().enumerate() {
        assert_eq!(proxy.hits(fault), 1, "fault {number} was not met");
    }
    assert_eq!(view.0["resources"].as_array().unwrap().len(), 13);
    for number in 0..12 {
        let path = format!("/api/v1/namespaces/{app}/configmaps/object-{number}");
        assert!(cluster.object(&path).await.unwrap().is_some(), "{path} is not there");
    }
}

async fn commit(repository: &Repository, value: &str) -> String {
    let manifest = format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n  namespace: default\ndata:\n  key: {value}\n"
    );
    repository.commit(&[("settings.yaml", &manifest)], "Change the value").await.unwrap()
}

#[tokio::test]
async fn a_cluster_that_goes_away_is_said_to_be_offline_and_is_brought_up_to_date_when_it_is_back() {
    let away = Away::start().await;
    away.cluster.stop_api_server().await.unwrap();
    let missed = commit(&away.repository, "two").await;

    let offline = |view: &ConfigurationView| !view.state()["offline_since"].is_null();
    let view = away.browser.until(&away.id, "the cluster is offline", offline).await.unwrap();
    assert_ne!(view.compliance(), "Pending", "what was known stays: {}", view.summary());
    let page = away.browser.get(&format!("/clusters/{}", away.cluster_id)).await.unwrap();
    assert_eq!(page.status, 200);
    assert!(page.text().contains("Offline") || page.text().contains("offline"), "{}", page.text());

    away.cluster.start_api_server().await.unwrap();
    let view = away.arrives(&missed).await;
    assert!(view.state()["offline_since"].is_null(), "{}", view.summary());
    assert_eq!(away.value().await, "two");
}

#[tokio::test]
async fn rights_that_are_taken_away_are_named_and_nothing_else_is_tried_until_they_are_back() {
    let away = Away::start().await;
    let binding = away.cluster.object(BINDING).await.unwrap().unwrap();
    away.cluster.ask(Method::DELETE, BINDING, None).await.unwrap();
    let missed = commit(&away.repository, "two").await;

    let denied = |view: &ConfigurationView| {
        view.is_quiet()
            && ["provisionDenied", "operatorDenied", "clusterCredentialRefused"].contains(&view.reason())
    };
    let view = away.browser.until(&away.id, "the missing rights are said", denied).await.unwrap();
    assert_eq!(view.compliance(), "Failed", "{}", view.summary());
    assert_told(&away.browser, &away.id, &view).await;
    assert!(view.detail().contains("forbidden"), "what the API server said is shown: {}", view.summary());
    assert_eq!(away.value().await, "one");

    let mut again = binding;
    again["metadata"] = serde_json::json!({ "name": again["metadata"]["name"] });
    let collection = BINDING.rsplit_once('/').unwrap().0;
    let (status, answer) = away.cluster.ask(Method::POST, collection, Some(&again)).await.unwrap();
    assert_eq!(status, 201, "{answer}");
    away.arrives(&missed).await;
    assert_eq!(away.value().await, "two");
}
