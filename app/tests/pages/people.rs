//! Signing in, and the link that sets a password.

use axum::http::StatusCode;

use crate::sample;
use crate::support::{beside_somebody, get, post, post_of};
use crate::world;

#[test]
fn signing_in_sets_the_cookie_and_goes_on_to_our_own_pages_only() {
    for (then, location) in
        [("/configurations", "/configurations"), ("//evil", "/clusters"), ("", "/clusters")]
    {
        let form =
            [("_form", "sign_in"), ("user_name", "ada"), ("password", sample::PASSWORD), ("then", then)];
        let answer = post("/sign-in", "", &form);
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        assert_eq!(answer.location(), location);
        assert!(answer.cookies.contains("session=in"));
    }
}

#[test]
fn a_refused_sign_in_keeps_the_name_and_never_the_password() {
    let form = [("_form", "sign_in"), ("user_name", "ada<b>"), ("password", "wrong-secret")];
    let answer = post("/sign-in", "", &form);
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("do not belong together"), "{}", answer.body);
    assert!(answer.body.contains("ada&lt;b"), "{}", answer.body);
    assert!(!answer.body.contains("wrong-secret"));
}

#[test]
fn what_a_link_says_is_not_shown_as_an_answer_of_the_portal() {
    // {"service":{"internal":{"id":"call-this-number"}}}
    let error = "eyJzZXJ2aWNlIjp7ImludGVybmFsIjp7ImlkIjoiY2FsbC10aGlzLW51bWJlciJ9fX0=";
    let page = get(&format!("/sign-in?__path=/api/portal/sign_in&__err={error}"), "");
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        !page.body.contains("call-this-number") && page.body.contains("<div hidden role=\"alert\""),
        "{}",
        page.body
    );
}

#[test]
fn a_form_without_a_session_is_sent_to_sign_in() {
    let form = [("_form", "delete_configuration"), ("id", "x"), ("cluster", "y")];
    let id = world::configuration_id(1).to_string();
    let cluster = world::cluster_id(1).to_string();
    let form = form.map(|(name, value)| match name {
        "id" => (name, id.as_str()),
        "cluster" => (name, cluster.as_str()),
        _ => (name, value),
    });
    let answer = post("/configurations", "", &form);
    assert_eq!(answer.location(), "/sign-in?then=/configurations");
}

// S-H1
#[test]
fn nobody_is_taken_for_whoever_is_answered_on_the_same_thread() {
    let form = [("_form", "get_account")];
    for path in ["/set-password", "/configurations"] {
        let answer = beside_somebody(post_of(path, "", &form));
        assert_eq!(answer.location(), format!("/sign-in?then={path}"));
    }
    let answer = beside_somebody(post_of("/api/portal/get_account", "", &[]));
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.body);
}

#[test]
fn a_used_link_sets_no_password() {
    assert!(get("/set-password?link=old", "").body.contains("used already"));
    let page = get("/set-password?link=fresh", "");
    assert!(page.body.contains("password_again"), "{}", page.body);
}
