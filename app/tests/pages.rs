//! Every page as the server renders it, and every form as a browser without scripts posts it.

use std::sync::LazyLock;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use axum::response::Response;
use http_body_util::BodyExt;
use leptos::config::LeptosOptions;
use tokio::runtime::Runtime;
use tower::ServiceExt;

#[path = "../examples/portal/access.rs"]
mod access;
#[path = "../examples/portal/accounts.rs"]
mod accounts;
#[path = "../examples/portal/clusters.rs"]
mod clusters;
#[path = "../examples/portal/configurations.rs"]
mod configurations;
#[path = "../examples/portal/embed.rs"]
mod embed;
#[path = "../examples/portal/releases.rs"]
mod releases;
#[path = "../examples/portal/sample.rs"]
mod sample;
#[path = "../examples/portal/world.rs"]
mod world;

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

/// Without what the renderer leaves between pieces of text.
fn text_of(body: &str) -> String {
    body.replace("<!>", "")
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

#[test]
fn a_used_link_sets_no_password() {
    assert!(get("/set-password?link=old", "").body.contains("used already"));
    let page = get("/set-password?link=fresh", "");
    assert!(page.body.contains("password_again"), "{}", page.body);
}

// === helpers ===

struct Answer {
    status: StatusCode,
    location: Option<String>,
    cookies: String,
    body: String,
}

impl Answer {
    fn location(&self) -> &str {
        self.location.as_deref().unwrap_or("no location")
    }
}

fn router() -> Router {
    let options = LeptosOptions::builder().output_name("fairlead").build();
    sample::router(&options)
}

fn get(path: &str, cookie: &str) -> Answer {
    let request = Request::get(path).header(header::COOKIE, cookie).header(header::ACCEPT, "text/html");
    answer(request.body(Body::empty()).expect("a request"))
}

fn post(path: &str, cookie: &str, form: &[(&str, &str)]) -> Answer {
    let body: Vec<String> = form.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
    let request = Request::post(path)
        .header(header::COOKIE, cookie)
        .header(header::ACCEPT, "text/html")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(body.join("&")));
    answer(request.expect("a request"))
}

fn encode(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// All tests ask one server: pages are rendered by many threads of one runtime, as they are in earnest.
fn answer(request: Request<Body>) -> Answer {
    static SERVER: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("a runtime"));
    SERVER.block_on(async { SERVER.spawn(ask(request)).await.expect("an answer") })
}

async fn ask(request: Request<Body>) -> Answer {
    let response: Response = router().oneshot(request).await.expect("an answer");
    let cookies = response.headers().get_all(header::SET_COOKIE).iter();
    let cookies: Vec<String> = cookies.filter_map(|cookie| cookie.to_str().ok().map(str::to_owned)).collect();
    let location =
        response.headers().get(header::LOCATION).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let status = response.status();
    let body = response.into_body().collect().await.expect("a body").to_bytes();
    Answer {
        status,
        location,
        cookies: cookies.join(", "),
        body: String::from_utf8_lossy(&body).into_owned(),
    }
}
