//! Who is let in: the route table, walked without a session and with a foreign page's requests.

use std::collections::BTreeSet;

use app::App;
use futures::StreamExt;
use http::{Method, StatusCode, header};
use leptos::server_fn::axum::server_fn_paths;
use leptos_axum::generate_route_list;
use server::middleware::guard::{PROVIDERS_FOLDER, is_public};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::scene::Stage;

/// What stands for every parameter of a path.
const ID: &str = "01890000-0000-7000-8000-000000000000";

/// Every page of the router, with its parameters filled in.
fn pages() -> Vec<String> {
    let fill = |segment: &str| if segment.starts_with([':', '{']) { ID } else { segment }.to_owned();
    let pages = generate_route_list(App);
    pages
        .iter()
        .map(|page| page.path().split('/').map(fill).collect::<Vec<_>>().join("/"))
        .map(|path| if path.is_empty() { "/".to_owned() } else { path })
        .collect()
}

fn server_functions() -> Vec<String> {
    let mut paths: Vec<String> = server_fn_paths().map(|(path, _)| path.to_owned()).collect();
    paths.sort();
    paths
}

struct Asked {
    status: StatusCode,
    location: String,
    body: String,
}

/// It goes nowhere by itself.
fn client() -> reqwest::Client {
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

/// One request without any habit of a browser but those given.
async fn ask(method: Method, path: &str, headers: &[(header::HeaderName, &str)]) -> Asked {
    let url = format!("{}{path}", Stage::shared().await.portal.url());
    let mut request = client().request(method.clone(), &url);
    for (name, value) in headers {
        request = request.header(name, *value);
    }
    if method == Method::POST {
        request = request.form(&[("_form", "sign_out")]);
    }
    let response = request.send().await.unwrap();
    let status = response.status();
    let location = response.headers().get(header::LOCATION).map(|value| value.to_str().unwrap().to_owned());
    let body = response.text().await.unwrap();
    Asked { status, location: location.unwrap_or_default(), body }
}

/// Pages that somebody opens while strangers post, and what strangers post meanwhile.
const AT_ONCE: usize = 200;

// S-H1
#[tokio::test]
async fn what_strangers_post_to_a_public_page_is_not_done_as_somebody_whose_page_is_being_made() {
    let stage = Stage::shared().await;
    let opened = futures::stream::iter(0..AT_ONCE)
        .map(|_| async { stage.browser.get("/configurations").await.unwrap() })
        .buffer_unordered(8)
        .count();
    let url = format!("{}/set-password", stage.portal.url());
    let client = client();
    let posted = futures::stream::iter(0..AT_ONCE)
        .map(|_| async {
            let response = client.post(&url).form(&[("_form", "get_account")]).send().await.unwrap();
            response.headers()[header::LOCATION].to_str().unwrap().to_owned()
        })
        .buffer_unordered(8)
        .collect::<BTreeSet<String>>();
    let (_, locations) = tokio::join!(opened, posted);
    assert_eq!(locations, BTreeSet::from(["/sign-in?then=/set-password".to_owned()]));
}

// S-H1
#[tokio::test]
async fn a_path_that_is_read_in_two_ways_leads_nowhere() {
    let url = Stage::shared().await.portal.url();
    let address = url.strip_prefix("http://").unwrap();
    for path in
        ["/embed/clusters/../settings", "/pkg/../settings", "/sign-in/%2e%2e/settings", "/a\\..\\settings"]
    {
        // Clients put such a path right before they send it.
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head = format!(
            "GET {path} HTTP/1.1\r\nhost: {address}\r\naccept: text/html\r\nconnection: close\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 404"), "{path}: {answer}");
    }
}

// S-H1
#[tokio::test]
async fn no_page_answers_without_a_session() {
    let pages = pages();
    assert!(pages.len() >= 8, "{pages:?}");
    for path in pages.iter().map(String::as_str).chain(["/no-such-page", "/clusters/../configurations"]) {
        let html = [(header::ACCEPT, "text/html")];
        let asked = ask(Method::GET, path, &html).await;
        let posted = ask(Method::POST, path, &html).await;
        if path.starts_with(PROVIDERS_FOLDER) {
            // No provider has this name, and the page to sign in says so.
            assert_eq!(asked.status, StatusCode::NOT_FOUND, "{path}");
            assert!(asked.body.contains("no such way to sign in"), "{path}");
            continue;
        }
        if is_public(path) {
            assert_eq!(asked.status, StatusCode::OK, "{path}");
            continue;
        }
        for asked in [asked, posted] {
            assert!(asked.status.is_redirection(), "{path} answers {}", asked.status);
            assert!(asked.location.starts_with("/sign-in"), "{path} leads to {}", asked.location);
        }
    }
}

// S-H1
#[tokio::test]
async fn no_server_function_and_no_stream_answers_without_a_session() {
    let functions = server_functions();
    assert!(functions.len() >= 15, "{functions:?}");
    let closed = functions.iter().filter(|path| !is_public(path)).map(String::as_str);
    for path in closed.chain(["/api/portal/no_such_function"]) {
        let asked = ask(Method::POST, path, &[]).await;
        assert_eq!(asked.status, StatusCode::UNAUTHORIZED, "{path} answers {}", asked.body);
    }
    for path in ["/live", "/metrics", "/api/portal/list_clusters"] {
        let asked = ask(Method::GET, path, &[]).await;
        assert_eq!(asked.status, StatusCode::UNAUTHORIZED, "{path} answers {}", asked.body);
    }
}

