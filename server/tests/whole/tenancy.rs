//! Places, roles, service accounts and what they let people and programs do.

mod activity;
mod queries;
mod rights;
mod service_accounts;
mod sessions;

use std::time::Duration;

use serde_json::Value;
use testbed::{Browser, LiveStream};

use crate::people::stranger;
use crate::scene::Stage;

/// The subscription and the resource group that a new installation begins with: the shared cluster is there.
pub(crate) const SUBSCRIPTION: &str = "00000000-0000-0000-0000-000000000001";

/// Bounds the wait for a stream to end. The server looks at each every 5 seconds; on a machine that is busy with all other
/// tests it comes to that later, and the answer to the test later still.
const STREAM_ENDS: Duration = Duration::from_secs(30);

/// The id of the resource group that the shared cluster is in.
pub(crate) async fn group(stage: &Stage) -> String {
    let place = stage.browser.read("get_place", &[("id", SUBSCRIPTION)]).await.unwrap();
    let group = &place["groups"][0];
    assert_eq!(group["name"], "Default");
    group["id"].as_str().unwrap().to_owned()
}

/// A person with a role at a place, signed in.
pub(crate) async fn person(name: &str, place: &str, role: &str) -> Browser {
    let browser = stranger(name).await;
    assign(Stage::shared().await, place, name, role).await;
    browser
}

pub(crate) async fn assign(stage: &Stage, place: &str, name: &str, role: &str) {
    let fields = [("place", place), ("principal", name), ("role", role)];
    let answer = stage.browser.call("assign_role", &fields).await.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.body);
}

/// Waits until a stream has ended by itself.
pub(crate) async fn until_ended(mut live: LiveStream) {
    let ended = async { while let Ok(Some(_)) = live.next().await {} };
    tokio::time::timeout(STREAM_ENDS, ended).await.expect("the stream ends");
}

/// The assignments that an owner sees at a place.
pub(crate) async fn assignments(browser: &Browser, place: &str) -> Vec<Value> {
    let place = browser.read("get_place", &[("id", place)]).await.unwrap();
    place["access"]["assignments"].as_array().unwrap().clone()
}
