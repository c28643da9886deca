//! The list of hosts that a subscription allows: what it keeps from being connected to, who changes it, and where it is
//! said.

use serde_json::{Value, json};
use testbed::{GitServer, SshGitServer};

use crate::rest::api::Api;
use crate::scene::{Scene, Stage, eventually};
use crate::tenancy::person;

/// A subscription of a test's own with the shared control plane connected, by its name and not by its address: so a
/// list can allow the one and not the Git servers, which are at the same address.
struct Team {
    subscription: String,
    cluster: String,
}

impl Team {
    async fn without_cluster(name: &str) -> Self {
        let browser = &Stage::shared().await.browser;
        let made = [("display_name", name), ("subscription", "")];
        let made = browser.post("/places", "create_subscription", &made).await.unwrap();
        let subscription = made.location().unwrap().trim_start_matches("/places/").to_owned();
        let page = format!("/places/{subscription}");
        let group = [("subscription", subscription.as_str()), ("resource_group_name", name)];
        browser.post(&page, "create_resource_group", &group).await.unwrap();
        Self { subscription, cluster: String::new() }
    }

    async fn new(name: &str) -> Self {
        let team = Self::without_cluster(name).await;
        let connected = team.connect(name, "connected").await;
        assert_eq!(connected.status, 201, "{connected:?}");
        let list = [("query[filter]", "connected")];
        let list = Stage::shared().await.browser.read("list_clusters", &list).await.unwrap();
        let rows = list["page"]["items"].as_array().unwrap();
        let row = rows.iter().find(|row| row["resource_group"] == name).unwrap();
        Self { cluster: row["id"].as_str().unwrap().to_owned(), ..team }
    }

    async fn connect(&self, group: &str, cluster: &str) -> crate::rest::api::Answer {
        let kubeconfig = Stage::shared().await.cluster.kubeconfig().replace("127.0.0.1", "localhost");
        let path = format!("resourceGroups/{group}/clusters/{cluster}");
        Api::shared().await.put(&self.path(&path), &json!({ "kubeconfig": kubeconfig })).await
    }

    fn path(&self, rest: &str) -> String {
        format!("/api/v1/subscriptions/{}/{rest}", self.subscription)
    }

    async fn allow(&self, hosts: &[&str]) {
        let set = Api::shared().await.put(&self.path("outbound"), &json!({ "hosts": hosts })).await;
        assert_eq!((set.status, &set.json["hosts"]), (200, &json!(hosts)), "{set:?}");
    }

    async fn add(&self, scene: &Scene) -> String {
        scene.browser().add_configuration(&self.cluster, &scene.fields).await.unwrap()
    }

    /// What is known of the connection, by its word.
    async fn connection(&self) -> String {
        let browser = &Stage::shared().await.browser;
        let cluster = browser.read("get_cluster", &[("id", &self.cluster)]).await.unwrap();
        cluster["row"]["status"]["reason"]["code"].as_str().unwrap_or_default().to_owned()
    }
}

async fn commit(scene: &Scene) {
    let (namespace, settings) = (scene.namespace(), scene.config_map("settings", "one"));
    scene.commit(&[("namespace.yaml", &namespace), ("settings.yaml", &settings)]).await;
}