#[tokio::test]
async fn a_made_up_session_is_none() {
    let cookie = [(header::COOKIE, "fairlead=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")];
    let asked = ask(Method::GET, "/live", &cookie).await;
    assert_eq!(asked.status, StatusCode::UNAUTHORIZED);
}

// S-K2
#[tokio::test]
async fn a_change_that_comes_from_a_foreign_page_is_refused() {
    let stage = Stage::shared().await;
    let cookies = stage.browser.cookies();
    let cookie = (header::COOKIE, cookies.as_str());
    let site = header::HeaderName::from_static("sec-fetch-site");
    let own = stage.portal.url();
    let foreign: [&[(header::HeaderName, &str)]; 5] = [
        &[(header::ORIGIN, "https://evil.example.com")],
        &[(header::ORIGIN, "null")],
        &[(site.clone(), "cross-site")],
        &[(site.clone(), "same-site"), (header::ORIGIN, &own)],
        &[], // a cookie alone vouches for nothing
    ];
    for marks in foreign {
        for path in ["/api/portal/sign_out", "/api/portal/sync_configuration", "/clusters"] {
            let headers: Vec<_> = marks.iter().cloned().chain([cookie.clone()]).collect();
            let asked = ask(Method::POST, path, &headers).await;
            assert_eq!(asked.status, StatusCode::FORBIDDEN, "{path} with {marks:?} answers {}", asked.body);
        }
    }
    let still = ask(Method::GET, "/clusters", &[cookie]).await;
    assert_eq!(still.status, StatusCode::OK, "the session is as it was");
}

#[tokio::test]
async fn a_session_ends_with_signing_out() {
    let stage = Stage::shared().await;
    let browser = stage.portal.sign_in().await.unwrap();
    let cookies = browser.cookies();
    assert_eq!(browser.get("/clusters").await.unwrap().status, 200);
    let out = browser.post("/clusters", "sign_out", &[]).await.unwrap();
    assert_eq!((out.status, out.location()), (303, Some("/sign-in")));
    assert_eq!(out.header("clear-site-data"), Some("\"storage\""), "what pages kept goes too");
    let by_script = stage.portal.sign_in().await.unwrap().call("sign_out", &[]).await.unwrap();
    assert_eq!(by_script.header("clear-site-data"), Some("\"storage\""));
    let asked = ask(Method::GET, "/live", &[(header::COOKIE, &cookies)]).await;
    assert_eq!(asked.status, StatusCode::UNAUTHORIZED, "the old cookie opens nothing");
}

#[tokio::test]
async fn a_wrong_password_and_a_wrong_name_are_told_alike() {
    let stage = Stage::shared().await;
    let visitor = stage.portal.visitor().unwrap();
    let sign_in = async |user: &str| {
        let fields = [("user_name", user), ("password", "not the password"), ("then", "")];
        visitor.post("/sign-in", "sign_in", &fields).await.unwrap()
    };
    let (name, password) = (sign_in("nobody-here").await, sign_in("somebody-else").await);
    assert_eq!(name.status, password.status);
    assert!(name.status >= 400 && visitor.cookies().is_empty(), "{}", name.status);
    let sentence =
        |answer: &testbed::Answer| answer.text().replace("nobody-here", "").replace("somebody-else", "");
    assert_eq!(sentence(&name), sentence(&password));
    assert!(!name.body.contains("not the password"), "what was typed as a password is never sent back");
}

#[tokio::test]
async fn every_answer_is_guarded_by_its_headers() {
    let stage = Stage::shared().await;
    for path in ["/clusters", "/configurations", "/sign-in", "/no-such-page", "/readyz"] {
        let answer = stage.browser.get(path).await.unwrap();
        let header = |name: &str| answer.header(name).unwrap_or_default().to_owned();
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("x-frame-options"), "DENY", "{path}");
        assert_eq!(header("cache-control"), "no-store", "{path}");
        assert!(!header("x-ms-request-id").is_empty(), "{path}");
        let policy = header("content-security-policy");
        assert!(
            policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{policy}"
        );
        assert!(!policy.contains("unsafe-inline"), "{policy}");
        let reported = header("content-security-policy-report-only");
        assert_eq!(reported.contains("trusted-types"), path != "/readyz", "{path}: {reported}");
    }
    let nonce = async || {
        let answer = stage.browser.get("/clusters").await.unwrap();
        answer
            .header("content-security-policy")
            .and_then(|policy| policy.split('\'').find(|part| part.starts_with("nonce-")).map(str::to_owned))
            .unwrap()
    };
    assert_ne!(nonce().await, nonce().await, "a nonce is used once");
}

#[tokio::test]
async fn a_body_larger_than_any_form_is_not_read() {
    let stage = Stage::shared().await;
    let large = "x".repeat(2 * 1024 * 1024);
    let fields = [("kubeconfig", large.as_str())];
    let posted = stage.browser.post("/clusters/connect", "begin_connect", &fields).await;
    let called = stage.browser.call("begin_connect", &fields).await;
    for answer in [posted, called] {
        // The server may close the connection before it has answered.
        assert!(
            answer.as_ref().is_err() || answer.as_ref().is_ok_and(|answer| answer.status == 413),
            "{answer:?}"
        );
    }
    assert_eq!(stage.browser.get("/clusters").await.unwrap().status, 200);
}
