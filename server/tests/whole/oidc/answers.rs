//! What a browser may bring back, and must not.

use std::time::Duration;

use testbed::{Answer, Browser};

use super::{Providers, refused};

const STALE: &str = "This sign-in took too long, was finished already, or was begun in another browser";

// S-H5
#[tokio::test]
async fn s_h5_an_answer_signs_in_once_and_in_its_own_browser_alone() {
    let scene = Providers::open().await;
    scene.company.person("ada", "s-1", &[]).unwrap();
    let (browser, back) = scene.come_back(&scene.company, "/sign-in/company", Some("ada")).await;

    let foreign = scene.stage.portal.visitor().unwrap();
    refused(&foreign, &patiently(&foreign, &back).await, 400, STALE).await;
    let (other, _) = scene.come_back(&scene.company, "/sign-in/company", Some("ada")).await;
    refused(&other, &patiently(&other, &back).await, 400, STALE).await;

    let state = back.split("state=").nth(1).unwrap().split('&').next().unwrap();
    for wrong in [
        back.replace(state, &state.chars().rev().collect::<String>()),
        back.replace("state=", "nostate="),
        format!("{back}&state={state}"),
        back.replace("/company/", "/partner/"),
    ] {
        refused(&browser, &patiently(&browser, &wrong).await, 400, STALE).await;
    }
    let nowhere = browser.get(&back.replace("/company/", "/elsewhere/")).await.unwrap();
    refused(&browser, &nowhere, 404, "There is no such way to sign in here").await;

    let arrived = browser.get(&back).await.unwrap();
    assert_eq!((arrived.status, arrived.location()), (303, Some("/clusters")), "{}", arrived.text());
    let cookie = browser.cookies();
    assert!(!cookie.contains("sign-in"), "the cookie of the way is taken back: {cookie}");
    let again = patiently(&browser, &back).await;
    assert_eq!(again.status, 400, "a replay");
    assert_eq!(browser.cookies(), cookie, "a replay opens no session");
    let told = scene.told().await;
    assert!(told.contains("no sign-in of this browser waits for this answer"), "{told}");
    assert!(!told.contains(state) && !scene.stage.portal.log().contains(scene.company.client_secret()));
}

#[tokio::test]
async fn whoever_makes_answers_up_has_to_wait_and_makes_nobody_else_wait() {
    let scene = Providers::open().await;
    scene.company.person("ada", "s-1", &[]).unwrap();
    let stranger = scene.stage.portal.visitor().unwrap();
    let mut last = 0;
    for _ in 0..6 {
        last = stranger.get("/sign-in/company/callback?state=made-up&code=x").await.unwrap().status;
    }
    assert_eq!(last, 429);
    let told = scene.told().await.matches("no sign-in of this browser waits").count();
    assert!(told <= 5, "what has to wait is not written down: {told}");
    scene.sign_in(&scene.company, "company", "ada").await;
}

// S-H5
#[tokio::test]
async fn s_h5_an_answer_of_another_issuer_or_without_its_name_is_refused() {
    let scene = Providers::open().await;
    scene.company.person("ada", "s-1", &[]).unwrap();
    for (with, why) in [
        ("iss=http%3A%2F%2Fevil.example.com", "comes from another issuer"),
        ("noiss=", "does not say which issuer"),
    ] {
        let (browser, back) = scene.come_back(&scene.company, "/sign-in/company", Some("ada")).await;
        let issuer = back.split('&').find(|part| part.contains("iss=")).unwrap();
        let issuer = issuer.split('?').next_back().unwrap();
        let answer = browser.get(&back.replace(issuer, with)).await.unwrap();
        refused(&browser, &answer, 403, "does not pass the checks").await;
        assert!(scene.told().await.contains(why), "{why}");
    }
    // A code that this provider never gave.
    let (browser, back) = scene.come_back(&scene.company, "/sign-in/company", Some("ada")).await;
    let answer = browser.get(&back.replace("code=", "code=x")).await.unwrap();
    refused(&browser, &answer, 403, "does not pass the checks").await;
    assert!(scene.told().await.contains("does not take the code: invalid_grant"));
}

// S-H5
#[tokio::test]
async fn s_h5_what_is_said_of_an_error_is_not_shown_and_a_code_of_another_way_is_worth_nothing() {
    let scene = Providers::open().await;
    scene.company.person("ada", "s-1", &[]).unwrap();
    let said = "%3Cscript%3Enobody-said%3C%2Fscript%3E";
    for error in ["access_denied", "server_error", said, "x%0d%0aset-cookie:%20a=b"] {
        let (browser, back) = scene.come_back(&scene.company, "/sign-in/company", Some("ada")).await;
        let (path, query) = back.split_once('?').unwrap();
        let kept: Vec<&str> = query.split('&').filter(|part| !part.starts_with("code=")).collect();
        let query = kept.join("&");
        let path = format!("{path}?{query}&error={error}&error_description={said}&error_uri={said}");
        let answer = browser.get(&path).await.unwrap();
        assert!((400..500).contains(&answer.status), "{error}: {}", answer.status);
        assert!(answer.header("set-cookie").is_none_or(|cookie| !cookie.starts_with("a=")), "{error}");
        refused(&browser, &answer, answer.status, "Company").await;
        assert!(!answer.body.contains("nobody-said"), "{error}: {}", answer.text());
    }
    assert!(!scene.told().await.contains("<script>"));

    // A code that has signed somebody in, in a way that was begun anew in the same browser and in another one.
    let (browser, first) = scene.come_back(&scene.company, "/sign-in/company", Some("ada")).await;
    assert_eq!(browser.get(&first).await.unwrap().status, 303);
    let code = |path: &str| path.split(['?', '&']).find(|part| part.starts_with("code=")).unwrap().to_owned();
    let other = scene.stage.portal.visitor().unwrap();
    let before = browser.cookies();
    for visitor in [&other, &browser] {
        let fresh = scene.go(visitor, &scene.company, "/sign-in/company", Some("ada")).await;
        let answer = visitor.get(&fresh.replace(&code(&fresh), &code(&first))).await.unwrap();
        assert_eq!(answer.status, 403, "{}", answer.text());
        assert!(answer.text().contains("does not pass the checks"), "{}", answer.text());
    }
    assert_eq!(other.get("/clusters").await.unwrap().status, 303, "no session was opened");
    let session =
        |cookies: &str| cookies.split("; ").find(|one| one.starts_with("fairlead=")).map(str::to_owned);
    assert_eq!(session(&browser.cookies()), session(&before));
    // A code that was never used, in the way of another browser: the proof of who began it is missing.
    let (_, unused) = scene.come_back(&scene.company, "/sign-in/company", Some("ada")).await;
    let fresh = scene.go(&other, &scene.company, "/sign-in/company", Some("ada")).await;
    let answer = other.get(&fresh.replace(&code(&fresh), &code(&unused))).await.unwrap();
    refused(&other, &answer, 403, "does not pass the checks").await;
}

