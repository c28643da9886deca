//! What is good for a time ends with it. Nobody waits: the times are moved in the database.

use testbed::Browser;

use crate::embedding::{allow, ask_for_code, framed};
use crate::hostile::{read, write};
use crate::people::{PASSWORD, stranger};
use crate::rest::api::Api;
use crate::scene::Stage;
use crate::tenancy::until_ended;

const MINUTE: i64 = 60 * 1000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// What a frame keeps, and its hash: the example of RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// How long a row lives from its making on; `time` names the column.
fn lifetime(stage: &Stage, table: &str, time: &str, row: &str) -> i64 {
    read(stage, &format!("SELECT {time} - created_at FROM {table} WHERE {row}"))[0]
}

/// Lets its time be over.
fn end(stage: &Stage, table: &str, time: &str, row: &str) {
    write(stage, &format!("UPDATE {table} SET {time} = created_at WHERE {row}"));
}

async fn may_ask(browser: &Browser) -> bool {
    let answer = browser.call("list_clusters", &[("query[filter]", "")]).await.unwrap();
    assert!([200, 401].contains(&answer.status), "{}", answer.body);
    answer.status == 200
}

/// A code that the pop-up of a frame of `parent` is given.
async fn granted(stage: &Stage, parent: &str) -> String {
    let fields = [("parent", parent), ("challenge", CHALLENGE), ("role", "Reader")];
    stage.browser.call("grant_embed", &fields).await.unwrap().json()["code"].as_str().unwrap().to_owned()
}

/// Enters a frame of `parent` with it; where that leads to, and the browser.
async fn enter(stage: &Stage, parent: &str, code: &str) -> (String, Browser) {
    let browser = stage.portal.visitor().unwrap();
    let fields = [("code", code), ("verifier", VERIFIER), ("then", "/clusters")];
    let answer = browser.post(&format!("/embed/enter?parent={parent}"), "", &fields).await.unwrap();
    (answer.location().unwrap().to_owned(), browser.in_frame())
}

#[tokio::test]
async fn a_code_for_a_frame_is_worth_nothing_after_a_minute() {
    let stage = Stage::shared().await;
    let parent = "https://late-code.example.com";
    let row = format!("parent = '{parent}'");
    allow(stage, parent).await;

    let code = ask_for_code(Api::shared().await, parent, "Reader").await.json;
    assert_eq!(lifetime(stage, "embed_codes", "expires_at", &row), MINUTE);
    end(stage, "embed_codes", "expires_at", &row);
    let answer = stage.portal.visitor().unwrap().get(code["path"].as_str().unwrap()).await.unwrap();
    assert!(answer.location().unwrap().ends_with("&refused=code"), "{answer:?}");
    assert_eq!(answer.headers.get("set-cookie"), None);

    let code = granted(stage, parent).await;
    assert_eq!(lifetime(stage, "embed_codes", "expires_at", &row), MINUTE);
    end(stage, "embed_codes", "expires_at", &row);
    let (led_to, browser) = enter(stage, parent, &code).await;
    assert!(led_to.ends_with("&refused=code") && !may_ask(&browser).await, "{led_to}");
    assert_eq!(read(stage, &format!("SELECT COUNT(*) FROM embed_codes WHERE {row}")), [0]);
}