// S-E5
#[tokio::test]
async fn a_subscriptions_list_keeps_its_configurations_from_every_other_host() {
    let team = Team::new("outbound-git").await;
    let ssh_server = SshGitServer::start().await.unwrap();
    let git = GitServer::start().await.unwrap();
    let mut over_http = Scene::shared("listedhttp").await;
    over_http.repository = git.repository("manifests").await.unwrap();
    let url = over_http.repository.url().to_owned();
    let over_http = over_http.with("repository_url", &url).with("git_poll_interval", "1s");
    let mut over_ssh = Scene::shared("listedssh").await;
    over_ssh.repository = ssh_server.repository("manifests").await.unwrap();
    let url = over_ssh.repository.url().to_owned();
    let key = ssh_server.private_key().to_owned();
    let over_ssh = over_ssh
        .with("repository_url", &url)
        .with("git_poll_interval", "1s")
        .with("ssh_known_hosts", &ssh_server.known_hosts())
        .with("ssh_key", "own")
        .with("ssh_private_key", &key);
    // In another subscription, whose list is empty.
    let mut elsewhere = Scene::shared("unlisted").await;
    elsewhere.repository = git.repository("elsewhere").await.unwrap();
    let url = elsewhere.repository.url().to_owned();
    let elsewhere = elsewhere.with("repository_url", &url).with("git_poll_interval", "1s");
    for scene in [&over_http, &over_ssh, &elsewhere] {
        commit(scene).await;
    }
    let ids = [team.add(&over_http).await, team.add(&over_ssh).await];
    let other = elsewhere.add().await;
    for id in ids.iter().chain([&other]) {
        over_http.browser().until_installed(id).await.unwrap();
    }

    team.allow(&["localhost", "*.example.com"]).await;
    for (scene, id) in [(&over_http, &ids[0]), (&over_ssh, &ids[1])] {
        let view = scene.until_told(id, "repositoryAddressNotListed").await;
        assert_eq!(view.compliance(), "Failed");
        assert!(view.detail().contains("127.0.0.1 is not on the list"), "{}", view.detail());
        assert!(view.detail().contains("an owner of the subscription can add it"), "{}", view.detail());
        assert_eq!(scene.value("settings").await.as_deref(), Some("one"), "nothing is deleted");
    }
    let asked = over_http.repository.requests().unwrap().discoveries;
    let plan = over_http.browser();
    let planned = Api::shared().await;
    let path = team.path(&format!(
        "resourceGroups/outbound-git/clusters/connected/configurations/{}/plan",
        over_http.name
    ));
    let planned = planned.post(&path, Some(&json!({ "revision": "main" }))).await;
    assert!(planned.status >= 400 && planned.json.to_string().contains("list of hosts"), "{planned:?}");
    plan.sync(&ids[0]).await.unwrap();
    assert_eq!(over_http.repository.requests().unwrap().discoveries, asked, "the host hears nothing");

    elsewhere.commit(&[("settings.yaml", &elsewhere.config_map("settings", "two"))]).await;
    assert_eq!(elsewhere.browser().sync(&other).await.unwrap().compliance(), "Installed");
    assert_eq!(elsewhere.value("settings").await.as_deref(), Some("two"));

    team.allow(&["localhost", "127.0.0.0/8"]).await;
    for id in &ids {
        over_http.browser().sync_now(id).await.unwrap();
        over_http.browser().until_installed(id).await.unwrap();
    }
}

// S-E5
#[tokio::test]
async fn a_subscriptions_list_cuts_off_its_clusters_and_says_so_and_no_other_is_connected() {
    let team = Team::new("outbound-cluster").await;
    let stage = Stage::shared().await;
    eventually("the cluster answers", || async { team.connection().await == "connected" }).await;

    team.allow(&["10.0.0.0/8"]).await;
    eventually("the cluster is cut off", || async { team.connection().await == "addressNotListed" }).await;
    let page = stage.browser.get(&format!("/clusters/{}", team.cluster)).await.unwrap().text();
    assert!(page.contains("An owner of the subscription can add it"), "{page}");
    // Who asks by hand is told the same, also with another kubeconfig.
    let cluster = [("id", team.cluster.as_str())];
    assert_eq!(stage.browser.call("check_cluster", &cluster).await.unwrap().status, 200);
    assert_eq!(team.connection().await, "addressNotListed");
    let kubeconfig = stage.cluster.kubeconfig();
    let replace = [("id", team.cluster.as_str()), ("kubeconfig", kubeconfig.as_str())];
    assert_eq!(stage.browser.call("replace_kubeconfig", &replace).await.unwrap().status, 409);
    let second = Team::without_cluster("outbound-second").await;
    second.allow(&["git.example.com"]).await;
    let refused = second.connect("outbound-second", "refused").await;
    assert_eq!((refused.status, refused.code()), (409, "Conflict"), "{refused:?}");
    // The same control plane is connected for others.
    let shared = stage.browser.read("get_cluster", &[("id", &stage.cluster_id)]).await.unwrap();
    assert_eq!(shared["row"]["status"]["connectivity"], "Connected", "{shared}");

    team.allow(&["localhost"]).await;
    eventually("the cluster answers again", || async { team.connection().await == "connected" }).await;
}

