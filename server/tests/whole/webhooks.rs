//! Webhooks: a push is seen at once, and whoever does not know the secret is nobody.
//!
//! The branch is looked at once a day by itself, so that every look within a test is a webhook's.

mod credentials;
mod flood;
mod payloads;
mod settings;

use std::time::Duration;

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use http::{Method, StatusCode};
use serde_json::json;
use sha2::Sha256;
use testbed::ConfigurationView;

use crate::rest::api::{Api, act};
use crate::scene::Scene;

/// The poll that webhooks are there to be faster than.
const POLL: &str = "24h";
/// What a look takes, many times over: for machines that do much else.
const SOON: Duration = Duration::from_secs(30);
/// How long it is waited for something that must not happen.
const SETTLED: Duration = Duration::from_secs(2);

/// A configuration that is synced, and its webhook.
pub(crate) struct Hooked {
    pub(crate) scene: Scene,
    pub(crate) id: String,
    pub(crate) hook: Hook,
}

/// A webhook as the host has it.
#[derive(Clone)]
pub(crate) struct Hook {
    client: reqwest::Client,
    pub(crate) address: String,
    pub(crate) secret: String,
}

impl Hooked {
    pub(crate) async fn new(prefix: &str) -> Self {
        let scene = Scene::shared(prefix).await.with("git_poll_interval", POLL);
        let (namespace, settings) = (scene.namespace(), scene.config_map("settings", "one"));
        scene.commit(&[("namespace.yaml", &namespace), ("settings.yaml", &settings)]).await;
        let id = scene.add().await;
        scene.browser().until_installed(&id).await.unwrap();
        let hook = Hook::make(&scene.name).await;
        // What the first sync has set off in the cluster comes back as a hint of its own.
        tokio::time::sleep(SETTLED).await;
        Self { scene, id, hook }
    }

    /// How often the host was asked for the branch or for objects.
    pub(crate) fn looks(&self) -> usize {
        self.scene.repository.requests().unwrap().discoveries
    }

    /// Waits a while in which nothing may be asked of the host.
    pub(crate) async fn assert_no_look_since(&self, before: usize) {
        tokio::time::sleep(SETTLED).await;
        assert_eq!(self.looks(), before, "the host of {} was asked", self.scene.name);
    }

    pub(crate) async fn until_at(&self, revision: &str) -> ConfigurationView {
        let there = |view: &ConfigurationView| view.is_quiet() && view.revision() == revision;
        let browser = self.scene.browser();
        let seen = tokio::time::timeout(SOON, browser.until(&self.id, "the push is there", there)).await;
        seen.expect("the push is seen within seconds").unwrap()
    }

    /// A push as GitHub tells it.
    pub(crate) fn push(&self) -> String {
        json!({ "ref": "refs/heads/main", "repository": { "clone_url": self.scene.repository.url() } })
            .to_string()
    }
}

impl Hook {
    /// Makes one, or makes it anew, by the REST API.
    pub(crate) async fn make(configuration: &str) -> Self {
        Self::make_by(Api::shared().await, configuration).await
    }

    /// The same at another portal.
    pub(crate) async fn make_by(api: &Api, configuration: &str) -> Self {
        let made = api.post(&act(configuration, "webhook"), None).await;
        assert_eq!(made.status, 201, "{made:?}");
        let text = |name: &str| made.json[name].as_str().unwrap().to_owned();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { client, address: text("address"), secret: text("secret") }
    }

    /// Sends a body with these headers; gives status and answer.
    pub(crate) async fn send(&self, headers: &[(&str, &str)], body: &[u8]) -> (StatusCode, String) {
        self.send_by(Method::POST, headers, body).await
    }

    pub(crate) async fn send_by(
        &self,
        method: Method,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> (StatusCode, String) {
        let mut request = self.client.request(method, &self.address).body(body.to_vec());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.unwrap();
        (response.status(), response.text().await.unwrap())
    }

    /// Sends a body signed as GitHub signs it.
    pub(crate) async fn signed(&self, body: &[u8]) -> StatusCode {
        let signature = format!("sha256={}", digits(&self.secret, body));
        self.send(&[("x-hub-signature-256", &signature)], body).await.0
    }

    /// The same webhook at another address.
    pub(crate) fn at(&self, address: &str) -> Self {
        Self { address: address.to_owned(), ..self.clone() }
    }
}

/// HMAC-SHA-256 as every host writes it.
pub(crate) fn digits(secret: &str, body: &[u8]) -> String {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body);
    HEXLOWER.encode(&mac.finalize().into_bytes())
}

#[tokio::test]
async fn a_push_is_there_long_before_the_poll_when_its_host_tells_of_it() {
    let hooked = Hooked::new("hooked").await;
    let changed = hooked.scene.config_map("settings", "two");
    let revision = hooked.scene.commit(&[("settings.yaml", &changed)]).await;
    hooked.assert_no_look_since(hooked.looks()).await;
    assert_eq!(hooked.hook.signed(hooked.push().as_bytes()).await, StatusCode::ACCEPTED);
    let view = hooked.until_at(&revision).await;
    assert_eq!(view.compliance(), "Installed");
    assert_eq!(hooked.scene.value("settings").await.as_deref(), Some("two"));
}

#[tokio::test]
async fn a_webhook_outlives_another_branch_and_another_repository_of_its_configuration() {
    let hooked = Hooked::new("outlives").await;
    let Hooked { scene, id, hook } = &hooked;
    let branch = scene.repository.change().branch("other").write("namespace.yaml", scene.namespace());
    let first = branch.commit("Begin another branch").await.unwrap();
    let fields = scene.fields.clone().with("git_branch", "other");
    scene.browser().replace_configuration(id, &fields).await.unwrap();
    hooked.until_at(&first).await;
    let second = scene.repository.change().branch("other").onto(&first).write("note.md", "Pushed.");
    let second = second.commit("Push to it").await.unwrap();
    let before = hooked.looks();
    assert_eq!(hook.signed(hooked.push().as_bytes()).await, StatusCode::ACCEPTED);
    hooked.assert_no_look_since(before).await;
    let push = json!({ "ref": "refs/heads/other" }).to_string();
    assert_eq!(hook.signed(push.as_bytes()).await, StatusCode::ACCEPTED);
    hooked.until_at(&second).await;

    let elsewhere = scene.stage.git.repository("elsewhere").await.unwrap();
    let third = elsewhere.commit(&[("namespace.yaml", &scene.namespace())], "Begin").await.unwrap();
    let url = elsewhere.url().replace("127.0.0.1", "localhost");
    let fields = scene.fields.clone().with("repository_url", &url);
    scene.browser().replace_configuration(id, &fields).await.unwrap();
    hooked.until_at(&third).await;
    assert_eq!(hook.signed(b"{}").await, StatusCode::ACCEPTED, "the secret is ours, not the host's");
}

#[tokio::test]
async fn the_webhook_of_a_suspended_configuration_is_taken_and_does_nothing() {
    let hooked = Hooked::new("idle").await;
    let api = Api::shared().await;
    assert_eq!(api.post(&act(&hooked.scene.name, "suspend"), None).await.status, 200);
    let before = hooked.looks();
    assert_eq!(hooked.hook.signed(hooked.push().as_bytes()).await, StatusCode::ACCEPTED);
    hooked.assert_no_look_since(before).await;
}
