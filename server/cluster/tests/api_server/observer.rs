//! What the watches see.

use std::collections::BTreeSet;

use domain::health::Health;
use domain::object::{ObjectKey, ResourceKind};
use engine::port::cluster::{Cluster as _, Observation, Observed, Observer};
use http::StatusCode;
use kube::api::{DeleteParams, Patch, PatchParams};
use serde_json::json;
use testbed::{FaultProxy, Rule};

use crate::support::{
    about, administrator, config_map, config_maps, config_maps_of, connection, desired, eventually, kind,
    provisioned, testbed, unique,
};

fn only(kind: ResourceKind) -> BTreeSet<ResourceKind> {
    BTreeSet::from([kind])
}

fn present(observation: Observation) -> Option<Observed> {
    match observation {
        Observation::Present(observed) => Some(observed),
        Observation::Absent | Observation::Unwatched => None,
    }
}

async fn sees(observer: &dyn Observer, key: &ObjectKey, what: &str, holds: impl Fn(&Observation) -> bool) {
    eventually(what, || std::future::ready(holds(&observer.observation(key)))).await;
}

#[tokio::test]
async fn a_change_by_somebody_else_is_seen_as_a_change_of_our_fields() {
    let (connection, operator) = provisioned("drift").await;
    let namespace = unique("drift").await;
    let observer = connection.observer();
    let wanted = config_map(&namespace, "endpoints", &json!({"a": "1"}));
    assert_eq!(observer.observation(&wanted.key), Observation::Unwatched);
    observer.watch(&only(config_maps())).await;
    assert_eq!(observer.observation(&wanted.key), Observation::Absent);

    let applied = connection.operator(&operator).apply(&wanted).await.expect("applied");
    sees(&*observer, &wanted.key, "our object is seen", |seen| present(seen.clone()).is_some()).await;
    let seen = present(observer.observation(&wanted.key)).expect("there");
    assert_eq!((seen.uid, seen.own_fields), (applied.uid, applied.own_fields.clone()));

    let mut changes = observer.changes();
    let theirs = config_maps_of(&namespace).await;
    let change = Patch::Merge(json!({"data": {"a": "2"}}));
    theirs.patch("endpoints", &PatchParams::default(), &change).await.expect("patched");
    let told = async { while changes.recv().await.expect("a change") != wanted.key {} };
    told.await;
    assert_ne!(present(observer.observation(&wanted.key)).expect("there").own_fields, applied.own_fields);

    theirs.delete("endpoints", &DeleteParams::default()).await.expect("deleted");
    sees(&*observer, &wanted.key, "the object is gone", |seen| *seen == Observation::Absent).await;
}

#[tokio::test]
async fn a_field_that_is_not_ours_is_not_told() {
    let (connection, operator) = provisioned("theirs").await;
    let namespace = unique("theirs").await;
    let observer = connection.observer();
    observer.watch(&only(config_maps())).await;
    let client = connection.operator(&operator);
    let first = config_map(&namespace, "first", &json!({"a": "1"}));
    let last = config_map(&namespace, "last", &json!({}));
    client.apply(&first).await.expect("applied");
    sees(&*observer, &first.key, "our object is seen", |seen| present(seen.clone()).is_some()).await;

    let mut changes = observer.changes();
    let change = Patch::Merge(json!({"data": {"b": "theirs"}}));
    config_maps_of(&namespace).await.patch("first", &PatchParams::default(), &change).await.expect("patched");
    client.apply(&last).await.expect("applied");
    loop {
        // Other tests have objects with marks too.
        let key = changes.recv().await.expect("a change");
        assert_ne!(key, first.key);
        if key == last.key {
            break;
        }
    }
}

#[tokio::test]
async fn the_health_of_a_workload_is_followed() {
    let (connection, operator) = provisioned("health").await;
    let namespace = unique("health").await;
    let deployments = kind("apps", "Deployment", "deployments");
    let spec = json!({"spec": {
        "replicas": 1, "selector": {"matchLabels": {"app": "web"}},
        "template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "web", "image": "web:1"}]}},
    }});
    let wanted = desired(&deployments, Some(&namespace), "web", &spec);
    let observer = connection.observer();
    observer.watch(&only(deployments)).await;
    let applied = connection.operator(&operator).apply(&wanted).await.expect("applied");
    assert_eq!(applied.health, Health::Progressing);
    sees(&*observer, &wanted.key, "the workload is healthy", |seen| {
        present(seen.clone()).is_some_and(|seen| seen.health == Health::Healthy)
    })
    .await;
    let seen = present(observer.observation(&wanted.key)).expect("there");
    assert_eq!(seen.own_fields, applied.own_fields);
}

#[tokio::test]
async fn a_watch_asks_for_our_objects_only_and_for_metadata_where_that_is_enough() {
    let connection = administrator().await;
    let mark = testbed().await.audit_mark().await.expect("a mark");
    let roles = kind("rbac.authorization.k8s.io", "Role", "roles");
    connection.observer().watch(&only(roles)).await;
    connection.observer().watch(&only(kind("rbac.authorization.k8s.io", "Role", "roles"))).await;
    eventually("the watch is open", || async {
        let events = testbed().await.audit(mark).await.expect("events");
        about(&events, "sync-gc-mark").iter().any(|event| event.resource == "roles" && event.verb == "watch")
    })
    .await;
    let events = testbed().await.audit(mark).await.expect("events");
    let ours: Vec<_> = about(&events, "/roles")
        .into_iter()
        .filter(|event| event.user_agent.starts_with("fairlead/"))
        .collect();
    let verbs: Vec<_> = ours.iter().map(|event| event.verb.as_str()).collect();
    assert_eq!(verbs, ["list", "watch"]);
    assert!(ours.iter().all(|event| event.request_uri.contains("labelSelector=fluxcd.io%2Fsync-gc-mark")));
}

