//! Helm releases, and whether there is a helm.

use axum::http::StatusCode;

use crate::support::{get, post, text_of};
use crate::world;

#[test]
fn a_release_shows_its_revisions_and_offers_the_way_back_to_those_that_worked() {
    let id = world::configuration_id(2);
    let page = |name: &str| {
        let key = domain::release::ReleaseKey { namespace: "team-a".to_owned(), name: name.to_owned() };
        app::routes::release(id, &key)
    };
    let web = text_of(&get(&page("web"), "session=in").body);
    assert!(web.contains("Roll back to revision 1"), "{web}");
    assert!(!web.contains("Roll back to revision 2"), "a revision that failed: {web}");
    assert!(!web.contains("Roll back to revision 3"), "the one that is: {web}");
    assert!(web.contains("&lt;b&gt;2.&lt;/b&gt;"), "notes are words: {web}");
    assert!(!web.contains("Repair release"), "{web}");
    let stuck = text_of(&get(&page("queue"), "session=in").body);
    assert!(stuck.contains("Repair release") && !stuck.contains("Roll back to revision 1"), "{stuck}");
    let silent = get(&page("search"), "session=in").body;
    assert!(silent.contains("the API server does not answer"), "{silent}");
    for (locale, gone) in [("en", "no such release"), ("zh-CN", "此发布已不存在")] {
        assert!(get(&page("nothing"), &format!("session=in; locale={locale}")).body.contains(gone));
    }

    let configuration = id.to_string();
    let fields = |name: &'static str| {
        [
            ("_form", "roll_back_release"),
            ("configuration", configuration.as_str()),
            ("namespace", "team-a"),
            ("name", name),
            ("revision", "1"),
        ]
    };
    let asked = post(&page("web"), "session=in", &fields("web"));
    assert_eq!((asked.status, asked.location()), (StatusCode::SEE_OTHER, page("web").as_str()));
    let gone = post(&page("web"), "session=in", &fields("nothing"));
    assert_eq!(gone.status, StatusCode::CONFLICT);
}

#[test]
fn releases_have_their_part_of_the_pane_where_there_are_any() {
    for (number, hidden) in [(1, false), (3, true)] {
        let pane = app::routes::configuration(world::configuration_id(number), app::routes::Tab::default());
        let body = get(&pane, "session=in").body;
        assert_eq!(body.contains("<li hidden"), hidden, "{body}");
    }
    let none = app::routes::configuration(world::configuration_id(3), app::routes::Tab::Releases);
    let body = get(&none, "session=in").body;
    assert!(body.contains("No HelmRelease object is applied"), "{body}");
}

#[test]
fn that_there_is_no_helm_is_said_on_the_page_of_a_cluster_and_in_the_form() {
    for path in
        [app::routes::cluster(world::cluster_id(1)), app::routes::add_configuration(world::cluster_id(1))]
    {
        let body = get(&path, "session=in").body;
        assert!(body.contains("helm is not ready on the server"), "{path}: {body}");
    }
}
