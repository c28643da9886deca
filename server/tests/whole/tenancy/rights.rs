//! What each role lets a person do, and what somebody without one learns.

use std::time::{Duration, Instant};

use testbed::Browser;

use super::{SUBSCRIPTION, assign, assignments, group, person, until_ended};
use crate::embedding::{allow, framed};
use crate::people::stranger;
use crate::rest::api::Api;
use crate::scene::{Scene, Stage, eventually};

/// Much sooner than a browser that never comes with its new secret is waited for.
const FORMER_LIMIT: Duration = Duration::from_secs(20);

/// Never an id of ours.
const NOWHERE: &str = "01930000-0000-7000-8000-0000000000ff";

#[tokio::test]
async fn each_role_may_do_what_the_one_before_may_and_more() {
    let scene = Scene::shared("roles").await;
    scene.commit(&[("namespace.yaml", &scene.namespace())]).await;
    let id = scene.add().await;
    let stage = scene.stage;
    let (group, cluster) = (group(stage).await, stage.cluster_id.as_str());
    let sync: (&str, &[(&str, &str)]) = ("sync_configuration", &[("id", &id)]);
    let check: (&str, &[(&str, &str)]) = ("check_cluster", &[("id", cluster)]);
    let make: (&str, &[(&str, &str)]) =
        ("create_resource_group", &[("subscription", SUBSCRIPTION), ("resource_group_name", "x")]);
    for (role, place, may_sync, may_check, may_make) in [
        ("Reader", group.as_str(), 403, 403, 404),
        ("Contributor", cluster, 200, 200, 404),
        ("Owner", &group, 200, 200, 404),
        ("Contributor", SUBSCRIPTION, 200, 200, 403),
    ] {
        let browser = person(&format!("role-{role}-{}", &place[..8]), place, role).await;
        let read = browser.call("get_configuration", &[("id", &id)]).await.unwrap();
        assert_eq!(read.status, 200, "{role}: {}", read.body);
        for ((function, arguments), status) in [(sync, may_sync), (check, may_check), (make, may_make)] {
            let answer = browser.call(function, arguments).await.unwrap();
            assert_eq!(answer.status, status, "{role} at {place}: {function}: {}", answer.body);
        }
        let listed = browser.get("/places").await.unwrap();
        assert!(listed.status == 200 && listed.text().contains("Default"), "{}", listed.text());
    }
    scene.browser().until_installed(&id).await.unwrap();
}

#[tokio::test]
async fn only_owners_see_and_change_who_has_access_and_only_below_their_place() {
    let stage = Stage::shared().await;
    let group = group(stage).await;
    let contributor = person("no-owner", &group, "Contributor").await;
    let seen = contributor.read("get_place", &[("id", &group)]).await.unwrap();
    assert!(seen["access"].is_null(), "{seen}");
    let owner = person("group-owner", &group, "Owner").await;
    let one = assignments(&owner, &group).await;
    let own = one.iter().find(|row| row["name"] == "group-owner").unwrap();
    assert_eq!((own["role"].as_str(), own["inherited"].as_bool()), (Some("Owner"), Some(false)));
    for (browser, place, status) in
        [(&contributor, group.as_str(), 403), (&owner, SUBSCRIPTION, 404), (&owner, &group, 200)]
    {
        let fields = [("place", place), ("principal", "no-owner"), ("role", "Reader")];
        let answer = browser.call("assign_role", &fields).await.unwrap();
        assert_eq!(answer.status, status, "{place}: {}", answer.body);
    }
    let rows = assignments(&owner, &group).await;
    let mine: Vec<_> = rows.iter().filter(|row| row["name"] == "no-owner").collect();
    assert_eq!((mine.len(), mine[0]["role"].as_str()), (1, Some("Reader")), "one role at a place");
    let unknown = [("place", group.as_str()), ("principal", "nobody-of-this-name"), ("role", "Emperor")];
    let answer = owner.call("assign_role", &unknown).await.unwrap();
    assert!(answer.status == 422 && answer.body.contains("Role"), "{}", answer.body);
}

