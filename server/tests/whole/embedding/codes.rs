//! One-time codes: what they open, for whom, and once.

use testbed::Browser;

use super::{allow, ask_for_code, framed, text};
use crate::oidc::Providers;
use crate::rest::api::Api;
use crate::scene::Stage;
use crate::tenancy::{group, person};

const REFUSED: &str = "&refused=code";
/// What a frame keeps, and its hash: the example of RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

async fn entered(browser: &Browser, path: &str) -> bool {
    let answer = browser.get(path).await.unwrap();
    let location = answer.location().unwrap().to_owned();
    assert!(location == "/embed/clusters" || location.ends_with(REFUSED), "{location}");
    location == "/embed/clusters"
}

#[tokio::test]
async fn a_code_opens_one_session_and_then_nothing() {
    let stage = Stage::shared().await;
    let parent = "https://once.example.com";
    allow(stage, parent).await;
    let code = ask_for_code(Api::shared().await, parent, "Reader").await;
    let path = text(&code.json, "path");
    assert!(entered(&stage.portal.visitor().unwrap(), path).await);
    let second = stage.portal.visitor().unwrap();
    assert!(!entered(&second, path).await);
    assert_eq!(second.in_frame().call("list_clusters", &[]).await.unwrap().status, 401);
    for made_up in ["", "x", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        assert!(!entered(&second, &format!("/embed/enter?code={made_up}&parent={parent}")).await);
    }
    let log = stage.portal.log();
    assert!(!log.contains(text(&code.json, "code")), "a code is in the log");
}

#[tokio::test]
async fn nobody_asks_for_more_than_they_have_or_for_a_parent_that_nobody_allows() {
    let stage = Stage::shared().await;
    let parent = "https://asked.example.com";
    allow(stage, parent).await;
    let group = group(stage).await;
    person("embed-reader", &group, "Reader").await;
    let reader = Api::of(&stage.portal, "embed-reader").await;
    crate::people::stranger("embed-nobody").await;
    let nobody = Api::of(&stage.portal, "embed-nobody").await;
    for (api, parent, role, status) in [
        (&reader, parent, "Reader", 201),
        (&reader, parent, "Contributor", 403),
        (&reader, parent, "Owner", 400),
        (&reader, "https://not-asked.example.com", "Reader", 400),
        (&reader, "https://asked.example.com/path", "Reader", 400),
        (&nobody, parent, "Reader", 404),
    ] {
        let answer = ask_for_code(api, parent, role).await;
        assert_eq!(answer.status, status, "{parent} {role}: {}", answer.json);
    }
}

#[tokio::test]
async fn a_frame_may_what_it_was_opened_for_even_when_its_owner_may_more() {
    let stage = Stage::shared().await;
    let parent = "https://capped.example.com";
    allow(stage, parent).await;
    let administrator = Api::shared().await;
    let looks = framed(stage, administrator, parent, "Reader").await;
    let works = framed(stage, administrator, parent, "Contributor").await;
    let cluster = [("id", stage.cluster_id.as_str())];
    for frame in [&looks, &works] {
        assert_eq!(frame.call("get_cluster", &cluster).await.unwrap().status, 200);
        // Not even an administrator makes rights from inside a frame.
        for function in ["create_token", "assign_role", "create_person", "disconnect_cluster", "list_people"]
        {
            assert_eq!(frame.call(function, &cluster).await.unwrap().status, 404, "{function}");
            // Nor by a form that is posted to a page which a frame may show.
            let posted = frame.post("/clusters", function, &[("token_name", "x"), ("token_days", "1")]).await;
            assert_eq!(posted.unwrap().status, 404, "{function}");
        }
    }
    assert_eq!(looks.call("check_cluster", &cluster).await.unwrap().status, 403);
    assert_eq!(works.call("check_cluster", &cluster).await.unwrap().status, 200);
}

#[tokio::test]
async fn a_frame_shows_nothing_of_what_its_owner_did_and_has_elsewhere() {
    let stage = Stage::shared().await;
    let parent = "https://nosy.example.com";
    allow(stage, parent).await;
    stage.browser.call("create_subscription", &[("display_name", "Elsewhere of nosy")]).await.unwrap();
    let frame = framed(stage, Api::shared().await, parent, "Reader").await;
    let own = stage.browser.get("/activity?filter=nosy").await.unwrap();
    assert!(own.body.contains("Elsewhere of nosy"));
    let seen = frame.get("/activity?filter=nosy").await.unwrap();
    assert_eq!(seen.status, 200, "{}", seen.body);
    assert!(!seen.body.contains("Elsewhere of nosy"), "{}", seen.body);
    let told = frame.read("list_activity", &[]).await.unwrap();
    let entries = told["entries"].as_array().unwrap();
    assert!(!entries.is_empty() && entries.iter().all(|entry| entry["address"].is_null()), "{told}");
}

