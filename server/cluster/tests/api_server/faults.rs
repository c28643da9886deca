//! A cluster that does not answer as it should.

use domain::reason::{ConnectionReason, ObjectReason, Reason};
use engine::port::cluster::{Cluster as _, KindLookup};
use http::{Method, StatusCode};
use serde_json::json;
use testbed::{FaultProxy, Rule};

use crate::support::{config_map, connection, provisioned, testbed, unique};

async fn proxy() -> FaultProxy {
    FaultProxy::in_front_of(testbed().await).expect("a proxy")
}

#[tokio::test]
async fn a_cluster_that_asks_to_come_back_later_is_asked_again() {
    let proxy = proxy().await;
    let connection = connection(&proxy.kubeconfig());
    let busy =
        Rule::answer(StatusCode::TOO_MANY_REQUESTS).retry_after(1).path_contains("kube-system").first(2);
    let busy = proxy.add(busy);
    connection.identify(true).await.expect("an identity at last");
    assert_eq!(proxy.hits(busy), 2);
}

#[tokio::test]
async fn a_connection_that_is_closed_under_a_request_is_opened_again() {
    let proxy = proxy().await;
    let connection = connection(&proxy.kubeconfig());
    connection.identify(true).await.expect("an identity");
    let cut = proxy.add(Rule::cut().path_contains("kube-system").first(1));
    connection.identify(true).await.expect("an identity");
    assert_eq!(proxy.hits(cut), 1);
}

#[tokio::test]
async fn an_apply_whose_answer_was_lost_is_made_again_with_the_same_result() {
    let proxy = proxy().await;
    let (_direct, operator) = provisioned("lost").await;
    let namespace = unique("lost").await;
    let connection = connection(&proxy.kubeconfig());
    proxy.add(Rule::cut_afterwards().method(Method::PATCH).first(1));
    let wanted = config_map(&namespace, "a", &json!({"a": "1"}));
    let client = connection.operator(&operator);
    let applied = client.apply(&wanted).await.expect("applied");
    assert_eq!(client.dry_run(&wanted).await.expect("a dry-run").own_fields, applied.own_fields);
}

#[tokio::test]
async fn a_cluster_that_fails_is_said_to_be_unreachable_and_its_objects_unavailable() {
    let proxy = proxy().await;
    let (_direct, operator) = provisioned("fails").await;
    let namespace = unique("fails").await;
    let connection = connection(&proxy.kubeconfig());
    proxy.add(Rule::answer(StatusCode::INTERNAL_SERVER_ERROR));
    assert_eq!(connection.identify(true).await.expect_err("fails").reason, Reason::ClusterUnreachable);
    let client = connection.operator(&operator);
    let error = client.apply(&config_map(&namespace, "a", &json!({}))).await.expect_err("fails");
    assert_eq!(error.reason, ObjectReason::Unavailable);
    assert_eq!(client.kinds(true).await.expect_err("fails").reason, Reason::ClusterUnreachable);
}

#[tokio::test]
async fn what_a_proxy_answers_instead_of_the_cluster_is_not_repeated() {
    let proxy = proxy().await;
    let connection = connection(&proxy.kubeconfig());
    proxy.add(Rule::answer(StatusCode::BAD_GATEWAY).body("text/html", "<script>CANARY</script>"));
    let look = connection.look().await;
    assert_eq!(look.status.reason, ConnectionReason::Failed);
    assert_eq!(look.status.detail.as_deref(), Some("the server answered 502 Bad Gateway"));
    proxy.clear();
    proxy.add(Rule::answer(StatusCode::OK).body("text/html", "<script>CANARY</script>"));
    let look = connection.look().await;
    assert_eq!(look.status.reason, ConnectionReason::Failed);
    assert!(!look.status.detail.expect("words").contains("CANARY"));
}

#[tokio::test]
async fn half_a_discovery_is_no_discovery() {
    let proxy = proxy().await;
    let (_direct, operator) = provisioned("half").await;
    let connection = connection(&proxy.kubeconfig());
    let client = connection.operator(&operator);
    let cut = proxy.add(Rule::truncate(500).path_contains("/apis"));
    assert!(client.kinds(true).await.is_err());
    proxy.remove(cut);
    let kinds = client.kinds(false).await.expect("kinds");
    assert!(matches!(kinds.find("apps", "v1", "Deployment"), KindLookup::Served(_)));
}

#[tokio::test]
async fn kinds_are_asked_for_once_in_a_while_and_when_asked_freshly() {
    let proxy = proxy().await;
    let (_direct, operator) = provisioned("kinds").await;
    let connection = connection(&proxy.kubeconfig());
    let client = connection.operator(&operator);
    let asked =
        || proxy.requests().iter().filter(|request| matches!(&*request.path, "/api" | "/apis")).count();
    let (one, two) = tokio::join!(client.kinds(false), client.kinds(false));
    assert_eq!(one.expect("kinds"), two.expect("kinds"));
    assert_eq!(asked(), 2, "one for /api, one for /apis");
    client.kinds(false).await.expect("kinds");
    assert_eq!(asked(), 2);
    client.kinds(true).await.expect("kinds");
    assert_eq!(asked(), 4);
}
