//! The form of a configuration, and what becomes of what is sent.

use axum::body::Body;
use axum::http::Request;
use axum::http::StatusCode;
use axum::http::header;

use crate::support::{answer, post, text_of};
use crate::world;

#[test]
fn a_refused_configuration_keeps_everything_typed_and_says_every_fault_at_its_field() {
    let path = app::routes::add_configuration(world::cluster_id(1));
    let cluster = world::cluster_id(1).to_string();
    let form = [
        ("_form", "create_configuration"),
        ("cluster", cluster.as_str()),
        ("name", "Bad Name"),
        ("operator_instance_name", "fine"),
        ("repository_url", "ftp://host/x"),
        ("git_branch", "release..1"),
        ("git_path", "keep/this"),
        ("chart_values", "--set a=</textarea><script>1&2"),
        ("operator_scope", "namespace"),
    ];
    let answer = post(&path, "session=in", &form);
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    for kept in [
        "value=\"Bad Name\"",
        "value=\"ftp://host/x\"",
        "value=\"release..1\"",
        "value=\"keep/this\"",
        "a=&lt;/textarea>&lt;script>1&amp;2",
    ] {
        assert!(answer.body.contains(kept), "{kept} is lost: {}", answer.body);
    }
    for field in ["name", "repository_url", "git_branch"] {
        assert!(answer.body.contains(&format!("href=\"#{field}\"")), "no link to {field}: {}", answer.body);
        assert!(
            answer.body.contains(&format!("aria-describedby=\"{field}-violation\""))
                || answer.body.contains(&format!("{field}-hint {field}-violation")),
            "{field} is not tied to its fault"
        );
    }
}

#[test]
fn the_form_says_which_chart_values_were_understood_or_what_is_wrong_with_them() {
    let path = app::routes::add_configuration(world::cluster_id(1));
    let cluster = world::cluster_id(1).to_string();
    let answer = |values: &str| {
        let form = [
            ("_form", "create_configuration"),
            ("cluster", cluster.as_str()),
            // Refused whatever the values are, so that the form comes back.
            ("name", "Bad Name"),
            ("enable_helm_operator", "true"),
            ("chart_values", values),
        ];
        post(&path, "session=in", &form).body
    };
    let understood = answer("--set workers=2 --set tillerNamespace=<b>");
    let list = understood.split("class=\"understood__list\"").nth(1).expect("a list");
    let list = text_of(list.split("</ul>").next().unwrap_or_default());
    assert!(list.contains("workers = 2"), "{list}");
    assert!(list.contains("tillerNamespace = &lt;b&gt;"), "{list}");
    assert_eq!(list.matches("accepted, without effect here").count(), 1, "{list}");

    let refused = answer("--set wokers=2");
    assert!(!refused.contains("understood__list"), "{refused}");
    assert!(refused.contains("has no value wokers"), "{refused}");
}

#[test]
fn a_good_configuration_is_made_and_its_pane_opened() {
    let path = app::routes::add_configuration(world::cluster_id(1));
    let cluster = world::cluster_id(1).to_string();
    let form = [
        ("_form", "create_configuration"),
        ("cluster", cluster.as_str()),
        ("name", "cluster-config"),
        ("repository_url", "https://github.com/Azure/arc-k8s-demo"),
        ("git_readonly", "true"),
    ];
    let answer = post(&path, "session=in", &form);
    assert_eq!((answer.status, answer.body.as_str()), (StatusCode::SEE_OTHER, ""));
    let pane = app::routes::configuration(world::configuration_id(1), app::routes::Tab::default());
    assert_eq!(answer.location(), pane);
}

#[test]
fn a_form_that_ends_where_it_began_comes_back_to_its_page() {
    let pane = app::routes::configuration(world::configuration_id(1), app::routes::Tab::History);
    let id = world::configuration_id(1).to_string();
    let answer = post(&pane, "session=in", &[("_form", "sync_configuration"), ("id", &id)]);
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, pane.as_str()));
    let answer = post(&pane, "session=in", &[("_form", "set_locale"), ("locale", "zh-CN")]);
    assert_eq!(answer.location(), pane);
    assert!(answer.cookies.contains("locale=zh-CN"), "{}", answer.cookies);
}

#[test]
fn a_stale_save_says_so_on_the_form_that_was_sent() {
    let pane = app::routes::configuration(world::configuration_id(1), app::routes::Tab::Settings);
    let id = world::configuration_id(1).to_string();
    let form = [
        ("_form", "replace_configuration"),
        ("id", id.as_str()),
        ("spec_version", "1"),
        ("name", "cluster-config"),
        ("repository_url", "https://github.com/Azure/arc-k8s-demo"),
        ("git_path", "typed/meanwhile"),
    ];
    let answer = post(&pane, "session=in", &form);
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(answer.body.contains("changed this meanwhile"), "{}", answer.body);
    assert!(answer.body.contains("typed/meanwhile"), "{}", answer.body);
}

#[test]
fn what_is_no_form_of_ours_is_refused() {
    assert_eq!(post("/clusters", "session=in", &[("a", "b")]).status, StatusCode::BAD_REQUEST);
    for form in ["../../x", "list clusters", "nothing_like_this"] {
        let answer = post("/clusters", "session=in", &[("_form", form)]);
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{form}");
    }
    let request = Request::post("/clusters")
        .header(header::CONTENT_TYPE, "text/plain")
        .body(Body::from("_form=sign_out"));
    let answer = answer(request.expect("a request"));
    assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}
