//! Who somebody is, and what the groups let them do.

use serde_json::json;
use testbed::{Account, Browser};

use super::Providers;
use crate::tenancy::group;

/// With their names more than a megabyte.
const MANY: usize = 30_000;

async fn sees_the_cluster(browser: &Browser) -> bool {
    let page = browser.get("/clusters").await.unwrap();
    assert_eq!(page.status, 200, "{}", page.text());
    page.text().contains("Stage")
}

async fn name(browser: &Browser) -> String {
    let page = browser.get("/settings").await.unwrap().body;
    let (_, rest) = page.split_once("account__who\">").unwrap();
    rest.split_once('<').unwrap().0.to_owned()
}

#[tokio::test]
async fn somebody_may_what_the_group_may_as_long_as_the_provider_says_so() {
    let scene = Providers::open().await;
    let place = group(&scene.stage).await;
    let fields =
        [("place", place.as_str()), ("principal", "team-a"), ("provider", "company"), ("role", "Reader")];
    let assigned = scene.stage.browser.call("assign_role", &fields).await.unwrap();
    assert_eq!(assigned.status, 200, "{}", assigned.body);

    scene.company.person("ada", "s-1", &["team-a", "team-b"]).unwrap();
    let ada = scene.sign_in(&scene.company, "company", "ada").await;
    assert_eq!(name(&ada).await, "ada");
    assert!(sees_the_cluster(&ada).await, "the group has a role");
    let told = scene.told().await;
    assert!(told.contains("team-a, team-b") && told.contains("company"), "{told}");

    // The group is the company's: another provider's of the same name is nothing.
    scene.partner.person("grace", "s-2", &["team-a"]).unwrap();
    let grace = scene.sign_in(&scene.partner, "partner", "grace").await;
    assert!(!sees_the_cluster(&grace).await);

    scene.company.person("ada", "s-1", &["team-b"]).unwrap();
    let again = scene.sign_in(&scene.company, "company", "ada").await;
    assert_eq!(name(&again).await, "ada", "the same user");
    assert!(!sees_the_cluster(&again).await, "the group was taken away");
    assert!(!sees_the_cluster(&ada).await, "and in the other session too");
}

// S-H2
#[tokio::test]
async fn s_h2_the_same_subject_of_two_providers_is_two_users_and_no_name_makes_one_of_two() {
    let scene = Providers::open_with(json!({ "administrators_group": "operations" })).await;
    scene.company.person("admin", "1", &[]).unwrap();
    scene.partner.person("admin", "1", &["operations"]).unwrap();
    let by_company = scene.sign_in(&scene.company, "company", "admin").await;
    let by_partner = scene.sign_in(&scene.partner, "partner", "admin").await;
    assert_eq!(name(&by_company).await, "admin (company)", "the name is the administrator's");
    assert_eq!(name(&by_partner).await, "admin (partner)");
    for browser in [&by_company, &by_partner] {
        assert!(!sees_the_cluster(browser).await, "a name gives no right");
        assert_eq!(browser.call("list_people", &[]).await.unwrap().status, 404);
    }

    // Another subject of the same name is another user again, and the first one keeps its own.
    scene.company.person("admin", "2", &["operations"]).unwrap();
    let other = scene.sign_in(&scene.company, "company", "admin").await;
    assert_eq!(name(&other).await, "admin (company 2)");
    assert!(sees_the_cluster(&other).await, "whoever is in that group is an administrator");
    let people = scene.stage.browser.read("list_people", &[]).await.unwrap();
    let person = people["people"].as_array().unwrap().iter().find(|row| row["name"] == "admin (company)");
    let person = [("id", person.unwrap()["id"].as_str().unwrap())];
    let reset = scene.stage.browser.call("reset_password", &person).await.unwrap();
    assert_eq!(reset.status, 409, "a password would outlive the company's word: {}", reset.body);
    scene.company.person("admin", "2", &[]).unwrap();
    let demoted = scene.sign_in(&scene.company, "company", "admin").await;
    assert!(!sees_the_cluster(&demoted).await, "and no longer than in it");
}

// S-H2, S-H3
#[tokio::test]
async fn s_h2_s_h3_groups_that_are_no_list_sign_nobody_in() {
    let scene = Providers::open().await;
    for groups in [json!("team-a"), json!({ "team-a": true }), json!([["team-a"]])] {
        let account = Account { subject: "s-1".to_owned(), name: "ada".to_owned(), groups };
        scene.company.account("ada", account).unwrap();
        let (browser, back) = scene.come_back(&scene.company, "/sign-in/company", Some("ada")).await;
        let answer = browser.get(&back).await.unwrap();
        super::refused(&browser, &answer, 403, "does not pass the checks").await;
    }
    assert!(scene.told().await.contains("the claim groups is no list"));
}

