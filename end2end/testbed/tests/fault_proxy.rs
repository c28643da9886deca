//! The fault proxy makes the faults it is told to, and none else.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Once;
use std::time::{Duration, Instant};

use futures::future::ready;
use futures::{StreamExt, TryStreamExt};
use http::{Method, StatusCode};
use k8s_openapi::api::core::v1::{ConfigMap, Namespace};
use kube::api::{Api, ListParams, PostParams, WatchEvent, WatchParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use testbed::{Cluster, FaultProxy, GitServer, Rule};

/// A client by nothing but the text of a kubeconfig, as the product makes one.
async fn client(kubeconfig: &str) -> kube::Client {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    let kubeconfig = Kubeconfig::from_yaml(kubeconfig).unwrap();
    let mut config =
        kube::Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await.unwrap();
    config.default_retry = false;
    kube::Client::try_from(config).unwrap()
}

async fn proxied() -> (FaultProxy, Api<Namespace>) {
    let proxy = FaultProxy::in_front_of(Cluster::shared().await.unwrap()).unwrap();
    let namespaces = fresh(&proxy).await;
    (proxy, namespaces)
}

/// Through connections of its own: a client may not have noticed yet that an old one was cut.
async fn fresh(proxy: &FaultProxy) -> Api<Namespace> {
    Api::all(client(&proxy.kubeconfig()).await)
}

fn code(error: kube::Error) -> u16 {
    match error {
        kube::Error::Api(status) => status.code,
        error => panic!("no answer of an API server: {error:?}"),
    }
}

#[tokio::test]
async fn without_rules_everything_passes() {
    let (proxy, namespaces) = proxied().await;
    assert!(namespaces.get("kube-system").await.is_ok());
    assert_eq!(code(namespaces.get("no-such").await.unwrap_err()), 404);
    let seen: Vec<_> = proxy.requests().into_iter().map(|request| (request.path, request.status)).collect();
    let path = |name: &str| format!("/api/v1/namespaces/{name}");
    assert_eq!(seen, [(path("kube-system"), Some(200)), (path("no-such"), Some(404))]);
}

#[tokio::test]
async fn a_wrong_token_is_refused_by_the_api_server_itself() {
    let (proxy, _) = proxied().await;
    let namespaces = Api::<Namespace>::all(client(&proxy.kubeconfig_for_token("wrong")).await);
    assert_eq!(code(namespaces.get("kube-system").await.unwrap_err()), 401);
}

#[tokio::test]
async fn the_second_matching_request_gets_the_status_and_the_others_pass() {
    let (proxy, namespaces) = proxied().await;
    let rule =
        Rule::answer(StatusCode::TOO_MANY_REQUESTS).retry_after(7).method(Method::GET).path_contains("kube-");
    let id = proxy.add(rule.nth(2));
    assert!(namespaces.get("kube-system").await.is_ok());
    assert!(namespaces.get("default").await.is_ok(), "it does not match and does not count");
    assert_eq!(code(namespaces.get("kube-public").await.unwrap_err()), 429);
    assert!(namespaces.get("kube-system").await.is_ok());
    assert_eq!(proxy.hits(id), 1);
}

#[tokio::test]
async fn an_answer_carries_retry_after_and_any_body() {
    let proxy = FaultProxy::to(GitServer::shared().await.unwrap().url(), None).unwrap();
    let teapot = Rule::answer(StatusCode::IM_A_TEAPOT).retry_after(7).body("text/html", "<p>no</p>");
    proxy.add(teapot.when(|request| request.path == "/x?y=1"));
    let response = reqwest_client().get(format!("{}/x?y=1", proxy.url())).send().await.unwrap();
    assert_eq!(response.status().as_u16(), 418);
    assert_eq!(response.headers()["retry-after"], "7");
    assert_eq!(response.headers()["content-type"], "text/html");
    assert_eq!(response.text().await.unwrap(), "<p>no</p>");
}

fn reqwest_client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().unwrap()
}

#[tokio::test]
async fn a_delay_holds_the_request_back() {
    let (proxy, namespaces) = proxied().await;
    let time = Duration::from_millis(300);
    proxy.add(Rule::delay(time).first(1));
    let started = Instant::now();
    assert!(namespaces.get("kube-system").await.is_ok());
    assert!(started.elapsed() >= time);
}