#[tokio::test]
async fn without_the_right_to_watch_a_kind_is_unwatched() {
    let kubeconfig = testbed().await.kubeconfig_for_user("cannot-watch").expect("a kubeconfig");
    let connection = connection(&kubeconfig);
    let observer = connection.observer();
    observer.watch(&only(config_maps())).await;
    let key = config_map("default", "a", &json!({})).key;
    assert_eq!(observer.observation(&key), Observation::Unwatched);
}

#[tokio::test]
async fn what_changed_while_the_watch_was_cut_is_seen_when_it_is_back() {
    let proxy = FaultProxy::in_front_of(testbed().await).expect("a proxy");
    let connection = connection(&proxy.kubeconfig());
    let (direct, operator) = provisioned("cut").await;
    let namespace = unique("cut").await;
    let client = direct.operator(&operator);
    let observer = connection.observer();
    observer.watch(&only(config_maps())).await;
    let wanted = config_map(&namespace, "endpoints", &json!({"a": "1"}));
    let first = client.apply(&wanted).await.expect("applied");
    sees(&*observer, &wanted.key, "our object is seen", |seen| present(seen.clone()).is_some()).await;

    proxy.refuse(true);
    proxy.cut_all();
    sees(&*observer, &wanted.key, "the watch is known to be lost", |seen| *seen == Observation::Unwatched)
        .await;
    let changed = config_map(&namespace, "endpoints", &json!({"b": "2"}));
    let second = client.apply(&changed).await.expect("applied");
    assert_ne!(first.own_fields, second.own_fields);
    proxy.refuse(false);
    sees(&*observer, &wanted.key, "the change is seen", |seen| {
        present(seen.clone()).is_some_and(|seen| seen.own_fields == second.own_fields)
    })
    .await;
}

#[tokio::test]
async fn a_version_that_is_too_old_is_answered_by_a_new_list() {
    let proxy = FaultProxy::in_front_of(testbed().await).expect("a proxy");
    let connection = connection(&proxy.kubeconfig());
    let gone = proxy.add(Rule::answer(StatusCode::GONE).path_contains("watch=true").first(2));
    let (direct, operator) = provisioned("gone").await;
    let namespace = unique("gone").await;
    let observer = connection.observer();
    observer.watch(&only(config_maps())).await;
    let wanted = config_map(&namespace, "endpoints", &json!({}));
    direct.operator(&operator).apply(&wanted).await.expect("applied");
    sees(&*observer, &wanted.key, "our object is seen", |seen| present(seen.clone()).is_some()).await;
    assert_eq!(proxy.hits(gone), 2);
}

#[tokio::test]
async fn the_watches_end_with_their_connection() {
    let proxy = FaultProxy::in_front_of(testbed().await).expect("a proxy");
    let connection = connection(&proxy.kubeconfig());
    connection.observer().watch(&only(config_maps())).await;
    eventually("the watch is open", || {
        std::future::ready(proxy.requests().iter().any(|request| request.path.contains("watch=true")))
    })
    .await;
    drop(connection);
    proxy.forget_requests();
    proxy.cut_all();
    // A watch that lived on would be opened again after a second.
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    assert!(proxy.requests().is_empty(), "{:?}", proxy.requests());
}

#[tokio::test]
async fn where_nothing_watches_one_list_tells_whose_fields_the_objects_have() {
    let (connection, operator) = provisioned("listed").await;
    let namespace = unique("listed").await;
    let client = connection.operator(&operator);
    let wanted = config_map(&namespace, "endpoints", &json!({"a": "1"}));
    let applied = client.apply(&wanted).await.expect("applied");
    let listed = client.list(&config_maps(), Some(&namespace)).await.expect("a list");
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[&wanted.key].uid, applied.uid);
    assert_eq!(listed[&wanted.key].own_fields, applied.own_fields);
    assert!(client.list(&config_maps(), None).await.expect("a list").contains_key(&wanted.key));
}

#[tokio::test]
async fn an_answer_that_is_no_list_is_not_taken_for_an_empty_one() {
    let proxy = FaultProxy::in_front_of(testbed().await).expect("a proxy");
    let connection = connection(&proxy.kubeconfig());
    let (_, operator) = provisioned("no-list").await;
    let namespace = unique("no-list").await;
    let client = connection.operator(&operator);
    client.apply(&config_map(&namespace, "endpoints", &json!({}))).await.expect("applied");
    let rule = proxy.add(Rule::answer(StatusCode::OK).path_contains("/configmaps?"));
    client.list(&config_maps(), Some(&namespace)).await.expect_err("a status is no list");
    proxy.remove(rule);
    assert_eq!(client.list(&config_maps(), Some(&namespace)).await.expect("a list").len(), 1);
}
