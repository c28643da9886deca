//! Frames of other origins' pages: who may show them, how somebody is signed in inside, and what they may there.

mod codes;
mod policy;

use serde_json::{Value, json};
use testbed::Browser;

use crate::rest::api::{Answer, Api};
use crate::scene::Stage;
use crate::tenancy::SUBSCRIPTION;

/// Lets the pages of an origin show the subscription of the shared stage.
pub(crate) async fn allow(stage: &Stage, parent: &str) {
    let fields = [("subscription", SUBSCRIPTION), ("parent", parent)];
    let answer = stage.browser.call("allow_embed_parent", &fields).await.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.body);
}

/// A code that a program asks for, for the resource group of the shared stage.
pub(crate) async fn ask_for_code(api: &Api, parent: &str, role: &str) -> Answer {
    let path = format!("/api/v1/subscriptions/{SUBSCRIPTION}/resourceGroups/Default/embedCodes");
    api.post(&path, Some(&json!({ "parentOrigin": parent, "role": role }))).await
}

/// A browser inside a frame of `parent`, signed in by a code that a program asked for.
pub(crate) async fn framed(stage: &Stage, api: &Api, parent: &str, role: &str) -> Browser {
    let code = ask_for_code(api, parent, role).await;
    assert_eq!(code.status, 201, "{}", code.json);
    let browser = stage.portal.visitor().unwrap();
    let entered = browser.get(text(&code.json, "path")).await.unwrap();
    assert_eq!((entered.status, entered.location()), (303, Some("/embed/clusters")));
    browser.in_frame()
}

fn text<'json>(value: &'json Value, name: &str) -> &'json str {
    value[name].as_str().unwrap()
}
