//! Who did what, for those who may know.

use serde_json::Value;

use super::{group, person};
use crate::embedding::{allow, framed};
use crate::people::stranger;
use crate::rest::api::Api;
use crate::scene::Scene;

#[tokio::test]
async fn the_activity_tells_who_did_what_from_where_to_those_who_see_the_place() {
    let scene =
        Scene::shared("activity").await.with("https_user", "ada").with("https_key", "canary-0815-key");
    scene.repository.require_basic_auth("ada", "canary-0815-key").unwrap();
    scene.commit(&[("namespace.yaml", &scene.namespace())]).await;
    let id = scene.add().await;
    let group = group(scene.stage).await;
    let reader = person("activity-reader", &group, "Reader").await;
    let outsider = stranger("activity-outsider").await;

    let page = format!("/activity?filter={}", scene.name);
    for browser in [scene.browser(), &reader] {
        let text = browser.get(&page).await.unwrap().text();
        assert!(text.contains("configuration.create"), "{text}");
    }
    let hidden = outsider.get(&page).await.unwrap().text();
    assert!(!hidden.contains("configuration.create"), "{hidden}");
    let own = outsider.get("/activity").await.unwrap().text();
    assert!(own.contains("session.create"), "{own}");

    let path = format!("/activity.jsonl?filter={}", scene.name);
    let file = scene.browser().get(&path).await.unwrap();
    assert_eq!(file.header("content-type"), Some("application/x-ndjson"));
    let done = created(&file.body);
    assert_eq!(done["address"], "127.0.0.1");
    let told = created(&reader.get(&path).await.unwrap().body);
    assert!(told["address"].is_null(), "where from is for owners: {told}");
    assert_eq!((done["actor"].as_str(), done["target"].as_str()), (Some("admin"), Some(&*scene.name)));
    assert!(done["requestId"].as_str().is_some_and(|id| id.len() == 16), "{done}");
    assert!(!file.body.contains("canary-0815-key"), "{}", file.body);
    scene.browser().until_installed(&id).await.unwrap();
}

fn created(lines: &str) -> Value {
    entry(lines, "configuration.create")
}

/// The newest of this kind.
fn entry(lines: &str, action: &str) -> Value {
    let mut entries = lines.lines().map(|line| serde_json::from_str::<Value>(line).expect("a line is JSON"));
    entries.find(|entry| entry["action"] == action).unwrap_or_else(|| panic!("no {action} in {lines}"))
}

#[tokio::test]
async fn what_is_done_in_a_frame_or_with_a_token_names_the_page_around_it_or_the_token() {
    let scene = Scene::shared("in-frame").await;
    scene.commit(&[("namespace.yaml", &scene.namespace())]).await;
    let id = scene.add().await;
    let (stage, parent) = (scene.stage, "https://named.example.com");
    allow(stage, parent).await;
    let administrator = Api::shared().await;
    let looks = framed(stage, administrator, parent, "Reader").await;
    let works = framed(stage, administrator, parent, "Contributor").await;
    let fields = [("id", id.as_str())];
    assert_eq!(looks.call("suspend_configuration", &fields).await.unwrap().status, 403);
    assert_eq!(works.call("suspend_configuration", &fields).await.unwrap().status, 200);
    let read = async |filter: &str| {
        scene.browser().get(&format!("/activity.jsonl?filter={filter}")).await.unwrap().body
    };
    let suspended = entry(&read(&scene.name).await, "configuration.suspend");
    assert_eq!((&suspended["parent"], &suspended["token"]), (&Value::from(parent), &Value::Null));
    let refused = entry(&read("suspend_configuration").await, "request.refuse");
    assert_eq!(refused["parent"], parent);
    let asked = entry(&read("named.example.com").await, "embed-code.create");
    let token = asked["token"].as_str().unwrap();
    assert!(token.ends_with("…)") && token.contains(&administrator.token()[..10]), "{token}");
    assert!(!token.contains(administrator.token()), "{token}");
    assert!(asked["parent"].is_null(), "{asked}");
    let page = scene.browser().get(&format!("/activity?filter={}", scene.name)).await.unwrap();
    assert!(page.text().contains(parent), "{}", page.text());
    assert_eq!(scene.browser().call("resume_configuration", &fields).await.unwrap().status, 200);
}

