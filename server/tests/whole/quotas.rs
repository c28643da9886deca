//! Quotas of a resource group: where each of the five bites, what is said there, and who may change them.

mod room;
mod syncs;

use serde_json::{Value, json};

use crate::rest::api::{Answer, Api};
use crate::scene::{Scene, Stage};
use crate::tenancy::{SUBSCRIPTION, person};

/// A resource group of a test's own, with the shared control plane connected once more.
struct Team {
    name: String,
    /// Its id in the portal.
    group: String,
    /// The cluster's.
    cluster: String,
}

impl Team {
    async fn new(name: &str) -> Self {
        let team = Self::without_cluster(name).await;
        let stage = Stage::shared().await;
        let kubeconfig = json!({ "kubeconfig": stage.cluster.kubeconfig() });
        let connected = Api::shared().await.put(&team.path("clusters/quota"), &kubeconfig).await;
        assert_eq!(connected.status, 201, "{connected:?}");
        let list = [("query[filter]", "quota")];
        let list = stage.browser.read("list_clusters", &list).await.unwrap();
        let rows = list["page"]["items"].as_array().unwrap();
        let row = rows.iter().find(|row| row["resource_group"] == name).unwrap();
        Self { cluster: row["id"].as_str().unwrap().to_owned(), ..team }
    }

    async fn without_cluster(name: &str) -> Self {
        let fields = [("subscription", SUBSCRIPTION), ("resource_group_name", name)];
        let page = format!("/places/{SUBSCRIPTION}");
        let made = Stage::shared().await.browser.post(&page, "create_resource_group", &fields).await.unwrap();
        let group = made.location().unwrap().trim_start_matches("/places/").to_owned();
        Self { name: name.to_owned(), group, cluster: String::new() }
    }

    /// A path of the portal's REST API.
    fn path(&self, rest: &str) -> String {
        format!("/api/v1/subscriptions/{SUBSCRIPTION}/resourceGroups/{}/{rest}", self.name)
    }

    fn of_configuration(&self, name: &str, act: &str) -> String {
        self.path(&format!("clusters/quota/configurations/{name}/{act}"))
    }

    async fn limit(&self, quota: Value) {
        let set = Api::shared().await.put(&self.path("quota"), &quota).await;
        assert_eq!(set.status, 200, "{set:?}");
    }

    async fn used(&self) -> Value {
        let quota = Api::shared().await.get(&self.path("quota")).await;
        assert_eq!(quota.status, 200, "{quota:?}");
        quota.json["used"].clone()
    }

    /// Adds a scene's configuration by the form.
    async fn add(&self, scene: &Scene) -> String {
        scene.browser().add_configuration(&self.cluster, &scene.fields).await.unwrap()
    }
}

/// The sentence of a refusal by a quota.
fn refused(answer: &Answer) -> &str {
    assert_eq!((answer.status, answer.code()), (409, "QuotaExceeded"), "{answer:?}");
    answer.json["error"]["message"].as_str().unwrap()
}

#[tokio::test]
async fn only_owners_of_the_subscription_change_a_quota_and_the_activity_tells_what_it_was() {
    let team = Team::without_cluster("quota-rights").await;
    let stage = Stage::shared().await;
    let owner = person("quota-owner", &team.group, "Owner").await;
    let page = format!("/places/{}", team.group);
    let seen = owner.get(&page).await.unwrap().text();
    assert!(seen.contains("Syncs per hour") && seen.contains("no limit"), "{seen}");
    assert!(!seen.contains("Change the quotas"), "who is bounded by it only sees it: {seen}");
    let change = [("group", team.group.as_str()), ("version", "0"), ("quota_clusters", "2")];
    assert_eq!(owner.call("set_quota", &change).await.unwrap().status, 403);

    let above = person("quota-above", SUBSCRIPTION, "Owner").await;
    let saved = above.post(&page, "set_quota", &change).await.unwrap();
    assert_eq!((saved.status, saved.location()), (303, Some(page.as_str())), "{}", saved.body);
    let api = Api::shared().await;
    let quota = api.get(&team.path("quota")).await.json;
    assert_eq!((&quota["clusters"], &quota["version"]), (&json!(2), &json!(1)), "{quota}");
    assert_eq!(quota["configurations"], Value::Null);
    let stale = above.post(&page, "set_quota", &change).await.unwrap();
    assert!(stale.text().contains("Somebody else changed this meanwhile"), "{}", stale.text());
    let faulty = [("group", team.group.as_str()), ("version", "1"), ("quota_syncs_per_hour", "0")];
    let faulty = above.post(&page, "set_quota", &faulty).await.unwrap();
    assert_eq!(faulty.status, 422);
    assert!(faulty.text().contains("from 1 to 1000000"), "{}", faulty.text());

    team.limit(json!({ "clusters": 5, "version": 1 })).await;
    let path = format!("/activity.jsonl?filter={}", team.name);
    let lines = stage.browser.get(&path).await.unwrap().body;
    let entries = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let set: Vec<Value> = entries.filter(|entry| entry["action"] == "quota.set").collect();
    assert_eq!(set.len(), 2, "{lines}");
    let change = json!([{ "field": "clusters", "before": "2", "after": "5" }]);
    assert!(set.iter().any(|entry| entry["changes"] == change), "{set:#?}");
}

#[tokio::test]
async fn a_quota_of_the_wrong_shape_or_version_is_refused_and_changes_nothing() {
    let team = Team::without_cluster("quota-shapes").await;
    let api = Api::shared().await;
    let path = team.path("quota");
    for value in [json!(-1), json!(1.5), json!("3"), json!(true), json!([]), json!(1_000_001), json!(1e300)] {
        let answer = api.put(&path, &json!({ "configurations": value })).await;
        assert_eq!((answer.status, answer.targets()), (400, vec!["configurations"]), "{value}: {answer:?}");
    }
    for (body, targets) in [
        (json!({ "syncsPerHour": 0 }), vec!["syncsPerHour"]),
        (json!({ "objects": 1 }), vec!["objects"]),
        (json!({ "clusters": -1, "version": "x" }), vec!["clusters", "version"]),
    ] {
        let answer = api.put(&path, &body).await;
        assert_eq!((answer.status, answer.targets()), (400, targets), "{answer:?}");
    }
    let stale = api.put(&path, &json!({ "clusters": 1, "version": 7 })).await;
    assert_eq!((stale.status, stale.code()), (412, "PreconditionFailed"), "{stale:?}");
    let missing = team.path("quota").replace(&team.name, "quota-nowhere");
    assert_eq!(api.get(&missing).await.status, 404);
    let quota = api.get(&path).await.json;
    assert_eq!((&quota["version"], &quota["clusters"]), (&json!(0), &Value::Null), "{quota}");
    // What was read can be sent back as it is.
    assert_eq!(api.put(&path, &quota).await.status, 200);
}
