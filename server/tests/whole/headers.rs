//! The headers that guard every answer, whatever is answered by whichever layer.

use http::{HeaderMap, Method, StatusCode, header};
use testbed::{Portal, PortalOptions};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::rest::api::{Api, configuration};
use crate::scene::Stage;

/// Wrong passwords after which somebody surely waits.
const GUESSES: usize = 10;
const ONE_YEAR: &str = "max-age=31536000; includeSubDomains";

struct Asked {
    what: String,
    path: &'static str,
    headers: HeaderMap,
}

/// One request without any habit of a browser but those given, which has to be answered like this.
async fn ask(
    url: &str,
    (method, path, status): (Method, &'static str, u16),
    headers: &[(&str, &str)],
    body: &str,
) -> Asked {
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy();
    let mut request = client.build().unwrap().request(method.clone(), format!("{url}{path}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    // What is answered without an end is left after its head.
    let response = request.body(body.to_owned()).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::from_u16(status).unwrap(), "{method} {path}");
    Asked { what: format!("{method} {path} ({status})"), path, headers: response.headers().clone() }
}

/// A body that is said to be larger than any: the answer comes before it.
async fn ask_with_too_much(portal: &Portal) -> Asked {
    let mut stream = TcpStream::connect(portal.address()).await.unwrap();
    let head = "POST /sign-in HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 104857600\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut said = Vec::new();
    let _ = stream.read_to_end(&mut said).await;
    let said = String::from_utf8_lossy(&said).into_owned();
    let mut lines = said.lines();
    assert_eq!(lines.next().and_then(|line| line.split(' ').nth(1)), Some("413"), "{said}");
    let fields = lines.take_while(|line| !line.is_empty()).map(|line| {
        let (name, value) = line.split_once(':').unwrap();
        (name.parse::<header::HeaderName>().unwrap(), value.trim().parse::<header::HeaderValue>().unwrap())
    });
    Asked { what: "POST /sign-in (413)".to_owned(), path: "/sign-in", headers: fields.collect() }
}

/// What an answer lacks, or has too much.
fn faults(asked: &Asked, transport: Option<&str>) -> Vec<String> {
    let Asked { what, path, headers } = asked;
    let text = |name: &str| {
        let values: Vec<_> = headers.get_all(name).iter().map(|value| value.to_str().unwrap()).collect();
        (!values.is_empty()).then(|| values.join(" AND "))
    };
    let opener = if *path == "/sign-in" { "unsafe-none" } else { "same-origin" };
    // The names in this folder have no hash.
    let cache = if path.starts_with("/pkg/") { "no-cache" } else { "no-store" };
    let mut faults = Vec::new();
    for (name, expected) in [
        ("x-content-type-options", Some("nosniff")),
        ("x-frame-options", Some("DENY")),
        ("referrer-policy", Some("same-origin")),
        ("cross-origin-opener-policy", Some(opener)),
        ("cross-origin-resource-policy", Some("same-origin")),
        ("permissions-policy", Some("camera=(), geolocation=(), microphone=(), payment=(), usb=()")),
        ("cache-control", Some(cache)),
        ("strict-transport-security", transport),
        ("server", None),
        ("x-powered-by", None),
    ] {
        let found = text(name);
        if found.as_deref() != expected {
            faults.push(format!("{what}: {name} is {found:?}"));
        }
    }
    let policy = text("content-security-policy").unwrap_or_default();
    let parts = ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"];
    if !parts.iter().all(|part| policy.contains(part)) || policy.contains("unsafe-inline") {
        faults.push(format!("{what}: the policy is {policy:?}"));
    }
    faults
}

#[tokio::test]
async fn every_kind_of_answer_has_every_guarding_header() {
    let stage = Stage::shared().await;
    let (url, cookies) = (stage.portal.url(), stage.browser.cookies());
    let token = format!("Bearer {}", Api::shared().await.token());
    let html = ("accept", "text/html");
    let (session, bearer) = (("cookie", cookies.as_str()), ("authorization", token.as_str()));
    let hidden: &'static str = Box::leak(configuration("nothing-of-this-name").into_boxed_str());
    let (get, post) = (Method::GET, Method::POST);
    let mut asked = vec![ask_with_too_much(&stage.portal).await];
    for (request, headers) in [
        ((get.clone(), "/clusters", 200), &[html, session][..]),
        ((get.clone(), "/clusters", 303), &[html]),
        ((get.clone(), "/sign-in", 200), &[html]),
        ((get.clone(), "/no-such-page", 404), &[html, session]),
        ((get.clone(), "/people/x", 404), &[html, session]),
        ((get.clone(), "/live", 200), &[session]),
        ((get.clone(), "/live", 401), &[]),
        ((get.clone(), "/metrics", 200), &[session]),
        ((get.clone(), "/metrics", 401), &[]),
        ((get.clone(), "/healthz", 200), &[]),
        ((get.clone(), "/readyz", 200), &[]),
        ((get.clone(), "/pkg/fairlead.css", 200), &[]),
        ((get.clone(), "/favicon.svg", 200), &[]),
        ((get.clone(), "/embed.js", 200), &[]),
        ((get.clone(), "/openapi.json", 200), &[bearer]),
        ((get.clone(), "/activity.jsonl", 200), &[session]),
        ((get.clone(), hidden, 404), &[bearer]),
        ((get.clone(), hidden, 401), &[]),
        ((get, "/subscriptions/x/nothing", 404), &[bearer]),
        ((Method::PATCH, hidden, 405), &[bearer]),
        ((Method::PUT, "/healthz", 405), &[]),
        ((Method::PUT, "/clusters", 405), &[session, ("origin", url.as_str())]),
        ((post.clone(), "/clusters", 403), &[session]),
        ((post.clone(), "/clusters", 403), &[session, ("origin", "https://evil.example.com")]),
        ((post.clone(), "/api/portal/list_clusters", 401), &[]),
        ((post.clone(), "/sign-in", 415), &[]),
        ((post, "/webhooks/x", 401), &[]),
    ] {
        asked.push(ask(&url, request, headers, "").await);
    }
    let faults: Vec<_> = asked.iter().flat_map(|asked| faults(asked, None)).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[tokio::test]
async fn behind_tls_every_kind_of_answer_keeps_browsers_to_it() {
    let environment = vec![("FAIRLEAD_PUBLIC_URL".to_owned(), "https://fairlead.example.com".to_owned())];
    let portal = Portal::start_with(PortalOptions { listen: None, environment }).await.unwrap();
    let url = portal.url();
    let form = [("content-type", "application/x-www-form-urlencoded"), ("accept", "text/html")];
    let guess = "_form=sign_in&user_name=admin&password=a-wrong-one";
    let mut asked = vec![ask_with_too_much(&portal).await];
    for (method, path, status) in [
        (Method::GET, "/sign-in", 200),
        (Method::GET, "/healthz", 200),
        (Method::GET, "/favicon.svg", 200),
        (Method::GET, "/pkg/fairlead.js", 200),
        (Method::GET, "/no-such-page", 401),
        (Method::GET, "/subscriptions", 401),
        (Method::PUT, "/healthz", 405),
    ] {
        asked.push(ask(&url, (method, path, status), &[], "").await);
    }
    let foreign = [("cookie", "x=y"), ("origin", "https://evil.example.com")];
    asked.push(ask(&url, (Method::POST, "/sign-in", 403), &foreign, "").await);
    for _ in 0..GUESSES {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let request = client.post(format!("{url}/sign-in")).header(form[0].0, form[0].1);
        request.body(guess).send().await.unwrap();
    }
    asked.push(ask(&url, (Method::POST, "/sign-in", 503), &form, guess).await);
    let faults: Vec<_> = asked.iter().flat_map(|asked| faults(asked, Some(ONE_YEAR))).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