#[tokio::test]
async fn a_cut_request_never_reaches_the_server_and_one_cut_afterwards_does() {
    let (proxy, _) = proxied().await;
    let namespace = |name: &str| -> Namespace {
        serde_json::from_value(serde_json::json!({ "metadata": { "name": name } })).unwrap()
    };
    let names = [unique("cut"), unique("afterwards")];
    proxy.add(Rule::cut().method(Method::POST).nth(1));
    proxy.add(Rule::cut_afterwards().method(Method::POST).nth(2));
    for name in &names {
        let error = fresh(&proxy).await.create(&PostParams::default(), &namespace(name)).await.unwrap_err();
        assert!(!matches!(error, kube::Error::Api(_)), "an answer came through: {error:?}");
    }
    let direct = Api::<Namespace>::all(Cluster::shared().await.unwrap().client().unwrap());
    assert!(direct.get_opt(&names[0]).await.unwrap().is_none());
    assert!(direct.get_opt(&names[1]).await.unwrap().is_some());
    assert_eq!(proxy.requests()[0].status, None);
}

fn unique(prefix: &str) -> String {
    format!("{prefix}-{}", std::process::id())
}

#[tokio::test]
async fn half_an_answer_is_an_error_and_not_a_short_list() {
    let (proxy, namespaces) = proxied().await;
    proxy.add(Rule::truncate(40).first(1));
    namespaces.list(&ListParams::default()).await.unwrap_err();
    let namespaces = fresh(&proxy).await;
    assert!(!namespaces.list(&ListParams::default()).await.unwrap().items.is_empty());
}

#[tokio::test]
async fn a_slow_answer_arrives_whole() {
    let (proxy, namespaces) = proxied().await;
    let id = proxy.add(Rule::slow(20_000));
    assert!(!namespaces.list(&ListParams::default()).await.unwrap().items.is_empty());
    assert_eq!(proxy.hits(id), 1);
}

#[tokio::test]
async fn a_hanging_request_ends_when_the_connections_are_cut() {
    let (proxy, namespaces) = proxied().await;
    let id = proxy.add(Rule::hang());
    let get = namespaces.get("kube-system");
    let cut = async {
        while proxy.hits(id) == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        proxy.clear();
        proxy.cut_all();
    };
    let (answer, ()) = tokio::join!(get, cut);
    answer.unwrap_err();
    assert!(fresh(&proxy).await.get("kube-system").await.is_ok());
}

#[tokio::test]
async fn while_it_refuses_nobody_gets_through() {
    let (proxy, namespaces) = proxied().await;
    assert!(namespaces.get("kube-system").await.is_ok());
    proxy.refuse(true);
    namespaces.get("kube-system").await.unwrap_err();
    proxy.refuse(false);
    assert!(fresh(&proxy).await.get("kube-system").await.is_ok());
}

#[tokio::test]
async fn a_watch_streams_through_until_it_is_cut() {
    let cluster = Cluster::shared().await.unwrap();
    let namespace = cluster.namespace("watched").await.unwrap();
    let (proxy, _) = proxied().await;
    let maps = Api::<ConfigMap>::namespaced(client(&proxy.kubeconfig()).await, &namespace);
    // The controller manager puts one of its own into each namespace.
    let parameters = WatchParams::default().fields("metadata.name=ours");
    let events = maps.watch(&parameters, "0").await.unwrap();
    let mut watch = events.try_filter(|event| ready(!matches!(event, WatchEvent::Bookmark(_)))).boxed();
    let map: ConfigMap =
        serde_json::from_value(serde_json::json!({ "metadata": { "name": "ours" } })).unwrap();
    let direct = Api::<ConfigMap>::namespaced(cluster.client().unwrap(), &namespace);
    direct.create(&PostParams::default(), &map).await.unwrap();
    let event = watch.try_next().await.unwrap();
    assert!(matches!(event, Some(WatchEvent::Added(_))), "{event:?}");
    proxy.cut_all();
    assert!(!matches!(watch.try_next().await, Ok(Some(_))));
}
