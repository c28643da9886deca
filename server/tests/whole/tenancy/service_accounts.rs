//! Service accounts and tokens that are narrower than their owner.

use testbed::Browser;

use super::{SUBSCRIPTION, group, person};
use crate::rest::api::{Api, GROUP, VERSION, act, configuration, configurations};
use crate::scene::{Scene, Stage};

async fn token(browser: &Browser, page: &str, form: &str, fields: &[(&str, &str)]) -> String {
    let made = browser.call(form, fields).await.unwrap();
    assert_eq!(made.status, 200, "{page}: {}", made.body);
    made.json()["token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_service_account_does_what_its_role_allows_and_is_looked_after_by_the_owners_of_its_place() {
    let scene = Scene::shared("account").await;
    scene.commit(&[("namespace.yaml", &scene.namespace())]).await;
    let id = scene.add().await;
    let stage = scene.stage;
    let group = group(stage).await;
    let owner = person("account-owner", &group, "Owner").await;
    let fields =
        [("place", group.as_str()), ("service_account_name", "wall"), ("service_account_role", "Reader")];
    let made = owner.post(&format!("/places/{group}"), "create_service_account", &fields).await.unwrap();
    let page = made.location().unwrap().to_owned();
    let account = page.trim_start_matches("/service-accounts/").to_owned();
    let fields = [("account", account.as_str()), ("token_name", "screen"), ("token_days", "1")];
    let token = token(&owner, &page, "create_service_account_token", &fields).await;

    let api = Api::with(&stage.portal, &token);
    let listed = api.get(&format!("{}?{VERSION}", configurations())).await;
    assert_eq!(listed.status, 200, "{}", listed.json);
    let denied = api.post(&act(&scene.name, "sync"), None).await;
    assert_eq!(denied.status, 403, "{}", denied.json);
    assert_eq!(api.delete(&configuration(&scene.name)).await.status, 403);

    let shown = owner.get(&page).await.unwrap().text();
    assert!(shown.contains("screen") && !shown.contains(&token), "{shown}");
    let contributor = person("account-contributor", &group, "Contributor").await;
    assert_eq!(contributor.get(&page).await.unwrap().status, 403);
    let signed_in = stage.portal.visitor().unwrap().sign_in("wall", "whatever it may be 47").await;
    assert!(signed_in.is_err(), "a service account never signs in");

    let fields = [("id", account.as_str()), ("place", group.as_str())];
    assert_eq!(owner.call("delete_service_account", &fields).await.unwrap().status, 200);
    assert_eq!(api.get(&format!("{}?{VERSION}", configurations())).await.status, 401);
    scene.browser().until_installed(&id).await.unwrap();
}

#[tokio::test]
async fn a_token_can_be_narrower_than_its_owner_and_never_wider() {
    let stage = Stage::shared().await;
    let group = group(stage).await;
    let fields = [
        ("token_name", "narrow"),
        ("token_days", "1"),
        ("token_role", "Reader"),
        ("token_place", group.as_str()),
    ];
    let narrow = token(&stage.browser, "/settings", "create_token", &fields).await;
    let api = Api::with(&stage.portal, &narrow);
    assert_eq!(api.get(&format!("{}?{VERSION}", configurations())).await.status, 200);
    let path = format!("/api/v1{GROUP}/clusters/Stage");
    assert_eq!(api.delete(&path).await.status, 403, "the administrator's token only reads");

    let reader = person("wide-reader", &group, "Reader").await;
    let fields = [
        ("token_name", "wide"),
        ("token_days", "1"),
        ("token_role", "Owner"),
        ("token_place", group.as_str()),
    ];
    let wide = token(&reader, "/settings", "create_token", &fields).await;
    let api = Api::with(&stage.portal, &wide);
    assert_eq!(api.get(&format!("{}?{VERSION}", configurations())).await.status, 200);
    assert_eq!(api.delete(&path).await.status, 403);
    let outside = [fields[0], fields[1], fields[2], ("token_place", SUBSCRIPTION)];
    assert_eq!(reader.call("create_token", &outside).await.unwrap().status, 404);
    let half = [fields[0], fields[1], fields[2], ("token_place", "")];
    assert_eq!(reader.call("create_token", &half).await.unwrap().status, 422);
    let page = stage.browser.get("/settings").await.unwrap().text();
    assert!(page.contains("Reader of Default subscription / Default"), "{page}");
}

#[tokio::test]
async fn a_token_of_a_service_account_can_be_narrower_than_the_account() {
    let stage = Stage::shared().await;
    let group = group(stage).await;
    let team = [("subscription", SUBSCRIPTION), ("resource_group_name", "narrowed-team")];
    let page = format!("/places/{SUBSCRIPTION}");
    let made = stage.browser.post(&page, "create_resource_group", &team).await.unwrap();
    let team = made.location().unwrap().trim_start_matches("/places/").to_owned();
    let fields = [
        ("place", SUBSCRIPTION),
        ("service_account_name", "narrowed-account"),
        ("service_account_role", "Owner"),
    ];
    let made = stage.browser.post(&page, "create_service_account", &fields).await.unwrap();
    let page = made.location().unwrap().to_owned();
    let account = page.trim_start_matches("/service-accounts/").to_owned();
    let form = stage.browser.get(&page).await.unwrap();
    for place in [SUBSCRIPTION, &group, &team, &stage.cluster_id] {
        assert!(form.body.contains(&format!("value=\"{place}\"")), "{place}: {}", form.text());
    }
    let narrow = async |name: &str, role: &str, place: &str| {
        let fields = [
            ("account", account.as_str()),
            ("token_name", name),
            ("token_days", "1"),
            ("token_role", role),
            ("token_place", place),
        ];
        // As a browser without scripts does: the page that answers shows the token.
        let made = stage.browser.post(&page, "create_service_account_token", &fields).await.unwrap();
        let token = made.text().split_whitespace().find(|word| word.starts_with("flp_")).map(str::to_owned);
        Api::with(&stage.portal, &token.unwrap_or_else(|| panic!("{}", made.text())))
    };
    let listing = format!("{}?{VERSION}", configurations());
    let path = format!("/api/v1{GROUP}/clusters/Stage");
    let reads = narrow("reads-here", "Reader", &group).await;
    assert_eq!(reads.get(&listing).await.status, 200);
    assert_eq!(reads.delete(&path).await.status, 403, "the account is an Owner, its token is not");
    let elsewhere = narrow("owns-elsewhere", "Owner", &team).await;
    assert_eq!(elsewhere.get(&listing).await.status, 404, "the account sees it, its token does not");
    assert_eq!(elsewhere.delete(&path).await.status, 204, "as if there were no such cluster");
    assert_eq!(reads.delete(&path).await.status, 403, "and there is");
    let half = [
        ("account", account.as_str()),
        ("token_name", "half"),
        ("token_days", "1"),
        ("token_role", "Reader"),
        ("token_place", ""),
    ];
    assert_eq!(stage.browser.call("create_service_account_token", &half).await.unwrap().status, 422);
}
