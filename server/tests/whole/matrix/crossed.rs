//! Credentials where they mean nothing: cookies at the REST API, tokens at pages and functions. Two files take either.

use http::{Method, header};
use server::middleware::guard::EITHER;
use server::router::rights::{FUNCTIONS, Needs, OTHERS, PAGES};
use testbed::Answer;

use super::cast::{Cast, PROGRAMS, Who};
use super::expect::{expected, told};
use super::{functions, operations, pages};

pub(super) async fn ask_all(cast: &Cast) -> Vec<String> {
    let mut wrong = cookies_at_operations(cast).await;
    wrong.extend(tokens_at_pages(cast).await);
    wrong.extend(tokens_at_functions(cast).await);
    wrong.extend(either(cast).await);
    wrong
}

async fn send(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    // The stream, if it were given, would not end.
    let endless = status == 200 && response.url().path() == "/live";
    let body = if endless { String::new() } else { response.text().await.unwrap() };
    Answer { status, headers, body }
}

fn request(cast: &Cast, method: Method, path: &str) -> reqwest::RequestBuilder {
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy();
    client.build().unwrap().request(method, format!("{}{path}", cast.stage.portal.url()))
}

/// With every mark of our own pages, so that nothing but the credential is to blame.
async fn cookies_at_operations(cast: &Cast) -> Vec<String> {
    let mut wrong = Vec::new();
    for operation in operations::all().await {
        let path = operations::path(&operation, &cast.configuration.0);
        for (who, folder, status) in
            [(Who::Administrator, "", 401), (Who::Framed, "", 401), (Who::Framed, "/embed", 404)]
        {
            let request = request(cast, operation.method.clone(), &format!("{folder}{path}"))
                .header(header::COOKIE, cast.browser(who).cookies())
                .header(header::ORIGIN, cast.stage.portal.url())
                .header("sec-fetch-site", "same-origin");
            let answer = send(request).await;
            if answer.status != status {
                wrong.push(format!("{} by the cookies of {who:?}: {answer:?}", operation.id));
            }
        }
    }
    for who in [Who::Administrator, Who::Framed] {
        let live = cast.browser(who).head("/live").await.unwrap();
        assert_eq!(live.status, 200, "the cookies of {who:?} open nothing at all");
    }
    wrong
}

async fn tokens_at_pages(cast: &Cast) -> Vec<String> {
    let mut wrong = Vec::new();
    let token = cast.program(Who::Administrator).token();
    let routes = PAGES.iter().chain(OTHERS).filter(|(route, _)| !EITHER.contains(route));
    for (route, needs) in routes {
        let path = pages::path(cast, route);
        let request = request(cast, Method::GET, &path).bearer_auth(token);
        let answer = send(request.header(header::ACCEPT, "text/html")).await;
        let (expected, told) =
            (pages::expected(route, *needs, Who::Nobody), told(answer.status, answer.location()));
        if expected != told {
            wrong.push(format!("{route} with a token: {expected:?}, but {}", answer.status));
        }
    }
    wrong
}

async fn tokens_at_functions(cast: &Cast) -> Vec<String> {
    let mut wrong = Vec::new();
    let token = cast.program(Who::Administrator).token();
    for (function, needs) in FUNCTIONS {
        let open = *needs == Needs::Nothing;
        let arguments =
            if open { functions::arguments(cast, function, Who::Nobody).await } else { Vec::new() };
        let request = request(cast, Method::POST, &format!("/api/portal/{function}")).bearer_auth(token);
        let answer = send(request.form(&arguments)).await;
        let (expected, told) = (expected(*needs, Who::Nobody), told(answer.status, answer.location()));
        if expected != told {
            wrong.push(format!("{function} with a token: {expected:?}, but {answer:?}"));
        }
    }
    wrong
}

/// A token that comes along decides, also beside a session that would do.
async fn either(cast: &Cast) -> Vec<String> {
    let mut wrong = Vec::new();
    for (route, needs) in OTHERS.iter().filter(|(route, _)| EITHER.contains(route)) {
        for who in PROGRAMS {
            for cookies in [String::new(), cast.browser(Who::Administrator).cookies()] {
                let request = request(cast, Method::GET, route).bearer_auth(cast.program(who).token());
                let request =
                    if cookies.is_empty() { request } else { request.header(header::COOKIE, &cookies) };
                let answer = send(request).await;
                let (expected, told) = (expected(*needs, who), told(answer.status, answer.location()));
                if expected != told {
                    wrong.push(format!("{route} as {who:?}: {expected:?}, but {}", answer.status));
                }
            }
        }
    }
    wrong
}
