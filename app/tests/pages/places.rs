//! Places, their tokens, limits and webhooks, and the frames that show them.

use axum::http::StatusCode;

use crate::support::{get, post, text_of};
use crate::world;

#[test]
fn a_token_that_was_made_is_shown_by_the_page_that_answers_and_by_no_other() {
    let form = [("_form", "create_token"), ("token_name", "deploy"), ("token_days", "")];
    let answer = post("/settings", "session=in", &form);
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.body.contains("flp_shown-once"), "{}", answer.body);
    assert!(!get("/settings", "session=in").body.contains("flp_shown-once"));
    let refused = post("/settings", "session=in", &[("_form", "create_token"), ("token_name", "")]);
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!refused.body.contains("flp_shown-once"));
}

#[test]
fn a_resource_group_shows_its_quotas_and_keeps_what_was_typed_wrongly() {
    let page = "/places/00000000-0000-0000-0000-000000000002";
    for (locale, limit, used_up) in [("en", "no limit", "12 (used up)"), ("zh-CN", "无上限", "12 (已用完)")]
    {
        let body = get(page, &format!("session=in; locale={locale}")).body;
        assert!(body.contains(limit), "{body}");
        assert!(text_of(&body).contains(used_up), "{body}");
        assert!(body.contains("name=\"quota_repository_mebibytes\""), "{body}");
    }
    let form = [
        ("_form", "set_quota"),
        ("group", "00000000-0000-0000-0000-000000000002"),
        ("version", "1"),
        ("quota_clusters", "many"),
    ];
    let refused = post(page, "session=in", &form);
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("value=\"many\""), "{}", refused.body);
    assert!(refused.body.contains("from 0 to 1000000"), "{}", refused.body);
    let saved = post(page, "session=in", &[form[0], form[1], form[2], ("quota_clusters", "3")]);
    assert_eq!((saved.status, saved.location()), (StatusCode::SEE_OTHER, page));
}

#[test]
fn a_subscription_shows_its_allowed_hosts_and_keeps_what_was_typed_wrongly() {
    let id = "00000000-0000-0000-0000-000000000001";
    let page = format!("/places/{id}");
    for (locale, title) in [("en", "Allowed hosts"), ("zh-CN", "允许的主机")] {
        let body = get(&page, &format!("session=in; locale={locale}")).body;
        assert!(body.contains(title) && body.contains("*.internal.example.com"), "{body}");
        assert!(body.contains("name=\"outbound_hosts\""), "{body}");
    }
    let form = |hosts| {
        [("_form", "set_outbound"), ("subscription", id), ("version", "1"), ("outbound_hosts", hosts)]
    };
    let refused = post(&page, "session=in", &form("git.example.com:443"));
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("git.example.com:443 is no entry"), "{}", refused.body);
    let saved = post(&page, "session=in", &form("git.example.com"));
    assert_eq!((saved.status, saved.location()), (StatusCode::SEE_OTHER, page.as_str()));
}

#[test]
fn a_webhook_secret_is_shown_by_the_page_that_answers_and_by_no_other() {
    let page = app::routes::configuration(world::configuration_id(2), app::routes::Tab::Settings);
    let id = world::configuration_id(2).to_string();
    let answer = post(&page, "session=in", &[("_form", "make_webhook"), ("id", &id)]);
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.body.contains("webhook-secret-shown-once"), "{}", answer.body);
    let later = get(&page, "session=in").body;
    assert!(!later.contains("webhook-secret-shown-once"));
    let removed = post(&page, "session=in", &[("_form", "remove_webhook"), ("id", &id)]);
    assert_eq!((removed.status, removed.location()), (StatusCode::SEE_OTHER, page.as_str()));
    for locale in ["en", "zh-CN"] {
        let body = get(&page, &format!("session=in; locale={locale}")).body;
        for word in
            ["X-Hub-Signature-256", "X-Gitlab-Token", "X-Gitea-Signature", "Azure DevOps", "X-Signature"]
        {
            assert!(body.contains(word), "{word} in {locale}");
        }
    }
}

#[test]
fn what_is_asked_before_a_frame_shows_somebodys_view_names_the_page_around_and_answers_once() {
    let page = get("/embed/grant?parent=https://dashboard.example.com&challenge=kept", "session=in");
    assert!(page.body.contains("https://dashboard.example.com"), "{}", page.body);
    assert!(page.body.contains("value=\"kept\"") && !page.body.contains("data-embed-code"), "{}", page.body);
    let form = [("_form", "grant_embed"), ("parent", "https://dashboard.example.com"), ("challenge", "kept")];
    let answer = post("/embed/grant?parent=https://dashboard.example.com", "session=in", &form);
    assert!(answer.body.contains("data-embed-code=\"shown-once\""), "{}", answer.body);
    let other = get("/embed/grant?parent=https://evil.example.com&challenge=kept", "session=in");
    assert_eq!(other.status, StatusCode::NOT_FOUND);
    assert!(!other.body.contains("kept"), "{}", other.body);
}
