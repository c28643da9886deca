//! A cluster that is cut off and comes back without its memory.

use http::StatusCode;
use testbed::{
    Cluster, ConfigurationFields, ConfigurationView, FaultProxy, GitServer, Portal, PortalOptions, Rule,
};

use crate::scene::eventually;

/// Syncs that are asked for while the cluster is away, and while it knows no kind.
const SYNCS: usize = 3;
const SYNCS_STATED: usize = 60;
/// What an API server says that serves nothing.
const NO_GROUPS: &str =
    r#"{"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","metadata":{},"items":[]}"#;
const NO_GROUPS_TYPE: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

#[tokio::test]
async fn d8_a_cluster_that_was_cut_off_and_returns_with_an_empty_discovery_loses_nothing() {
    let (cluster, git) = tokio::try_join!(Cluster::shared(), GitServer::shared()).unwrap();
    let proxy = FaultProxy::in_front_of(cluster).unwrap();
    let environment = vec![("FAIRLEAD_CLUSTER_INTERVAL_SECONDS".to_owned(), "1".to_owned())];
    let mut portal = Portal::start_with(PortalOptions { listen: None, environment }).await.unwrap();
    let browser = portal.sign_in().await.unwrap();
    let cluster_id = browser.connect_cluster(&proxy.kubeconfig(), "default", "Cut-off").await.unwrap();
    let repository = git.repository("manifests").await.unwrap();
    let fields = ConfigurationFields::named_apart("d8", repository.url()).unwrap();
    let fields = fields.with("sync_garbage_collection", "true");
    let name = fields.value("name").to_owned();
    let path = |object: &str| format!("/api/v1/namespaces/default/configmaps/{name}-{object}");
    let map = |object: &str| format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}-{object}\n");
    repository.commit(&[("kept.yaml", &map("kept")), ("gone.yaml", &map("gone"))], "Begin").await.unwrap();
    let id = browser.add_configuration(&cluster_id, &fields).await.unwrap();
    browser.until_installed(&id).await.unwrap();
    let mark = cluster.audit_mark().await.unwrap();
    let n_syncs = testbed::count(SYNCS, SYNCS_STATED);

    proxy.refuse(true);
    let commit = repository.change().remove("gone.yaml").commit("Remove one").await.unwrap();
    for _ in 0..n_syncs {
        browser.sync_now(&id).await.unwrap();
        browser.until(&id, "the sync has ended", ConfigurationView::is_quiet).await.unwrap();
    }
    let offline = |view: &ConfigurationView| !view.state()["offline_since"].is_null();
    let view = browser.until(&id, "the cluster is offline", offline).await.unwrap();
    assert_eq!(view.0["resources"].as_array().unwrap().len(), 2, "{}", view.summary());

    // A server that has just started knows no kind from before.
    portal.stop().await.unwrap();
    let rules = ["/api", "/apis"].map(|root| {
        let asked = move |request: &testbed::ProxiedRequest| {
            request.path.split('?').next().is_some_and(|path| path.trim_end_matches('/') == root)
        };
        proxy.add(Rule::answer(StatusCode::OK).body(NO_GROUPS_TYPE, NO_GROUPS).when(asked))
    });
    proxy.refuse(false);
    portal.start_again().await.unwrap();
    let browser = portal.sign_in().await.unwrap();
    let asked = || rules.iter().map(|rule| proxy.hits(*rule)).sum::<usize>();
    for number in 0..n_syncs {
        browser.sync_now(&id).await.unwrap();
        eventually("the kinds are asked for", || async { asked() > number }).await;
        let view = browser.until(&id, "the sync has ended", ConfigurationView::is_quiet).await.unwrap();
        assert!(view.detail().contains("are kept for now: the cluster names no kinds"), "{}", view.summary());
    }
    let events = cluster.audit(mark).await.unwrap();
    let deleted: Vec<_> = events.iter().filter(|event| event.verb.starts_with("delete")).collect();
    let ours = |found: &Option<String>| found.as_deref().is_some_and(|found| found.starts_with(&name));
    assert!(!deleted.iter().any(|event| ours(&event.name) || ours(&event.namespace)), "{deleted:#?}");

    proxy.clear();
    portal.stop().await.unwrap();
    portal.start_again().await.unwrap();
    let browser = portal.sign_in().await.unwrap();
    browser.sync_now(&id).await.unwrap();
    let right = |view: &ConfigurationView| {
        view.is_quiet() && view.revision() == commit && view.reason() == "installed"
    };
    browser.until(&id, "everything is as Git says", right).await.unwrap();
    assert!(cluster.object(&path("kept")).await.unwrap().is_some());
    assert!(cluster.object(&path("gone")).await.unwrap().is_none());
}