#[tokio::test]
async fn a_cut_audit_is_told_on_the_command_line() {
    let scene = Scene::shared("audit").await;
    let portal = &scene.stage.portal;
    let said = portal.command(&["audit", "check"], "").await.unwrap();
    assert!(said.contains("whole"), "{said}");
    let known = said.split_whitespace().find(|word| word.contains(':')).unwrap().trim_end_matches('.');
    let again = portal.command(&["audit", "check", "--known", known], "").await.unwrap();
    assert!(again.contains("whole"), "{again}");
    let (number, _) = known.split_once(':').unwrap();
    let wrong = format!("{number}:{}", "0".repeat(64));
    let error = portal.command(&["audit", "check", "--known", &wrong], "").await.unwrap_err().to_string();
    assert!(error.contains("cut off"), "{error}");
}

#[tokio::test]
async fn a_change_that_somebody_has_no_right_to_is_kept_with_who_asked() {
    let scene = Scene::shared("refused").await;
    scene.commit(&[("namespace.yaml", &scene.namespace())]).await;
    let id = scene.add().await;
    let group = group(scene.stage).await;
    let reader = person("refused-reader", &group, "Reader").await;
    let outsider = stranger("refused-outsider").await;
    assert_eq!(reader.call("suspend_configuration", &[("id", &id)]).await.unwrap().status, 403);
    // For whom it does not exist nothing was refused.
    assert_eq!(outsider.call("suspend_configuration", &[("id", &id)]).await.unwrap().status, 404);
    let kept = async |name: &str| {
        let file = scene.browser().get(&format!("/activity.jsonl?filter={name}")).await.unwrap();
        let lines =
            file.body.lines().map(|line| serde_json::from_str::<Value>(line).expect("a line is JSON"));
        lines.filter(|entry| entry["action"] == "request.refuse").collect::<Vec<_>>()
    };
    let entries = kept("refused-reader").await;
    assert_eq!(entries.len(), 1, "{entries:#?}");
    let entry = &entries[0];
    assert_eq!((&entry["actor"], &entry["refused"]), (&"refused-reader".into(), &true.into()));
    assert_eq!(entry["target"], "POST /api/portal/suspend_configuration");
    assert!(entry["requestId"].as_str().is_some_and(|id| id.len() == 16), "{entry}");
    assert_eq!(kept("refused-outsider").await, [] as [Value; 0]);
}

#[tokio::test]
async fn the_activity_is_filtered_by_outcome_and_day_and_so_is_its_file() {
    let stage = crate::scene::Stage::shared().await;
    let group = group(stage).await;
    let reader = person("filtering-reader", &group, "Reader").await;
    let cluster = [("id", stage.cluster_id.as_str())];
    assert_eq!(reader.call("check_cluster", &cluster).await.unwrap().status, 403);
    let actions = async |query: &str| {
        let file = reader.get(&format!("/activity.jsonl?filter=filtering-reader{query}")).await.unwrap();
        assert_eq!(file.status, 200, "{query}: {}", file.body);
        let lines =
            file.body.lines().map(|line| serde_json::from_str::<Value>(line).expect("a line is JSON"));
        lines.map(|entry| entry["action"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert!(actions("").await.contains(&"session.create".to_owned()));
    assert_eq!(actions("&outcome=refused").await, ["request.refuse"]);
    assert_eq!(actions("&outcome=refused&from=2026-01-01&to=").await, ["request.refuse"]);
    assert_eq!(actions("&from=2999-01-01").await, [""; 0]);
    assert_eq!(actions("&to=2000-01-01").await, [""; 0]);

    let page = reader.get("/activity?outcome=refused&filter=filtering-reader").await.unwrap();
    let text = page.text();
    assert!(text.contains("request.refuse") && !text.contains("session.create"), "{text}");
    let file = "/activity.jsonl?filter=filtering-reader&amp;outcome=refused";
    assert!(page.body.contains(file), "the file is of what is shown: {text}");
    let nothing = reader.get("/activity?from=2999-01-01").await.unwrap();
    assert!(nothing.text().contains("Nothing here matches all of that."), "{}", nothing.text());
    let wrong = reader.get("/activity?from=yesterday").await.unwrap();
    assert!(wrong.text().contains("From: Write the day as 2026-11-23."), "{}", wrong.text());
    let wrong = reader.get("/activity.jsonl?from=yesterday").await.unwrap();
    assert!(wrong.status == 400 && wrong.body.contains("2026-11-23"), "{}", wrong.body);
}