#[tokio::test]
async fn a_code_of_the_pop_up_is_worth_nothing_without_what_the_frame_keeps() {
    let stage = Stage::shared().await;
    let parent = "https://popup.example.com";
    allow(stage, parent).await;
    let grant = async || {
        let fields = [("parent", parent), ("challenge", CHALLENGE), ("role", "Reader")];
        stage.browser.call("grant_embed", &fields).await.unwrap().json()["code"].as_str().unwrap().to_owned()
    };
    let client =
        reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
    let url = stage.portal.url();
    let enter = async |code: &str, verifier: &str| {
        let form = [("code", code), ("verifier", verifier), ("then", "/configurations")];
        let request = client.post(format!("{url}/embed/enter?parent={parent}")).form(&form);
        let answer =
            request.header("origin", &url).header("sec-fetch-site", "same-origin").send().await.unwrap();
        answer.headers()["location"].to_str().unwrap().to_owned()
    };
    let stolen = grant().await;
    assert!(enter(&stolen, "guessed").await.ends_with(REFUSED));
    // Guessing has used it up.
    assert!(enter(&stolen, VERIFIER).await.ends_with(REFUSED));
    let code = grant().await;
    assert!(
        !entered(&stage.portal.visitor().unwrap(), &format!("/embed/enter?code={code}&parent={parent}"))
            .await
    );
    let code = grant().await;
    assert_eq!(enter(&code, VERIFIER).await, "/embed/configurations");
}

#[tokio::test]
async fn what_a_frame_cannot_load_is_not_offered_there() {
    let stage = Stage::shared().await;
    let parent = "https://files.example.com";
    allow(stage, parent).await;
    let frame = framed(stage, Api::shared().await, parent, "Reader").await;
    let inside = frame.get("/activity").await.unwrap();
    assert_eq!(inside.status, 200, "{}", inside.text());
    assert!(!inside.body.contains("/activity.jsonl"), "{}", inside.text());
    assert!(stage.browser.get("/activity").await.unwrap().body.contains("/activity.jsonl"));
}

#[tokio::test]
async fn a_session_in_a_frame_does_not_outlive_the_one_it_was_granted_in() {
    let scene = Providers::open().await;
    let stage = &scene.stage;
    let parent = "https://outliving.example.com";
    allow(stage, parent).await;
    scene.company.person("ada", "s-1", &["team-a"]).unwrap();
    let place = group(stage).await;
    let fields =
        [("place", place.as_str()), ("principal", "team-a"), ("provider", "company"), ("role", "Reader")];
    assert_eq!(stage.browser.call("assign_role", &fields).await.unwrap().status, 200);
    let ada = scene.sign_in(&scene.company, "company", "ada").await;
    // What is granted later would end later.
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    let fields = [("parent", parent), ("challenge", CHALLENGE), ("role", "Reader")];
    let code = ada.call("grant_embed", &fields).await.unwrap().json()["code"].as_str().unwrap().to_owned();
    let form = [("code", code.as_str()), ("verifier", VERIFIER), ("then", "")];
    let (frame, path) = (stage.portal.visitor().unwrap(), format!("/embed/enter?parent={parent}"));
    assert_eq!(frame.post(&path, "", &form).await.unwrap().location(), Some("/embed/clusters"));
    let list = ada.read("list_sessions", &[]).await.unwrap();
    let end = |present: bool| {
        let sessions = list["sessions"].as_array().unwrap();
        sessions.iter().find(|row| row["present"] == present).unwrap()["expires_at"]["at"].as_i64().unwrap()
    };
    assert!(end(false) <= end(true), "{list}");
}

#[tokio::test]
async fn signing_out_in_a_frame_ends_its_session_and_stays_in_the_frame() {
    let stage = Stage::shared().await;
    let parent = "https://leaving.example.com";
    allow(stage, parent).await;
    let frame = framed(stage, Api::shared().await, parent, "Reader").await;
    let out = frame.post("/clusters", "sign_out", &[]).await.unwrap();
    assert_eq!(
        out.location(),
        Some("/embed/sign-in?parent=https%3A//leaving.example.com&then=/clusters"),
        "{out:?}"
    );
    assert_eq!(frame.call("list_clusters", &[]).await.unwrap().status, 401);
}