// S-H4
#[tokio::test]
async fn s_h4_who_comes_from_a_provider_leaves_no_session_behind_and_has_no_password_to_change() {
    let scene = Providers::open().await;
    scene.company.person("ada", "s-1", &[]).unwrap();
    let ada = scene.sign_in(&scene.company, "company", "ada").await;
    let former = ada.copy();
    let back = scene.go(&ada, &scene.company, "/sign-in/company", Some("ada")).await;
    assert_eq!(former.get("/settings").await.unwrap().status, 200);
    assert_eq!(ada.get(&back).await.unwrap().status, 303);
    assert_eq!(former.get("/settings").await.unwrap().status, 303, "the browser has another session now");
    assert_eq!(ada.get("/settings").await.unwrap().status, 200);

    assert_eq!(ada.read("get_account", &[]).await.unwrap()["has_password"], false);
    assert!(!ada.get("/settings").await.unwrap().text().contains("New password"));
    let password = "another long pass phrase 51";
    let fields = [("present_password", ""), ("password", password), ("password_again", password)];
    let refused = ada.call("change_password", &fields).await.unwrap();
    assert_eq!(refused.status, 409, "{}", refused.body);
}

#[tokio::test]
async fn owners_and_administrators_see_what_somebody_may_and_through_which_group() {
    let scene = Providers::open().await;
    let stage = &scene.stage;
    let place = group(stage).await;
    for (at, principal, provider, role) in [
        (crate::tenancy::SUBSCRIPTION, "everybody", "company", "Reader"),
        (place.as_str(), "team-a", "company", "Contributor"),
        (place.as_str(), "team-a", "partner", "Owner"),
    ] {
        let fields = [("place", at), ("principal", principal), ("provider", provider), ("role", role)];
        assert_eq!(stage.browser.call("assign_role", &fields).await.unwrap().status, 200);
    }
    scene.company.person("ada", "s-1", &["everybody", "team-a"]).unwrap();
    scene.company.person("eve", "s-2", &["nobody"]).unwrap();
    let ada = scene.sign_in(&scene.company, "company", "ada").await;
    scene.sign_in(&scene.company, "company", "eve").await;

    let here = stage.browser.read("get_place", &[("id", &place)]).await.unwrap();
    let rows = here["access"]["resulting"].as_array().unwrap();
    assert_eq!(rows.len(), 1, "nobody else has a role here: {here}");
    assert_eq!((rows[0]["name"].as_str(), rows[0]["role"].as_str()), (Some("ada"), Some("Contributor")));
    assert_eq!(rows[0]["sources"].as_array().unwrap().len(), 1, "{here}");
    assert_eq!(rows[0]["sources"][0]["group"], "team-a");
    let above = stage.browser.read("get_place", &[("id", crate::tenancy::SUBSCRIPTION)]).await.unwrap();
    let row = &above["access"]["resulting"][0];
    assert_eq!((&row["role"], &row["sources"][0]["group"]), (&"Reader".into(), &"everybody".into()));
    let page = stage.browser.get(&format!("/places/{place}")).await.unwrap().text();
    assert!(page.contains("through the group team-a, assigned at Default subscription / Default"), "{page}");
    let hidden = ada.read("get_place", &[("id", &place)]).await.unwrap();
    assert!(hidden["access"].is_null(), "who may what is for owners: {hidden}");

    let people = stage.browser.read("list_people", &[]).await.unwrap();
    let person = people["people"].as_array().unwrap().iter().find(|row| row["name"] == "ada").unwrap();
    let id = person["id"].as_str().unwrap();
    let detail = stage.browser.read("get_person", &[("id", id)]).await.unwrap();
    let roles: Vec<_> =
        detail["resulting"].as_array().unwrap().iter().map(|row| row["role"].clone()).collect();
    assert_eq!(roles, ["Reader", "Contributor"], "{detail}");
    let page = stage.browser.get(&format!("/people/{id}")).await.unwrap().text();
    assert!(page.contains("through the group everybody, assigned at Default subscription"), "{page}");
}

// S-H2
#[tokio::test]
async fn s_h2_an_empty_claim_gives_no_right_and_a_very_large_one_signs_nobody_in() {
    let scene = Providers::open_with(json!({ "administrators_group": "operations" })).await;
    let account =
        |groups: serde_json::Value| Account { subject: "s-1".to_owned(), name: "ada".to_owned(), groups };
    for groups in [json!([]), json!([""]), json!(null)] {
        scene.company.account("ada", account(groups.clone())).unwrap();
        let (browser, back) = scene.come_back(&scene.company, "/sign-in/company", Some("ada")).await;
        let answer = browser.get(&back).await.unwrap();
        assert!(answer.status == 303 || answer.status == 403, "{groups}: {}", answer.text());
        if answer.status == 303 {
            assert!(!sees_the_cluster(&browser).await, "{groups}");
            assert_eq!(browser.call("list_people", &[]).await.unwrap().status, 404, "{groups}");
        }
    }
    let many: Vec<String> = (0..MANY).map(|number| format!("team-{number:040}")).collect();
    let long = "x".repeat(1024 * 1024);
    for groups in [json!(many), json!(["operations", long])] {
        scene.company.account("ada", account(groups)).unwrap();
        let (browser, back) = scene.come_back(&scene.company, "/sign-in/company", Some("ada")).await;
        let answer = browser.get(&back).await.unwrap();
        assert!([403, 502].contains(&answer.status), "{}: {}", answer.status, answer.text());
        assert_eq!(browser.get("/clusters").await.unwrap().status, 303, "a session was opened");
    }
    scene.company.person("ada", "s-1", &["operations"]).unwrap();
    let ada = scene.sign_in(&scene.company, "company", "ada").await;
    assert!(sees_the_cluster(&ada).await, "nothing of it stays");
}