/// Also for whoever has rights elsewhere: nothing tells an existing place from one that does not exist.
#[tokio::test]
async fn a_place_one_sees_nothing_of_answers_as_one_that_does_not_exist() {
    let stage = Stage::shared().await;
    let made = [("display_name", "Elsewhere"), ("subscription", "")];
    let answer = stage.browser.post("/places", "create_subscription", &made).await.unwrap();
    let elsewhere = answer.location().unwrap().trim_start_matches("/places/").to_owned();
    let foreign = person("foreign-owner", &elsewhere, "Owner").await;
    let group = group(stage).await;
    for place in [SUBSCRIPTION, &group, &stage.cluster_id] {
        for (function, fields) in [
            ("get_place", vec![("id", place)]),
            ("assign_role", vec![("place", place), ("principal", "foreign-owner"), ("role", "Owner")]),
            (
                "create_service_account",
                vec![("place", place), ("service_account_name", "x"), ("service_account_role", "Owner")],
            ),
        ] {
            let there = foreign.call(function, &fields).await.unwrap();
            let nowhere: Vec<_> = fields
                .iter()
                .map(|(name, value)| (*name, if *value == place { NOWHERE } else { *value }))
                .collect();
            let nowhere = foreign.call(function, &nowhere).await.unwrap();
            assert_eq!((there.status, &there.body), (404, &nowhere.body), "{function} {place}");
        }
    }
    let list = foreign.read("list_places", &[]).await.unwrap();
    let names: Vec<_> =
        list["subscriptions"].as_array().unwrap().iter().map(|row| row["name"].clone()).collect();
    assert_eq!(names, ["Elsewhere"]);
    let forbidden = foreign.call("create_subscription", &made).await.unwrap();
    assert_eq!(forbidden.status, 403, "{}", forbidden.body);

    // It goes when it is empty, and its roles with it.
    let full = stage.browser.call("delete_subscription", &[("id", SUBSCRIPTION)]).await.unwrap();
    assert_eq!(full.status, 409, "{}", full.body);
    let group = [("subscription", elsewhere.as_str()), ("resource_group_name", "team-b")];
    let made = foreign.post(&format!("/places/{elsewhere}"), "create_resource_group", &group).await.unwrap();
    let group = made.location().unwrap().trim_start_matches("/places/").to_owned();
    let fields = [("id", group.as_str()), ("subscription", elsewhere.as_str())];
    assert_eq!(foreign.call("delete_resource_group", &fields).await.unwrap().status, 200);
    assert_eq!(foreign.call("delete_subscription", &[("id", &elsewhere)]).await.unwrap().status, 403);
    let gone = stage.browser.call("delete_subscription", &[("id", &elsewhere)]).await.unwrap();
    assert_eq!(gone.status, 200, "{}", gone.body);
    assert_eq!(foreign.call("get_place", &[("id", &elsewhere)]).await.unwrap().status, 404);
}

#[tokio::test]
async fn s_h4_a_role_that_is_taken_back_ends_at_the_next_request_and_in_open_streams() {
    let stage = Stage::shared().await;
    let group = group(stage).await;
    let browser = person("short-lived", &group, "Reader").await;
    let cluster = [("id", stage.cluster_id.as_str())];
    assert_eq!(browser.call("get_cluster", &cluster).await.unwrap().status, 200);
    let before = browser.cookies();
    let former = browser.copy();
    let live = browser.live().await.unwrap();
    let rows = assignments(&stage.browser, &group).await;
    let id = rows.iter().find(|row| row["name"] == "short-lived").unwrap()["id"].as_str().unwrap().to_owned();
    let answer = stage.browser.call("unassign_role", &[("id", &id)]).await.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(browser.call("get_cluster", &cluster).await.unwrap().status, 404);
    assert_ne!(browser.cookies(), before, "the session has a new secret");
    // What was under way with the secret before is answered, by the rights of now; soon it opens nothing.
    assert_eq!(former.call("get_cluster", &cluster).await.unwrap().status, 404);
    assert_eq!(former.get("/settings").await.unwrap().status, 200);
    assert_eq!(browser.get("/settings").await.unwrap().status, 200);
    let came = Instant::now();
    eventually("the secret before has ended", || async {
        former.get("/settings").await.unwrap().status == 303
    })
    .await;
    assert!(came.elapsed() < FORMER_LIMIT, "after {:?}", came.elapsed());
    assert_eq!(browser.get("/settings").await.unwrap().status, 200);
    until_ended(live).await;
    let again = stage.browser.call("unassign_role", &[("id", &id)]).await.unwrap();
    assert_eq!(again.status, 404, "{}", again.body);
}

