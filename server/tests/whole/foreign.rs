//! Changes that a foreign page makes a browser send, by every way there is: refused before anybody looks at them.

use http::{HeaderName, Method, StatusCode, header};
use leptos_axum::generate_route_list;
use serde_json::Value;
use server::router::rights::FUNCTIONS;
use testbed::Browser;

use crate::embedding::{allow, framed};
use crate::rest::api::Api;
use crate::scene::Stage;

const EVIL: &str = "https://evil.example";
const PARENT: &str = "https://dashboard.example.com";
/// What stands for every parameter of a path.
const ID: &str = "01890000-0000-7000-8000-000000000000";
const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// What a form or a script of another page can send without being asked first.
const BODIES: [(&str, &str); 4] = [
    ("application/x-www-form-urlencoded", "_form=sign_out&id=x&locale=de"),
    (
        "multipart/form-data; boundary=b",
        "--b\r\ncontent-disposition: form-data; name=\"id\"\r\n\r\nx\r\n--b--\r\n",
    ),
    ("text/plain", "{\"id\": \"x\", \"locale\": \"de\"}"),
    ("text/plain", "_form=sign_out&id=x&locale=de"),
];

type Marks<'own> = Vec<(HeaderName, &'own str)>;

/// Whence it comes: from elsewhere, or from where nobody says.
fn foreign(own: &str) -> Vec<Marks<'_>> {
    vec![
        vec![(header::ORIGIN, EVIL)],
        vec![(header::ORIGIN, "null")],
        vec![(SITE, "cross-site"), (header::ORIGIN, EVIL)],
        vec![(SITE, "cross-site"), (header::ORIGIN, own)],
        vec![(SITE, "same-site"), (header::ORIGIN, own)],
        vec![(header::REFERER, own)],
        vec![],
    ]
}

/// Names by which frameworks take a request for one of another method.
const OVERRIDES: [&str; 3] = ["x-http-method-override", "x-http-method", "x-method-override"];

/// Somebody signed in, and where their requests go.
struct Visitor {
    cookie: String,
    folder: &'static str,
}

impl Visitor {
    fn of(browser: &Browser, folder: &'static str) -> Self {
        Self { cookie: browser.cookies(), folder }
    }
}

struct Sender {
    client: reqwest::Client,
    url: String,
}

impl Sender {
    async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(HeaderName, &str)],
        body: &'static str,
    ) -> (StatusCode, String) {
        let mut request = self.client.request(method, format!("{}{path}", self.url)).body(body);
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        let answer = request.send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    }
}

/// All that is written down, newest first.
async fn kept(stage: &Stage) -> Vec<Value> {
    let file = stage.browser.get("/activity.jsonl").await.unwrap();
    assert_eq!(file.status, 200, "{}", file.body);
    file.body.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
}

/// What was written down since.
async fn kept_since(stage: &Stage, last: i64) -> Vec<Value> {
    let entries = kept(stage).await.into_iter();
    entries.filter(|entry| entry["seq"].as_i64().unwrap() > last).collect()
}

/// Where forms are posted to: the pages.
fn pages() -> Vec<String> {
    let fill = |segment: &str| if segment.starts_with([':', '{']) { ID } else { segment }.to_owned();
    let pages = generate_route_list(app::App);
    let path = |page: &str| page.split('/').map(fill).collect::<Vec<_>>().join("/");
    pages
        .iter()
        .map(|page| path(page.path()))
        .map(|path| if path.is_empty() { "/".into() } else { path })
        .collect()
}

// S-K2
#[tokio::test]
async fn s_k2_whatever_a_foreign_page_sends_is_refused_and_changes_nothing() {
    // A portal of its own: nobody else is in its audit.
    let stage = Stage::start(&[]).await;
    allow(&stage, PARENT).await;
    let api = Api::of(&stage.portal, "admin").await;
    let frame = framed(&stage, &api, PARENT, "Contributor").await;
    let visitors = [Visitor::of(&stage.browser, ""), Visitor::of(&frame, "/embed")];
    let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
    let sender = Sender { client: client.build().unwrap(), url: stage.portal.url() };
    let last = kept(&stage).await.iter().filter_map(|entry| entry["seq"].as_i64()).max().unwrap();

    let own = stage.portal.url();
    let functions = FUNCTIONS.iter().map(|(name, _)| format!("/api/portal/{name}"));
    let targets: Vec<String> = functions.chain(pages()).collect();
    assert!(targets.len() > FUNCTIONS.len() + 8, "{targets:?}");
    let mut wrong = Vec::new();
    let mut turn = 0;
    for target in &targets {
        for visitor in &visitors {
            let path = format!("{}{target}", visitor.folder);
            for marks in foreign(&own) {
                // Each mark meets each body, by another function or page.
                let (content_type, body) = BODIES[turn % BODIES.len()];
                turn += 1;
                let mut headers = marks.clone();
                headers.extend([
                    (header::COOKIE, visitor.cookie.as_str()),
                    (header::CONTENT_TYPE, content_type),
                ]);
                let (status, text) = sender.send(Method::POST, &path, &headers, body).await;
                if status != StatusCode::FORBIDDEN {
                    wrong.push(format!("{path} with {marks:?} as {content_type}: {status} {text}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let entries = kept_since(&stage, last).await;
    assert!(!entries.is_empty(), "it is written down");
    let other = |entry: &&Value| {
        entry["action"] != "request.refuse"
            || !entry["target"].as_str().unwrap().contains("foreign page (CSRF)")
    };
    let others: Vec<_> = entries.iter().filter(other).collect();
    assert!(others.is_empty(), "{others:#?}");
    let page = stage.browser.get("/activity?filter=request.refuse").await.unwrap().text();
    assert!(page.contains("somebody unknown"), "{page}");

    // What asks for a look changes nothing, whatever it says it is meant as.
    let last = entries.iter().filter_map(|entry| entry["seq"].as_i64()).max().unwrap();
    for (name, _) in FUNCTIONS {
        for visitor in &visitors {
            let path = format!("{}/api/portal/{name}?id=x&locale=de&_method=POST", visitor.folder);
            for method in [Method::GET, Method::HEAD] {
                let mut headers = vec![(header::COOKIE, visitor.cookie.as_str()), (header::ORIGIN, EVIL)];
                headers.extend(OVERRIDES.map(|name| (HeaderName::from_static(name), "POST")));
                let (status, text) = sender.send(method.clone(), &path, &headers, "").await;
                if !status.is_client_error() {
                    wrong.push(format!("{method} {path}: {status} {text}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let entries = kept_since(&stage, last).await;
    assert!(entries.is_empty(), "{entries:#?}");
    assert_eq!(stage.browser.get("/clusters").await.unwrap().status, 200, "the sessions are as they were");
    assert_eq!(frame.call("get_cluster", &[("id", &stage.cluster_id)]).await.unwrap().status, 200);
}
