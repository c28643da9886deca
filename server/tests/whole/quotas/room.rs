//! Configurations and clusters: none may be made beyond the quota.

use serde_json::json;

use super::{Team, refused};
use crate::rest::api::{Api, VERSION};
use crate::scene::{Scene, Stage};
use crate::tenancy::SUBSCRIPTION;

#[tokio::test]
async fn a_configuration_beyond_the_quota_is_refused_by_form_and_api_and_the_form_says_so_before() {
    let team = Team::new("quota-configurations").await;
    let (first, second) = (Scene::shared("quotaone").await, Scene::shared("quotatwo").await);
    team.add(&first).await;
    team.limit(json!({ "configurations": 1 })).await;

    let page = format!("/clusters/{}/gitops/new", team.cluster);
    let form = second.browser().get(&page).await.unwrap().text();
    let sentence = "The resource group has no room left: Configurations, 1 of 1.";
    assert!(form.contains(sentence) && form.contains("owner of the subscription"), "{form}");
    let mut pairs = second.fields.pairs();
    pairs.push(("cluster", team.cluster.as_str()));
    let posted = second.browser().post(&page, "create_configuration", &pairs).await.unwrap();
    assert_eq!(posted.status, 409, "{}", posted.text());
    assert!(posted.text().contains(sentence), "{}", posted.text());

    let path = format!(
        "/subscriptions/{SUBSCRIPTION}/resourceGroups/{}/providers/Microsoft.Kubernetes/connectedClusters/quota/\
         providers/Microsoft.KubernetesConfiguration/sourceControlConfigurations",
        team.name
    );
    let properties = json!({
        "repositoryUrl": second.repository.url(),
        "operatorNamespace": second.name,
        "operatorInstanceName": second.name,
    });
    let body = json!({ "properties": properties });
    let second_path = format!("{path}/{}?{VERSION}", second.name);
    let answer = Api::shared().await.put(&second_path, &body).await;
    assert!(refused(&answer).starts_with(sentence), "{answer:?}");
    // What is there may still be changed.
    let properties = json!({
        "repositoryUrl": first.repository.url(),
        "operatorNamespace": first.name,
        "operatorInstanceName": first.name,
    });
    let kept = Api::shared().await;
    let kept =
        kept.put(&format!("{path}/{}?{VERSION}", first.name), &json!({ "properties": properties })).await;
    assert_eq!(kept.status, 200, "{kept:?}");

    team.limit(json!({ "configurations": 2 })).await;
    assert_eq!(Api::shared().await.put(&second_path, &body).await.status, 201);
    assert_eq!(team.used().await["configurations"], json!(2));
}

#[tokio::test]
async fn a_cluster_beyond_the_quota_is_not_connected_and_the_form_says_so_before() {
    let team = Team::without_cluster("quota-clusters").await;
    let stage = Stage::shared().await;
    team.limit(json!({ "clusters": 0 })).await;
    let kubeconfig = stage.cluster.kubeconfig();
    let body = json!({ "kubeconfig": kubeconfig });
    let answer = Api::shared().await.put(&team.path("clusters/refused"), &body).await;
    assert!(refused(&answer).contains("no room left: Clusters, 0 of 0."), "{answer:?}");
    assert_eq!(Api::shared().await.get(&team.path("clusters/refused")).await.status, 404);

    let waiting = [("kubeconfig", kubeconfig.as_str())];
    let waiting = stage.browser.submit("/clusters/connect", "begin_connect", &waiting).await.unwrap();
    let page = format!("{waiting}&context=default");
    let step = stage.browser.get(&page).await.unwrap().text();
    assert!(step.contains("quota-clusters (no room: 0 of 0 clusters)"), "{step}");
    let draft = waiting.split_once("draft=").unwrap().1.split('&').next().unwrap();
    let place = format!("{SUBSCRIPTION}/{}", team.name);
    let fields = [
        ("draft", draft),
        ("context", "default"),
        ("cluster_name", "refused"),
        ("cluster_type", "connectedClusters"),
        ("resource_group", &place),
    ];
    let posted = stage.browser.post(&page, "connect_cluster", &fields).await.unwrap();
    assert_eq!(posted.status, 409, "{}", posted.text());
    assert!(posted.text().contains("no room left: Clusters, 0 of 0."), "{}", posted.text());

    team.limit(json!({})).await;
    assert_eq!(Api::shared().await.put(&team.path("clusters/allowed"), &body).await.status, 201);
}