#[tokio::test]
async fn s_h4_a_session_in_a_frame_gets_a_new_secret_when_rights_change_and_ends_when_it_did() {
    let stage = Stage::shared().await;
    let group = group(stage).await;
    let parent = "https://changing.example.com";
    allow(stage, parent).await;
    person("framed-reader", &group, "Reader").await;
    let frame = framed(stage, &Api::of(&stage.portal, "framed-reader").await, parent, "Reader").await;
    let cluster = [("id", stage.cluster_id.as_str())];
    let opened = frame.cookies();
    assert_eq!(frame.call("get_cluster", &cluster).await.unwrap().status, 200);
    assert_eq!(frame.cookies(), opened, "nothing changed");
    assign(stage, &group, "framed-reader", "Contributor").await;
    let answer = frame.call("get_cluster", &cluster).await.unwrap();
    assert_ne!(frame.cookies(), opened, "the session has a new secret");
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    let seconds: i64 = cookie.split("Max-Age=").nth(1).unwrap().parse().unwrap();
    assert!(cookie.contains("Partitioned") && (1..=15 * 60).contains(&seconds), "{cookie}");
    assert_eq!(frame.call("check_cluster", &cluster).await.unwrap().status, 403, "it was opened to read");
}

#[tokio::test]
async fn a_place_offers_to_be_deleted_to_those_who_may_delete_it() {
    let stage = Stage::shared().await;
    let group = group(stage).await;
    let owner = person("deleting-owner", SUBSCRIPTION, "Owner").await;
    let page = async |browser: &Browser, place: &str| {
        let page = browser.get(&format!("/places/{place}")).await.unwrap();
        (page.body.contains("value=\"rename_place\""), page.body.contains("value=\"delete_"))
    };
    // The forms of service accounts are on pages of their own.
    assert_eq!(page(&owner, SUBSCRIPTION).await, (true, false), "an owner renames a subscription");
    assert_eq!(page(&stage.browser, SUBSCRIPTION).await, (true, true));
    assert_eq!(page(&owner, &group).await, (true, true));
    let reader = person("deleting-reader", &group, "Reader").await;
    assert_eq!(page(&reader, &group).await, (false, false));
}