#[tokio::test]
async fn a_session_in_a_frame_ends_however_much_it_is_used() {
    let stage = Stage::shared().await;
    for (parent, idle, absolute) in [
        ("https://late-issued.example.com", 15 * MINUTE, 15 * MINUTE),
        ("https://late-granted.example.com", HOUR, 12 * HOUR),
    ] {
        let row = format!("parent = '{parent}'");
        let ended = ["idle_until", "expires_at"];
        allow(stage, parent).await;
        for time in ended {
            let frame = if absolute < HOUR {
                framed(stage, Api::shared().await, parent, "Reader").await
            } else {
                let (led_to, frame) = enter(stage, parent, &granted(stage, parent).await).await;
                assert_eq!(led_to, "/embed/clusters");
                frame
            };
            assert!(may_ask(&frame).await);
            let times = ended.map(|time| lifetime(stage, "sessions", time, &row));
            assert_eq!(times, [idle, absolute], "{parent}");
            // Used after an hour, were it that long open.
            write(stage, &format!("UPDATE sessions SET last_used_at = 0 WHERE {row}"));
            assert!(may_ask(&frame).await);
            assert_eq!(lifetime(stage, "sessions", "expires_at", &row), absolute, "use does not prolong it");
            end(stage, "sessions", time, &row);
            assert!(!may_ask(&frame).await, "{parent} by {time}");
            assert_eq!(frame.head("/live").await.unwrap().status, 401);
            write(stage, &format!("DELETE FROM sessions WHERE {row}"));
        }
    }
}

#[tokio::test]
async fn a_session_ends_and_its_open_stream_with_it() {
    let stage = Stage::shared().await;
    for (name, time) in [("late-idle", "idle_until"), ("late-session", "expires_at")] {
        let browser = stranger(name).await;
        let row = format!("user_id = (SELECT id FROM users WHERE name = '{name}')");
        let times = ["idle_until", "expires_at"].map(|time| lifetime(stage, "sessions", time, &row));
        assert_eq!(times, [8 * HOUR, 7 * DAY]);
        let live = browser.live().await.unwrap();
        end(stage, "sessions", time, &row);
        assert!(!may_ask(&browser).await, "{time}");
        assert_eq!(browser.get("/clusters").await.unwrap().status, 303);
        until_ended(live).await;
    }
}

#[tokio::test]
async fn a_token_ends_with_its_last_day() {
    let stage = Stage::shared().await;
    let owner = stranger("late-token").await;
    let made =
        owner.call("create_token", &[("token_name", "late"), ("token_days", "3")]).await.unwrap().json();
    let row = format!("id = '{}'", made["row"]["id"].as_str().unwrap());
    assert_eq!(lifetime(stage, "api_tokens", "expires_at", &row), 3 * DAY);
    let api = Api::with(&stage.portal, made["token"].as_str().unwrap());
    let paths =
        ["/openapi.json", "/providers/Microsoft.KubernetesConfiguration/operations?api-version=2023-05-01"];
    for path in paths {
        assert_eq!(api.get(path).await.status, 200, "{path}");
    }
    end(stage, "api_tokens", "expires_at", &row);
    for path in paths {
        assert_eq!(api.get(path).await.status, 401, "{path}");
    }
    let listed = owner.read("list_tokens", &[]).await.unwrap();
    assert!(!listed.to_string().contains("late"), "{listed}");
}

#[tokio::test]
async fn a_one_time_link_sets_no_password_after_its_hour() {
    let stage = Stage::shared().await;
    let address = stage.portal.command(&["user", "create", "late-link"], "").await.unwrap();
    let page = address.strip_prefix(&stage.portal.url()).unwrap();
    let link = page.split("link=").nth(1).unwrap();
    let row = "user_id = (SELECT id FROM users WHERE name = 'late-link')";
    assert_eq!(lifetime(stage, "one_time_links", "expires_at", row), HOUR);
    let visitor = stage.portal.visitor().unwrap();
    assert!(visitor.get(page).await.unwrap().text().contains("late-link"));
    end(stage, "one_time_links", "expires_at", row);
    assert!(!visitor.get(page).await.unwrap().text().contains("late-link"));
    let fields = [("link", link), ("password", PASSWORD), ("password_again", PASSWORD)];
    let answer = visitor.post(page, "set_password", &fields).await.unwrap();
    assert!((400..500).contains(&answer.status) && visitor.cookies().is_empty(), "{}", answer.text());
    assert!(visitor.sign_in("late-link", PASSWORD).await.is_err());
}
