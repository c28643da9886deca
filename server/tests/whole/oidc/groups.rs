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
