//! What holds for every page.

use axum::http::StatusCode;

use crate::access;
use crate::support::get;
use crate::world;

#[test]
fn every_page_is_whole_in_both_languages() {
    let add = app::routes::add_configuration(world::cluster_id(1));
    let pane = app::routes::configuration(world::configuration_id(2), app::routes::Tab::default());
    let paths = [
        ("/clusters", "AzureArcTest1"),
        ("/clusters/connect", "_form"),
        (
            "/clusters/connect?draft=00000000-0000-0000-0000-000000000007&context=weak",
            "namespaces is forbidden",
        ),
        (&app::routes::cluster(world::cluster_id(1)), "https://10.0.0.7:6443"),
        (&app::routes::gitops(world::cluster_id(1)), "team-b"),
        (&add, "operator_params"),
        ("/configurations", "edge-shanghai"),
        (&pane, "spec.replicas"),
        (&format!("{pane}?tab=releases"), "team-a/payments"),
        (&format!("{pane}?tab=releases&release=team-a/web"), "kubectl get service web"),
        (&format!("{pane}?tab=changes"), "arc-k8s-demo"),
        (&format!("{pane}?tab=history"), "4f2c1a9"),
        (&format!("{pane}?tab=settings"), "spec_version"),
        (&format!("{pane}?tab=settings"), "/webhooks/0123456789abcdef0123456789abcdef"),
        (&format!("{pane}?tab=delete"), "ServiceAccount"),
        ("/settings", "flp_AbC123"),
        ("/settings", "192.0.2.7"),
        ("/settings", "present_password"),
        ("/places", "Team A"),
        ("/places/00000000-0000-0000-0000-000000000001", "display_name"),
        ("/places/00000000-0000-0000-0000-000000000002", "grace"),
        ("/places/00000000-0000-0000-0000-000000000002", "quota_syncs_per_hour"),
        (&app::routes::service_account(access::ACCOUNT), "wall"),
        (&app::routes::service_account(access::ACCOUNT), "token_place"),
        ("/people", "grace"),
        ("/people/00000000-0000-0000-0000-000000000005", "Team A"),
        ("/people/00000000-0000-0000-0000-000000000005", "operations"),
        ("/places/00000000-0000-0000-0000-000000000002", "operations"),
        ("/places/00000000-0000-0000-0000-000000000001", "https://dashboard.example.com"),
        ("/activity", "https://git.example.com/a"),
        ("/activity?from=2026-11-01&to=2026-11-23", "2026-11-23"),
        ("/api", "/api/v1/sync"),
    ];
    for (path, expected) in paths {
        for (tag, frame_word) in [("en", "Skip to content"), ("zh-CN", "跳到内容")] {
            let page = get(path, &format!("session=in; locale={tag}"));
            assert_eq!(page.status, StatusCode::OK, "{path}");
            assert!(page.body.contains(&format!("lang=\"{tag}\"")), "{path}");
            assert!(page.body.contains(frame_word), "{path} in {tag}");
            assert!(page.body.contains(expected), "{path} in {tag} lacks {expected}: {}", page.body);
            assert!(!page.body.contains("style="), "{path} has an inline style");
        }
    }
}

#[test]
fn nobody_sees_a_page_without_signing_in_and_comes_back_to_it_afterwards() {
    let page = get("/configurations?page=2", "");
    assert_eq!(page.status, StatusCode::FOUND);
    assert_eq!(page.location(), "/sign-in?then=/configurations%3Fpage%3D2");
    assert!(!page.body.contains("edge-shanghai"));
}

#[test]
fn what_is_not_there_answers_404() {
    for path in
        ["/nothing", &app::routes::cluster(world::cluster_id(99)), "/configurations/1", "/clusters/x/gitops"]
    {
        let page = get(path, "session=in");
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
    }
}