// S-E5
#[tokio::test]
async fn only_owners_change_a_list_and_the_activity_tells_what_it_was() {
    let team = Team::without_cluster("outbound-rights").await;
    let page = format!("/places/{}", team.subscription);
    let reader = person("outbound-reader", &team.subscription, "Contributor").await;
    let seen = reader.get(&page).await.unwrap().text();
    assert!(
        seen.contains("whatever the server allows") && !seen.contains("Save the allowed hosts"),
        "{seen}"
    );
    let typed = "Git.example.com\n*.internal.example.com, 10.1.2.3/16";
    let change = [("subscription", team.subscription.as_str()), ("version", "0"), ("outbound_hosts", typed)];
    assert_eq!(reader.call("set_outbound", &change).await.unwrap().status, 403);

    let owner = person("outbound-owner", &team.subscription, "Owner").await;
    let saved = owner.post(&page, "set_outbound", &change).await.unwrap();
    assert_eq!((saved.status, saved.location()), (303, Some(page.as_str())), "{}", saved.body);
    let api = Api::shared().await;
    let list = api.get(&team.path("outbound")).await.json;
    let hosts = json!(["git.example.com", "*.internal.example.com", "10.1.0.0/16"]);
    assert_eq!(list, json!({ "hosts": hosts, "version": 1 }));
    let seen = reader.get(&page).await.unwrap().text();
    assert!(seen.contains("*.internal.example.com"), "{seen}");
    let stale = owner.post(&page, "set_outbound", &change).await.unwrap();
    assert!(stale.text().contains("Somebody else changed this meanwhile"), "{}", stale.text());
    let faulty = [change[0], ("version", "1"), ("outbound_hosts", "https://git.example.com")];
    let faulty = owner.post(&page, "set_outbound", &faulty).await.unwrap();
    assert_eq!(faulty.status, 422);
    assert!(faulty.text().contains("https://git.example.com is no entry"), "{}", faulty.text());

    // What was read can be sent back as it is; that is no change.
    assert_eq!(api.put(&team.path("outbound"), &list).await.json, list);
    for (body, targets) in [
        (json!({ "hosts": "x" }), vec!["hosts"]),
        (json!({ "hosts": [1] }), vec!["hosts"]),
        (json!({ "hosts": ["a b"] }), vec!["hosts"]),
        (json!({ "hosts": vec!["a"; 101] }), vec!["hosts"]),
        (json!({ "names": [], "version": -1 }), vec!["version", "names"]),
    ] {
        let answer = api.put(&team.path("outbound"), &body).await;
        assert_eq!((answer.status, answer.targets()), (400, targets), "{answer:?}");
    }
    let stale = api.put(&team.path("outbound"), &json!({ "hosts": [], "version": 7 })).await;
    assert_eq!((stale.status, stale.code()), (412, "PreconditionFailed"), "{stale:?}");
    let emptied = api.put(&team.path("outbound"), &json!({ "version": 1 })).await;
    assert_eq!(emptied.json, json!({ "hosts": [], "version": 2 }));

    let lines =
        Stage::shared().await.browser.get("/activity.jsonl?filter=outbound-rights").await.unwrap().body;
    let entries = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let set: Vec<Value> = entries.filter(|entry| entry["action"] == "outbound.set").collect();
    let text = "git.example.com, *.internal.example.com, 10.1.0.0/16";
    for change in [
        json!([{ "field": "hosts", "before": null, "after": text }]),
        json!([{ "field": "hosts", "before": text, "after": null }]),
    ] {
        assert!(set.iter().any(|entry| entry["changes"] == change), "{change}: {set:#?}");
    }
    assert_eq!(set.len(), 2, "{set:#?}");
}