#[tokio::test]
async fn a_resource_group_is_called_otherwise_and_keeps_the_name_that_scripts_know() {
    let stage = Stage::shared().await;
    let fields = [("subscription", SUBSCRIPTION), ("resource_group_name", "renamed-group")];
    assert!(stage.browser.call("create_resource_group", &fields).await.unwrap().status < 400);
    let row = async |browser: &Browser| {
        let place = browser.read("get_place", &[("id", SUBSCRIPTION)]).await.unwrap();
        let groups = place["groups"].as_array().unwrap().clone();
        groups.into_iter().find(|group| group["name"] == "renamed-group").unwrap()
    };
    let made = row(&stage.browser).await;
    assert_eq!(made["display_name"], "renamed-group", "until somebody calls it otherwise");
    let id = made["id"].as_str().unwrap();
    let owner = person("renaming-owner", id, "Owner").await;
    let reader = person("renaming-reader", id, "Reader").await;
    let name = async |browser: &Browser, display_name: &str| {
        let fields = [("id", id), ("display_name", display_name)];
        browser.call("rename_place", &fields).await.unwrap().status
    };
    assert_eq!(name(&reader, "Harbour").await, 403);
    assert_eq!(name(&owner, " ").await, 422);
    assert_eq!(name(&owner, "Team\nA").await, 422);
    assert_eq!(name(&owner, "Harbour team").await, 200);
    let renamed = row(&stage.browser).await;
    assert_eq!(renamed["display_name"], "Harbour team");
    let quota = format!("/api/v1/subscriptions/{SUBSCRIPTION}/resourceGroups/renamed-group/quota");
    assert_eq!(Api::shared().await.get(&quota).await.status, 200, "addresses stay");
    let page = owner.get(&format!("/places/{id}")).await.unwrap().text();
    assert!(page.contains("Harbour team") && page.contains("renamed-group"), "{page}");
    let entries = stage.browser.get("/activity.jsonl?filter=resource-group.rename").await.unwrap().body;
    let entry: serde_json::Value = serde_json::from_str(entries.lines().next().unwrap()).unwrap();
    assert_eq!((&entry["actor"], &entry["target"]), (&"renaming-owner".into(), &"renamed-group".into()));
    let change = &entry["changes"][0];
    assert_eq!((&change["before"], &change["after"]), (&"renamed-group".into(), &"Harbour team".into()));
    let gone = [("id", id), ("subscription", SUBSCRIPTION)];
    assert!(owner.call("delete_resource_group", &gone).await.unwrap().status < 400);
}

#[tokio::test]
async fn only_administrators_know_of_people() {
    let stage = Stage::shared().await;
    let group = group(stage).await;
    let owner = person("people-owner", &group, "Owner").await;
    for page in ["/people", &format!("/people/{NOWHERE}")] {
        let answer = owner.get(page).await.unwrap();
        assert_eq!(answer.status, 404, "{page}: {}", answer.text());
    }
    assert_eq!(owner.call("create_person", &[("user_name", "x")]).await.unwrap().status, 404);

    let made = stage.browser.post("/people", "create_person", &[("user_name", "invited")]).await.unwrap();
    let link = made.body.split("/set-password?link=").nth(1).unwrap();
    let link: String = link.chars().take(43).collect();
    let visitor = stage.portal.visitor().unwrap();
    let password = "a long enough pass phrase 48";
    let fields = [("link", link.as_str()), ("password", password), ("password_again", password)];
    visitor.submit("/set-password", "set_password", &fields).await.unwrap();
    let people = stage.browser.read("list_people", &[("after", "")]).await.unwrap();
    let row = people["people"].as_array().unwrap().iter().find(|row| row["name"] == "invited").unwrap();
    let id = row["id"].as_str().unwrap();
    assign(stage, &group, "invited", "Contributor").await;
    let page = stage.browser.get(&format!("/people/{id}")).await.unwrap().text();
    assert!(page.contains("Contributor") && page.contains("Default"), "{page}");
    assert_eq!(stage.browser.call("delete_person", &[("id", id)]).await.unwrap().status, 200);
    assert_eq!(visitor.get("/clusters").await.unwrap().status, 303, "the session has ended");
    assert!(!assignments(&stage.browser, &group).await.iter().any(|row| row["name"] == "invited"));
}

#[tokio::test]
async fn names_that_hide_something_are_refused_at_their_field() {
    let stage = Stage::shared().await;
    let nobody = stranger("name-giver").await;
    assert_eq!(nobody.get("/places").await.unwrap().status, 200);
    for name in ["a\u{202e}b", "a\nb", "", "\u{200b}"] {
        let answer = stage.browser.call("create_person", &[("user_name", name)]).await.unwrap();
        assert!(answer.status == 422 && answer.body.contains("UserName"), "{name:?}: {}", answer.body);
        let fields = [("display_name", name), ("subscription", "")];
        let answer = stage.browser.call("create_subscription", &fields).await.unwrap();
        assert_eq!(answer.status, 422, "{name:?}: {}", answer.body);
    }
}
