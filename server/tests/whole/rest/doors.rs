//! Who is let in: every operation of the document, asked by whoever has no token. (S-H1, S-G4)

use http::{Method, StatusCode, header};
use serde_json::Value;

use super::api::{Api, GROUP, VERSION, configuration};
use super::golden::assert_golden;
use crate::scene::Stage;

/// Every operation with its parameters filled in.
fn operations(document: &Value) -> Vec<(Method, String)> {
    let fill = |part: &str| if part.starts_with('{') { "x" } else { part }.to_owned();
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let path: Vec<String> = path.split('/').map(fill).collect();
        for method in item.as_object().unwrap().keys() {
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            operations.push((method, format!("{}?{VERSION}", path.join("/"))));
        }
    }
    operations
}

async fn ask(method: Method, path: &str, headers: &[(header::HeaderName, String)]) -> (StatusCode, Value) {
    let url = format!("{}{path}", Stage::shared().await.portal.url());
    let mut request = reqwest::Client::new().request(method, url);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let response = request.send().await.unwrap();
    let status = response.status();
    (status, serde_json::from_str(&response.text().await.unwrap()).unwrap_or_default())
}

#[tokio::test]
async fn no_operation_answers_without_a_token_not_even_to_a_session() {
    let document = Api::shared().await.get("/openapi.json").await.json;
    let operations = operations(&document);
    assert!(operations.len() >= 17, "{operations:?}");
    let cookies = Stage::shared().await.browser.cookies();
    let own = Stage::shared().await.portal.url();
    let made_up = format!("Bearer flp_{}", "A".repeat(43));
    let doors: [Vec<(header::HeaderName, String)>; 4] = [
        vec![],
        vec![(header::AUTHORIZATION, made_up)],
        vec![(header::AUTHORIZATION, "Basic YWRtaW46YWRtaW4=".to_owned())],
        vec![(header::COOKIE, cookies), (header::ORIGIN, own)],
    ];
    for (method, path) in operations {
        for headers in &doors {
            let (status, answer) = ask(method.clone(), &path, headers).await;
            assert_eq!(status, StatusCode::UNAUTHORIZED, "{method} {path} with {headers:?}: {answer}");
            assert_eq!(answer["error"]["code"], "AuthenticationFailed", "{method} {path}");
        }
    }
    let paths = ["/subscriptions", "/SUBSCRIPTIONS/x", "/providers/x", "/api/v1/x", "/openapi.json"];
    for path in paths {
        let (status, _) = ask(Method::GET, path, &[]).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{path}");
    }
}

#[tokio::test]
async fn an_answer_to_nobody_has_arms_shape_and_says_what_is_wanted() {
    let stage = Stage::shared().await;
    let answer = Api::with(&stage.portal, "none").get(&configuration("x")).await;
    assert_golden("unauthenticated", &answer, &[]);
    assert_eq!(answer.header("www-authenticate"), "Bearer");
}

#[tokio::test]
async fn a_token_in_an_address_is_refused_and_never_logged() {
    let stage = Stage::shared().await;
    let token =
        stage.portal.command(&["token", "create", "--user", "admin", "--name", "leak"], "").await.unwrap();
    for path in ["/clusters?access_token=", "/subscriptions/x?api-version=1&token="] {
        let (status, answer) = ask(Method::GET, &format!("{path}{token}"), &[]).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{path}");
        let message = answer["error"]["message"].as_str().unwrap();
        assert!(message.contains("Authorization"), "{message}");
    }
    assert!(!stage.portal.log().contains(&token));
}

#[tokio::test]
async fn what_one_may_not_see_answers_as_what_does_not_exist() {
    let stage = Stage::shared().await;
    let password = "a long enough pass phrase 47";
    stage.portal.command(&["user", "create", "outsider", "--password-stdin"], password).await.unwrap();
    let outsider = Api::of(&stage.portal, "outsider").await;
    let missing = "00000000-0000-0000-0000-000000000009";
    let cluster = format!("{GROUP}/providers/Microsoft.Kubernetes/connectedClusters/Stage");
    let list = format!("{cluster}/providers/Microsoft.KubernetesConfiguration/sourceControlConfigurations");
    let group = GROUP.strip_suffix("/resourceGroups/Default").unwrap();
    let clusters = super::api::CLUSTERS_VERSION;
    for (there, not_there) in [
        (format!("{cluster}?{clusters}"), ("Stage", "Other")),
        (format!("{list}?{VERSION}"), ("Stage", "Other")),
        (format!("{list}/x?{VERSION}"), ("Stage", "Other")),
        (
            format!("{GROUP}/providers/Microsoft.Kubernetes/connectedClusters?{clusters}"),
            ("Default", "Other"),
        ),
        (
            format!("{group}/providers/Microsoft.Kubernetes/connectedClusters?{clusters}"),
            ("00000000-0000-0000-0000-000000000001", missing),
        ),
        (format!("/api/v1{GROUP}/clusters/Stage"), ("Stage", "Other")),
    ] {
        let (present, absent) = (outsider.get(&there).await, {
            let (from, to) = not_there;
            outsider.get(&there.replace(from, to)).await
        });
        assert_eq!((present.status, absent.status), (404, 404), "{there}");
        let (from, to) = not_there;
        assert_eq!(present.json.to_string().replace(from, to), absent.json.to_string(), "{there}");
    }
    for path in [format!("{list}/x?{VERSION}"), format!("/api/v1{GROUP}/clusters/Stage")] {
        assert_eq!(outsider.delete(&path).await.status, 204, "{path}");
    }
    let body = serde_json::json!({ "properties": { "repositoryUrl": "https://git.example.com/a.git" } });
    let put = outsider.put(&format!("{list}/x?{VERSION}"), &body).await;
    assert_eq!((put.status, put.code()), (404, "ResourceNotFound"));
}
