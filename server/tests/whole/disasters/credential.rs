//! A kubeconfig whose credential ends, or is replaced, while it is used.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use testbed::{
    Answer, Browser, Cluster, ConfigurationFields, ConfigurationView, FaultProxy, GitServer, Portal,
    PortalOptions, Repository, Rule,
};

use crate::scene::eventually;

/// Requests that a refused credential may still make, one by one, in the time that is watched.
const REFUSED_MOST: usize = 40;
const WATCHED: Duration = Duration::from_secs(5);

/// A configuration in place through a service account's token, which ends when its Secret is deleted.
struct Subject {
    cluster: Cluster,
    proxy: FaultProxy,
    browser: Browser,
    _portal: Portal,
    repository: Repository,
    cluster_id: String,
    id: String,
    secret: String,
}

impl Subject {
    async fn start() -> Self {
        let cluster = Cluster::start().await.unwrap();
        cluster.service_account_token("kube-system", "first").await.unwrap();
        cluster.make_administrator("kube-system", "first").await.unwrap();
        let secrets = "/api/v1/namespaces/kube-system/secrets";
        let made = json!({ "metadata": { "name": "bound" } });
        let (status, secret) = cluster.ask(Method::POST, secrets, Some(&made)).await.unwrap();
        assert_eq!(status, 201, "{secret}");
        let bound = json!({ "spec": { "boundObjectRef": {
            "apiVersion": "v1", "kind": "Secret", "name": "bound", "uid": secret["metadata"]["uid"],
        } } });
        let account = "/api/v1/namespaces/kube-system/serviceaccounts/first/token";
        let (status, token) = cluster.ask(Method::POST, account, Some(&bound)).await.unwrap();
        assert_eq!(status, 201, "{token}");
        let proxy = FaultProxy::in_front_of(&cluster).unwrap();
        let environment = vec![("FAIRLEAD_CLUSTER_INTERVAL_SECONDS".to_owned(), "1".to_owned())];
        let portal = Portal::start_with(PortalOptions { listen: None, environment }).await.unwrap();
        let browser = portal.sign_in().await.unwrap();
        let kubeconfig = proxy.kubeconfig_for_token(token["status"]["token"].as_str().unwrap());
        let cluster_id = browser.connect_cluster(&kubeconfig, "default", "Renewed").await.unwrap();
        let repository = GitServer::shared().await.unwrap().repository("manifests").await.unwrap();
        let fields = ConfigurationFields::new("config", repository.url());
        let fields = fields.with("sync_garbage_collection", "true");
        commit(&repository, "one").await;
        let id = browser.add_configuration(&cluster_id, &fields).await.unwrap();
        browser.until_installed(&id).await.unwrap();
        let secret = format!("{secrets}/bound");
        Self { cluster, proxy, browser, _portal: portal, repository, cluster_id, id, secret }
    }

    /// A kubeconfig of another administrator, by the same way.
    async fn second(&self) -> String {
        let token = self.cluster.service_account_token("kube-system", "second").await.unwrap();
        self.cluster.make_administrator("kube-system", "second").await.unwrap();
        self.proxy.kubeconfig_for_token(&token)
    }

    async fn replace(&self, kubeconfig: &str) -> Answer {
        let fields = [("id", self.cluster_id.as_str()), ("kubeconfig", kubeconfig)];
        self.browser.call("replace_kubeconfig", &fields).await.unwrap()
    }

    async fn value(&self) -> Value {
        let path = "/api/v1/namespaces/default/configmaps/settings";
        self.cluster.object(path).await.unwrap().unwrap_or_default()["data"]["key"].clone()
    }

    async fn arrives(&self, commit: &str) {
        let arrived = |view: &ConfigurationView| {
            view.is_quiet() && view.revision() == commit && view.reason() == "installed"
        };
        self.browser.until(&self.id, "the commit is in place", arrived).await.unwrap();
    }
}

async fn commit(repository: &Repository, value: &str) -> String {
    let manifest = format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n  namespace: default\ndata:\n  key: {value}\n"
    );
    repository.commit(&[("settings.yaml", &manifest)], "Change the value").await.unwrap()
}

#[tokio::test]
async fn d28_a_credential_that_ends_stops_the_syncs_until_another_kubeconfig_is_given() {
    let subject = Subject::start().await;
    let (status, answer) = subject.cluster.ask(Method::DELETE, &subject.secret, None).await.unwrap();
    assert_eq!(status, 200, "{answer}");
    let refused = |view: &ConfigurationView| view.is_quiet() && view.reason() == "clusterCredentialRefused";
    // The API server believes a token for some seconds more.
    eventually("the credential is refused", || async {
        commit(&subject.repository, "two").await;
        subject.browser.sync_now(&subject.id).await.unwrap();
        let view =
            subject.browser.until(&subject.id, "it is quiet", ConfigurationView::is_quiet).await.unwrap();
        refused(&view)
    })
    .await;
    let before = subject.value().await;
    let last = commit(&subject.repository, "three").await;
    subject.proxy.forget_requests();
    tokio::time::sleep(WATCHED).await;
    let refusals = subject.proxy.requests().iter().filter(|request| request.status == Some(401)).count();
    assert!(refusals <= REFUSED_MOST, "{refusals} requests in {WATCHED:?}");
    assert_eq!(subject.value().await, before, "nothing is changed or deleted meanwhile");

    // One of another cluster, and one that is none, change nothing.
    let other = Cluster::shared().await.unwrap().kubeconfig();
    let answer = subject.replace(&other).await;
    assert!(answer.status == 409 && answer.body.contains("kubeconfigOfAnotherCluster"), "{}", answer.body);
    assert_eq!(subject.replace("x").await.status, 422);
    let answer = subject.replace(&subject.second().await).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    subject.arrives(&last).await;
    assert_eq!(subject.value().await, "three");
    let activity = subject.browser.get("/activity").await.unwrap().text();
    assert!(activity.contains("cluster.replace_kubeconfig"), "{activity}");
}

#[tokio::test]
async fn d28_a_sync_ends_with_the_credential_it_began_with() {
    let subject = Subject::start().await;
    let second = subject.second().await;
    let mark = subject.cluster.audit_mark().await.unwrap();
    let slow =
        Rule::delay(Duration::from_secs(3)).method(Method::PATCH).path_contains("/configmaps/settings");
    let rule = subject.proxy.add(slow.first(1));
    let two = commit(&subject.repository, "two").await;
    subject.browser.sync_now(&subject.id).await.unwrap();
    eventually("the sync writes", || async { subject.proxy.hits(rule) > 0 }).await;
    let answer = subject.replace(&second).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    subject.arrives(&two).await;
    let three = commit(&subject.repository, "three").await;
    subject.browser.sync_now(&subject.id).await.unwrap();
    subject.arrives(&three).await;
    let events = subject.cluster.audit(mark).await.unwrap();
    let writers: Vec<_> = events
        .iter()
        .filter(|event| event.is_write() && event.name.as_deref() == Some("settings"))
        .map(|event| event.user.rsplit(':').next().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(writers, ["first", "second"]);
}
