//! The live stream: what changes is told to every open page that may see it.

use serde_json::Value;
use testbed::{Browser, LiveStream};

use crate::scene::{Scene, Stage};

/// An open stream.
struct Stream(LiveStream);

impl Stream {
    async fn open(browser: &Browser) -> Self {
        Self(browser.live().await.unwrap())
    }

    /// The next event with its data; none when the stream has ended.
    async fn next(&mut self) -> Option<(String, Value)> {
        self.0.next().await.unwrap()
    }

    /// The events of one configuration up to one for which this holds.
    async fn until(&mut self, id: &str, holds: impl Fn(&str, &Value) -> bool) -> Vec<Value> {
        let mut seen = Vec::new();
        while let Some((name, data)) = self.next().await {
            if data["id"] != id {
                continue;
            }
            let last = holds(&name, &data);
            seen.push(data);
            if last {
                return seen;
            }
        }
        panic!("the stream has ended: {seen:#?}");
    }
}

#[tokio::test]
async fn a_configurations_life_is_told_from_its_first_sync_to_its_end() {
    let scene = Scene::shared("told").await;
    scene.commit(&[("namespace.yaml", &scene.namespace())]).await;
    let mut stream = Stream::open(scene.browser()).await;

    let id = scene.add().await;
    let seen = stream.until(&id, |_, state| state["compliance"] == "Installed").await;
    let versions: Vec<_> = seen.iter().map(|state| state["version"].as_i64().unwrap()).collect();
    assert!(versions.is_sorted(), "{versions:?}");

    let commit = scene.commit(&[("more.yaml", &scene.config_map("more", "one"))]).await;
    scene.browser().sync_now(&id).await.unwrap();
    stream.until(&id, |_, state| state["revision"] == commit).await;

    scene.browser().delete_configuration(&id).await.unwrap();
    stream.until(&id, |name, _| name == "removed").await;
}

#[tokio::test]
async fn a_stream_ends_with_its_session() {
    let stage = Stage::shared().await;
    let browser = stage.portal.sign_in().await.unwrap();
    let mut stream = Stream::open(&browser).await;
    browser.submit("/clusters", "sign_out", &[]).await.unwrap();
    let mut last = String::new();
    while let Some((name, _)) = stream.next().await {
        last = name;
    }
    assert_eq!(last, "reload", "the page is told to ask anew before the stream ends");
}

#[tokio::test]
async fn nobody_is_told_of_what_they_may_not_see() {
    let scene = Scene::shared("hidden").await;
    scene.commit(&[("namespace.yaml", &scene.namespace())]).await;
    let stranger = crate::people::stranger("listener").await;
    let mut stream = Stream::open(&stranger).await;
    let id = scene.add().await;
    scene.browser().until_installed(&id).await.unwrap();
    scene.browser().delete_configuration(&id).await.unwrap();
    // A stranger's stream ends with the session, and has told nothing until then.
    stranger.submit("/clusters", "sign_out", &[]).await.unwrap();
    while let Some((name, data)) = stream.next().await {
        assert_eq!(name, "reload", "{data}");
    }
}
