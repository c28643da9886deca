//! Which origins may show the portal.

use http::header;
use testbed::{Answer, Browser};

use super::{allow, framed};
use crate::rest::api::Api;
use crate::scene::Stage;
use crate::tenancy::SUBSCRIPTION;

/// The origins that may frame an answer, and whether the older header forbids all of them.
fn ancestors(answer: &Answer) -> (String, bool) {
    let policy = answer.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    let named = policy.split("; ").find_map(|part| part.trim().strip_prefix("frame-ancestors ")).unwrap();
    (named.to_owned(), answer.headers.contains_key(header::X_FRAME_OPTIONS))
}

fn nobody() -> (String, bool) {
    ("'none'".to_owned(), true)
}

// S-K3
#[tokio::test]
async fn s_k3_a_page_names_the_one_allowed_parent_and_everything_else_names_nobody() {
    let stage = Stage::shared().await;
    let parent = "https://policy.example.com";
    allow(stage, parent).await;
    let stranger = stage.portal.visitor().unwrap();
    let asked = |parent: &'static str| {
        let path = format!("/embed/sign-in?parent={parent}&then=/clusters");
        let stranger = &stranger;
        async move { ancestors(&stranger.get(&path).await.unwrap()) }
    };
    assert_eq!(asked("https://policy.example.com").await, (parent.to_owned(), false));
    for other in ["https://policy.example.com:8443", "https://evil.example.com", "*", "'self'", ""] {
        assert_eq!(asked(other).await, nobody(), "{other}");
    }
    // Whatever is no frame's page, signed in or not.
    for path in
        ["/clusters", "/configurations", "/settings", "/embed/grant?parent=https://policy.example.com"]
    {
        assert_eq!(ancestors(&stage.browser.get(path).await.unwrap()), nobody(), "{path}");
        assert_eq!(ancestors(&stranger.get(path).await.unwrap()), nobody(), "{path}");
    }
    // Inside, the session's own parent counts, whatever the address says.
    let frame = framed(stage, Api::shared().await, parent, "Reader").await;
    for path in ["/clusters", "/configurations?parent=https://evil.example.com", "/activity"] {
        let answer = frame.get(path).await.unwrap();
        assert_eq!((answer.status, ancestors(&answer)), (200, (parent.to_owned(), false)), "{path}");
        assert!(!answer.body.contains("class=\"bar\""), "{path} has the bar on top");
    }
    assert_eq!(ancestors(&frame.get("/settings").await.unwrap()), nobody());
}

#[tokio::test]
async fn a_parent_that_is_taken_back_shows_nothing_from_the_next_request_on() {
    let stage = Stage::shared().await;
    let parent = "https://taken-back.example.com";
    allow(stage, parent).await;
    let frame = framed(stage, Api::shared().await, parent, "Reader").await;
    assert_eq!(frame.call("list_clusters", &[("query[filter]", "")]).await.unwrap().status, 200);
    let fields = [("subscription", SUBSCRIPTION), ("parent", parent)];
    assert_eq!(stage.browser.call("disallow_embed_parent", &fields).await.unwrap().status, 200);
    assert_eq!(frame.call("list_clusters", &[]).await.unwrap().status, 401);
    assert_eq!(
        frame.get("/live").await.unwrap().location().map(|path| path.contains("/embed/sign-in")),
        Some(true)
    );
}

#[tokio::test]
async fn what_a_frame_asks_for_outside_the_folder_is_led_into_it() {
    let stage = Stage::shared().await;
    let client =
        reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
    let ask = |destination: &'static str, path: &'static str| {
        let request = client.get(format!("{}{path}", stage.portal.url()));
        let request = request.header("sec-fetch-dest", destination).header(header::ACCEPT, "text/html");
        async move {
            let answer = request.send().await.unwrap();
            let location = answer.headers().get(header::LOCATION).map(|to| to.to_str().unwrap().to_owned());
            (answer.status().as_u16(), location)
        }
    };
    let inside = Some("/embed/configurations?page=2".to_owned());
    assert_eq!(ask("iframe", "/configurations?page=2").await, (307, inside));
    // No page of these is ever in a frame.
    for path in ["/settings", "/clusters/connect"] {
        let (_, location) = ask("iframe", path).await;
        assert!(location.is_some_and(|location| location.starts_with("/sign-in?then=")), "{path}");
    }
    let (_, location) = ask("document", "/configurations").await;
    assert!(location.is_some_and(|location| location.starts_with("/sign-in?then=")));
}

#[tokio::test]
async fn the_cookie_of_a_frame_is_partitioned_and_goes_to_frames_alone() {
    let stage = Stage::shared().await;
    let parent = "https://cookie.example.com";
    allow(stage, parent).await;
    let code = super::ask_for_code(Api::shared().await, parent, "Reader").await;
    let browser = stage.portal.visitor().unwrap();
    let path = format!("{}&theme=dark&lang=zh-CN", code.json["path"].as_str().unwrap());
    let entered = browser.get(&path).await.unwrap();
    let cookie = entered.headers[header::SET_COOKIE].to_str().unwrap();
    for part in ["Path=/embed", "HttpOnly", "Secure", "SameSite=None", "Partitioned", "Max-Age=900"] {
        assert!(cookie.contains(part), "{part} in {cookie}");
    }
    // The session of a frame is none outside, and the other way round.
    assert_eq!(browser.get("/clusters").await.unwrap().status, 303);
    assert_eq!(stage.browser.in_frame().call("list_clusters", &[]).await.unwrap().status, 401);
    looks_as_its_address_says(&browser.in_frame()).await;
}

async fn looks_as_its_address_says(frame: &Browser) {
    let page = frame.get("/clusters?theme=dark&lang=zh-CN").await.unwrap();
    assert!(
        page.body.contains("data-theme=\"dark\"") && page.body.contains("lang=\"zh-CN\""),
        "{}",
        page.body
    );
    let kept: Vec<_> =
        page.headers.get_all(header::SET_COOKIE).iter().map(|value| value.to_str().unwrap()).collect();
    assert!(kept.iter().all(|cookie| cookie.contains("Partitioned")), "{kept:?}");
    assert!(frame.get("/configurations").await.unwrap().body.contains("data-theme=\"dark\""));
}

#[tokio::test]
async fn only_the_pages_of_the_pop_up_may_meet_the_page_that_opened_them() {
    let stage = Stage::shared().await;
    for (path, opener) in [
        ("/sign-in", "unsafe-none"),
        ("/sign-in/company/callback", "unsafe-none"),
        ("/embed/grant?parent=https://x.example.com", "unsafe-none"),
        ("/embed/sign-in?parent=https://x.example.com", "same-origin"),
        ("/clusters", "same-origin"),
        ("/set-password", "same-origin"),
        ("/nothing", "same-origin"),
        ("/favicon.svg", "same-origin"),
    ] {
        let answer = stage.browser.get(path).await.unwrap();
        assert_eq!(answer.headers["cross-origin-opener-policy"], opener, "{path}");
    }
}
