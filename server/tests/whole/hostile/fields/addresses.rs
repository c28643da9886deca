//! Hostile texts in addresses, in place of every id and name, and as every parameter.

use http::header;
use server::router::rights::{OTHERS, PAGES};
use testbed::{Portal, PortalOptions};

use super::{EVERYTHING, MARK, faults_of_log, hostile};

/// What pages, files and the ways in read from their addresses.
const PARAMETERS: [&str; 20] = [
    "api-version",
    "before",
    "challenge",
    "code",
    "context",
    "draft",
    "error",
    "filter",
    "iss",
    "lang",
    "link",
    "name",
    "namespace",
    "page",
    "parent",
    "release",
    "state",
    "tab",
    "then",
    "theme",
];
/// Some routes have it seven times, and clients make no address of more than 64 KiB.
const LONG_BYTES: usize = 8 * 1024;

fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |text, byte| text + &format!("%{byte:02x}"))
}

/// A route with this in place of its parameters.
fn filled(route: &str, text: &str) -> String {
    let parts = route.split('/').map(|part| if part.starts_with('{') { text } else { part });
    parts.collect::<Vec<_>>().join("/")
}

/// Each route with each text in its path and in its query.
fn addresses(routes: &[String]) -> Vec<String> {
    let mut texts: Vec<String> = hostile().iter().map(|text| encoded(text)).collect();
    // No text at all, half a character, and a lot.
    texts.extend(["%".to_owned(), "%ff%fe".to_owned(), "y".repeat(LONG_BYTES)]);
    let mut addresses = Vec::new();
    for text in &texts {
        let pairs = PARAMETERS.map(|name| format!("{name}={text}"));
        // All together would be longer than that.
        let queries = if text.len() < LONG_BYTES { vec![pairs.join("&")] } else { pairs.to_vec() };
        for route in routes {
            addresses.push(filled(route, text));
            addresses.extend(queries.iter().map(|query| format!("{}?{query}", filled(route, "x"))));
        }
    }
    addresses
}

#[tokio::test]
async fn no_address_breaks_the_server_its_pages_or_its_log() {
    let environment = vec![("FAIRLEAD_LOG".to_owned(), EVERYTHING.to_owned())];
    let portal = Portal::start_with(PortalOptions { listen: None, environment }).await.unwrap();
    let token = portal.command(&["token", "create", "--user", "admin", "--name", "tests"], "").await.unwrap();
    let bearer = (header::AUTHORIZATION, format!("Bearer {token}"));
    let session = (header::COOKIE, portal.sign_in().await.unwrap().cookies());
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy();
    let client = client.build().unwrap();
    let document = client.get(format!("{}/openapi.json", portal.url())).header(&bearer.0, &bearer.1);
    let document: serde_json::Value = document.send().await.unwrap().json().await.unwrap();
    let operations: Vec<String> = document["paths"].as_object().unwrap().keys().cloned().collect();
    let pages = PAGES.iter().chain(OTHERS).map(|(route, _)| (*route).to_owned());
    let pages: Vec<String> = pages.filter(|route| route != "/live").collect();

    let mut wrong = Vec::new();
    for (routes, (name, credential)) in [(operations, bearer), (pages, session)] {
        for address in addresses(&routes) {
            for signed_in in [true, false] {
                let request = client.get(format!("{}{address}", portal.url())).header("accept", "text/html");
                let request = if signed_in { request.header(&name, &credential) } else { request };
                let answer = request.send().await.unwrap();
                let status = answer.status().as_u16();
                let marked = answer.headers().keys().any(|name| name.as_str().contains(MARK));
                let page = answer.headers().get(header::CONTENT_TYPE);
                let page = page.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
                let body = answer.text().await.unwrap();
                let runs = page && body.contains(&format!("<script>{MARK}"));
                if status >= 500 || marked || runs {
                    let address: String = address.chars().take(300).collect();
                    wrong.push(format!("{address}: {status}, a header: {marked}, a script: {runs}"));
                }
            }
        }
    }
    wrong.extend(faults_of_log(&portal.log()));
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}
