//! The live stream: what changes is told to every open page that may see it.

use std::time::Duration;

use http::header;
use serde_json::Value;

use crate::scene::{Scene, Stage};

/// Bounds a wait for something that takes a moment; only a failure waits this long.
const LIMIT: Duration = Duration::from_mins(1);

/// An open stream.
struct Stream {
    response: reqwest::Response,
    unread: String,
}

impl Stream {
    async fn open(cookies: &str) -> Self {
        let url = format!("{}/live", Stage::shared().await.portal.url());
        let request = reqwest::Client::new().get(url).header(header::COOKIE, cookies);
        let response = request.send().await.unwrap().error_for_status().unwrap();
        assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
        let mut stream = Self { response, unread: String::new() };
        assert_eq!(stream.next().await.unwrap().0, "ready");
        stream
    }

    /// The next event with its data; none when the stream has ended.
    async fn next(&mut self) -> Option<(String, Value)> {
        loop {
            if let Some(end) = self.unread.find("\n\n") {
                let event: String = self.unread.drain(..end + 2).collect();
                let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name));
                let named = field("event: ").map(str::to_owned);
                let data = serde_json::from_str(field("data: ").unwrap_or("null")).unwrap();
                match named {
                    Some(name) => return Some((name, data)),
                    None => continue, // keeps the connection alive
                }
            }
            let piece = tokio::time::timeout(LIMIT, self.response.chunk()).await.unwrap().unwrap()?;
            self.unread.push_str(std::str::from_utf8(&piece).unwrap());
        }
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
    let mut stream = Stream::open(&scene.browser().cookies()).await;

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
    let mut stream = Stream::open(&browser.cookies()).await;
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
    let mut stream = Stream::open(&stranger.cookies()).await;
    let id = scene.add().await;
    scene.browser().until_installed(&id).await.unwrap();
    scene.browser().delete_configuration(&id).await.unwrap();
    // A stranger's stream ends with the session, and has told nothing until then.
    stranger.submit("/clusters", "sign_out", &[]).await.unwrap();
    while let Some((name, data)) = stream.next().await {
        assert_eq!(name, "reload", "{data}");
    }
}