// S-H5
#[tokio::test]
async fn s_h5_one_goes_on_to_a_path_of_ours_and_nowhere_else() {
    let scene = Providers::open().await;
    scene.company.person("ada", "s-1", &[]).unwrap();
    for (then, leads_to) in [
        ("/configurations%3Fpage=2", "/configurations?page=2"),
        ("//evil.example.com", "/clusters"),
        ("%2F%5Cevil.example.com", "/clusters"),
        ("https:evil.example.com", "/clusters"),
        ("javascript:alert(1)", "/clusters"),
    ] {
        let path = format!("/sign-in/company?then={then}");
        let (browser, back) = scene.come_back(&scene.company, &path, Some("ada")).await;
        let arrived = browser.get(&back).await.unwrap();
        assert_eq!((arrived.status, arrived.location()), (303, Some(leads_to)), "{then}");
    }
}

#[tokio::test]
async fn whoever_cancels_is_told_and_so_is_whoever_comes_while_the_provider_is_away() {
    let mut scene = Providers::open().await;
    let (browser, back) = scene.come_back(&scene.company, "/sign-in/company", None).await;
    assert!(back.contains("error=access_denied"), "{back}");
    refused(&browser, &browser.get(&back).await.unwrap(), 403, "Company let nobody in").await;
    assert!(scene.told().await.contains("the person cancelled there"));

    // Nobody has asked the partner yet, so that its description is not known.
    scene.partner.stop();
    let visitor = scene.stage.portal.visitor().unwrap();
    let away = visitor.get("/sign-in/partner").await.unwrap();
    refused(&visitor, &away, 502, "Partner & Co does not answer at present").await;
    visitor.sign_in(testbed::ADMINISTRATOR, scene.stage.portal.password()).await.unwrap();
    assert_eq!(visitor.get("/clusters").await.unwrap().status, 200, "a password still opens the portal");
}

#[tokio::test]
async fn a_provider_that_changes_its_keys_is_asked_for_them_once_a_minute() {
    let mut scene = Providers::open().await;
    scene.company.person("ada", "s-1", &[]).unwrap();
    scene.sign_in(&scene.company, "company", "ada").await;
    scene.company.start_again().await.unwrap();
    scene.sign_in(&scene.company, "company", "ada").await;
    scene.company.start_again().await.unwrap();
    let (browser, back) = scene.come_back(&scene.company, "/sign-in/company", Some("ada")).await;
    refused(&browser, &browser.get(&back).await.unwrap(), 403, "does not pass the checks").await;
    assert!(scene.told().await.contains("no key of the provider fits"));
}

#[tokio::test]
async fn the_page_offers_both_and_signing_out_goes_on_to_the_provider() {
    let scene = Providers::open().await;
    scene.company.person("ada", "s-1", &[]).unwrap();
    let page = scene.stage.portal.visitor().unwrap().get("/sign-in?then=/places").await.unwrap();
    assert!(page.text().contains("Sign in with Company Sign in with Partner & Co"), "{}", page.text());
    assert!(page.body.contains("/sign-in/company?then=/places"), "{}", page.body);

    let ada = scene.sign_in(&scene.company, "company", "ada").await;
    let out = ada.submit("/clusters", "sign_out", &[]).await.unwrap();
    assert_eq!(out, "/sign-in/company/sign-out");
    assert_eq!(ada.get("/clusters").await.unwrap().status, 303, "the session is over before");
    let leaving = ada.get(&out).await.unwrap();
    let refresh = leaving.header("refresh").unwrap();
    assert!(
        refresh.starts_with(&format!("0; url={}/session/end?client_id=", scene.company.issuer())),
        "{refresh}"
    );
    assert!(refresh.contains("post_logout_redirect_uri="), "{refresh}");

    let administrator = scene.stage.portal.sign_in().await.unwrap();
    let out = administrator.submit("/clusters", "sign_out", &[]).await.unwrap();
    assert_eq!(out, "/sign-in", "who came by a password goes nowhere");
}

/// Asks again as long as there were too many tries: made-up answers cost their sender a pause.
async fn patiently(browser: &Browser, path: &str) -> Answer {
    loop {
        let answer = browser.get(path).await.unwrap();
        if answer.status != 429 {
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
