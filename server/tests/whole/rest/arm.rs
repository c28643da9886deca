//! Configurations and clusters as ARM has them.

use http::Method;
use serde_json::{Value, json};

use super::api::{
    Answer, Api, CLUSTERS_VERSION, GROUP, VERSION, configuration, configurations, configurations_of,
};
use super::golden::assert_golden;
use crate::scene::{Scene, eventually};

/// A request's body as Microsoft's SDK makes it.
fn body(scene: &Scene, params: &str) -> Value {
    json!({ "properties": {
        "repositoryUrl": scene.repository.url(),
        "operatorNamespace": scene.name,
        "operatorInstanceName": scene.name,
        "operatorType": "flux",
        "operatorParams": params,
        "operatorScope": "cluster",
        "configurationProtectedSettings": {},
    } })
}

async fn until(api: &Api, name: &str, state: &str) -> Answer {
    let path = configuration(name);
    eventually(state, || async {
        let answer = api.get(&path).await;
        let compliance = &answer.json["properties"]["complianceStatus"];
        compliance["complianceState"] == state && !compliance["message"].as_str().unwrap().contains(":null}")
    })
    .await;
    api.get(&path).await
}

#[tokio::test]
async fn a_configuration_is_made_synced_replaced_and_deleted() {
    let (scene, api) = (Scene::shared("rest").await, Api::shared().await);
    let revision = scene.commit(&[("namespace.yaml", &scene.namespace())]).await;
    let path = configuration(&scene.name);
    let values = [("name", scene.name.as_str()), ("repository", scene.repository.url())];

    let made = api.put(&path, &body(&scene, "--git-readonly --git-branch=main ")).await;
    assert_golden("configuration-created", &made, &values);

    let installed = until(api, &scene.name, "Installed").await;
    assert_golden("configuration-installed", &installed, &[&values[..], &[("revision", &revision)]].concat());
    let again = api.get(&path.to_uppercase().replace("API-VERSION", "api-version")).await;
    assert_eq!(again.json, installed.json, "words and names in any case");

    let applied = installed.json["properties"]["complianceStatus"]["lastConfigApplied"].as_str().unwrap();
    let replaced = api
        .put(
            &path,
            &json!({ "properties": {
                "repositoryUrl": scene.repository.url(), "operatorParams": "--git-readonly",
                "enableHelmOperator": true,
                "helmOperatorProperties": { "chartVersion": "1.2.0", "chartValues": "--set helm.versions=v3" },
            } }),
        )
        .await;
    assert_golden("configuration-replaced", &replaced, &[&values[..], &[("applied", applied)]].concat());

    let deleted = api.delete(&path).await;
    assert_eq!(deleted.status, 200);
    for header in ["location", "azure-asyncoperation"] {
        assert_eq!(deleted.header(header), "", "there is nothing to wait for");
    }
    assert_eq!(api.get(&path).await.status, 404);
    assert_eq!(api.delete(&path).await.status, 204);
}

#[tokio::test]
async fn a_failed_configuration_says_why_in_its_message() {
    let (scene, api) = (Scene::shared("restfail").await, Api::shared().await);
    scene.commit(&[("namespace.yaml", &scene.namespace())]).await;
    let params = "--git-readonly --git-branch=main --git-path=missing";
    assert_eq!(api.put(&configuration(&scene.name), &body(&scene, params)).await.status, 201);
    let failed = until(api, &scene.name, "Failed").await;
    let values = [("name", scene.name.as_str()), ("repository", scene.repository.url())];
    assert_golden("configuration-failed", &failed, &values);
}

#[tokio::test]
async fn a_list_has_pages_that_lead_on_and_end() {
    let (scene, api) = (Scene::shared("page").await, Api::shared().await);
    scene.commit(&[("namespace.yaml", &scene.namespace())]).await;
    // A cluster of its own, for no other test's configurations to be among them.
    let names: Vec<String> = (0..3).map(|number| format!("{}{number}", scene.name)).collect();
    for name in &names {
        let mut body = body(&scene, "--git-readonly");
        body["properties"]["operatorInstanceName"] = json!(name);
        assert_eq!(api.put(&configuration(name), &body).await.status, 201);
    }
    let mut seen = Vec::new();
    let mut next = format!("{}?{VERSION}&$top=2", configurations());
    let mut pages = 0;
    loop {
        let page = api.get(&next).await;
        let items = page.json["value"].as_array().unwrap();
        assert!(page.status == 200 && !items.is_empty() && items.len() <= 2, "{page:?}");
        seen.extend(items.iter().map(|item| item["name"].as_str().unwrap().to_owned()));
        pages += 1;
        match page.json["nextLink"].as_str() {
            None => break,
            Some(link) => next = link.strip_prefix(api.url()).unwrap().to_owned(),
        }
    }
    assert!(pages >= 2, "{seen:?}");
    let mut sorted = seen.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!(seen, sorted, "by name, each once");
    assert!(names.iter().all(|name| seen.contains(name)), "{seen:?}");
    let wrong = api.get(&format!("{}?{VERSION}&$top=0", configurations())).await;
    assert_eq!((wrong.status, wrong.targets()), (400, vec!["$top"]));
}

#[tokio::test]
async fn a_change_is_made_to_what_was_seen_or_not_at_all() {
    let (scene, api) = (Scene::shared("etag").await, Api::shared().await);
    scene.commit(&[("namespace.yaml", &scene.namespace())]).await;
    let path = configuration(&scene.name);
    let put = async |headers: &[(&str, &str)]| {
        api.ask(Method::PUT, &path, headers, Some(&body(&scene, "--git-readonly"))).await
    };
    let none = put(&[("if-match", "*")]).await;
    assert_eq!((none.status, none.code()), (412, "PreconditionFailed"));
    let made = put(&[("if-none-match", "*")]).await;
    let tag = made.header("etag").to_owned();
    assert_eq!((made.status, api.get(&path).await.header("etag")), (201, tag.as_str()));
    assert_eq!(put(&[("if-none-match", "*")]).await.status, 412);

    let changed = put(&[("if-match", &tag)]).await;
    assert_eq!(changed.status, 200);
    assert_ne!(changed.header("etag"), tag);
    assert_eq!(put(&[("if-match", &tag)]).await.status, 412, "somebody else was first");
    let stale = api.ask(Method::DELETE, &path, &[("if-match", &tag)], None).await;
    assert_eq!(stale.status, 412);
    let present = changed.header("etag").to_owned();
    assert_eq!(api.ask(Method::DELETE, &path, &[("if-match", &present)], None).await.status, 200);

    let made = put(&[]).await;
    assert_ne!(made.header("etag"), tag, "another one of the same name has other tags");
}

#[tokio::test]
async fn every_violation_is_told_at_once_with_its_json_field() {
    let (scene, api) = (Scene::shared("restbad").await, Api::shared().await);
    let path = configuration(&scene.name);
    let wrong = json!({ "properties": {
        "repositoryUrl": "file:///etc", "operatorNamespace": "a".repeat(24), "operatorInstanceName": scene.name,
        "operatorType": "Argo", "operatorScope": "world", "operatorParams": "--nonsense",
    } });
    assert_golden("configuration-invalid", &api.put(&path, &wrong).await, &[]);

    let shape = api.put(&path, &json!({ "properties": { "repositoryUrl": 1, "operatorParam": "" } })).await;
    let targets = ["properties.repositoryUrl", "properties.operatorParam"];
    assert_eq!(
        (shape.status, shape.code(), shape.targets()),
        (400, "InvalidRequestContent", targets.to_vec())
    );
    let list = api.put(&path, &json!([])).await;
    assert_eq!((list.status, list.code()), (400, "InvalidRequestContent"));
    let secret = json!({ "properties": {
        "repositoryUrl": scene.repository.url(),
        "configurationProtectedSettings": { "httpsUser": "not base64!", "httpsKey": "dG9rZW4=" },
    } });
    let secret = api.put(&path, &secret).await;
    let target = "properties.configurationProtectedSettings.httpsUser";
    assert_eq!((secret.status, secret.targets()), (400, vec![target]));
    assert_eq!(api.get(&path).await.status, 404, "nothing was made");
}

#[tokio::test]
async fn an_operator_that_another_configuration_has_is_a_conflict_that_names_it() {
    let (scene, api) = (Scene::shared("resttwo").await, Api::shared().await);
    scene.commit(&[("namespace.yaml", &scene.namespace())]).await;
    assert_eq!(api.put(&configuration(&scene.name), &body(&scene, "")).await.status, 201);
    let other = api.put(&configuration(&format!("{}b", scene.name)), &body(&scene, "")).await;
    assert_golden("operator-taken", &other, &[("other", &scene.name)]);
}

// V5
#[tokio::test]
async fn secrets_go_in_and_never_come_out_and_the_public_key_is_there_at_once() {
    let (scene, api) = (Scene::shared("restkey").await, Api::shared().await);
    let path = configuration(&scene.name);
    let mut ssh = body(&scene, "--git-readonly");
    ssh["properties"]["repositoryUrl"] = json!("git@git.example.com:team/app.git");
    let made = api.put(&path, &ssh).await;
    let key = made.json["properties"]["repositoryPublicKey"].as_str().unwrap().to_owned();
    assert!(made.status == 201 && key.starts_with("ssh-ed25519 "), "{made:?}");
    let kept = api.put(&path, &ssh).await;
    assert_eq!(kept.json["properties"]["repositoryPublicKey"], key.as_str(), "the same host keeps its key");

    let mut https = body(&scene, "--git-readonly");
    let token = "never-to-be-seen-again";
    https["properties"]["configurationProtectedSettings"] =
        json!({ "httpsUser": "YWRh", "httpsKey": data_encoding(token) });
    let changed = api.put(&path, &https).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    assert_eq!(changed.json["properties"]["repositoryPublicKey"], "", "another host gets another credential");
    let read = api.get(&path).await.json;
    assert_eq!(read["properties"]["configurationProtectedSettings"], json!({}));
    for answer in [changed.json, read] {
        let text = answer.to_string();
        assert!(!text.contains(token) && !text.contains(&data_encoding(token)), "{text}");
    }
    https["properties"]["configurationProtectedSettings"] = json!({ "httpsKey": "" });
    let refused = api.put(&path, &https).await;
    assert_eq!(refused.status, 400, "{refused:?}");
    https["properties"]["configurationProtectedSettings"] = json!({ "httpsUser": null, "httpsKey": null });
    assert_eq!(api.put(&path, &https).await.status, 200);
    api.delete(&path).await;
}

/// Base64, by hand: no test needs more of it.
fn data_encoding(text: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut encoded = String::new();
    for chunk in text.as_bytes().chunks(3) {
        let number = chunk.iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
        let number = number << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let digit = DIGITS[(number >> (18 - 6 * place) & 63) as usize];
            encoded.push(if place <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    encoded
}

#[tokio::test]
async fn an_api_version_is_asked_for_and_must_be_known() {
    let api = Api::shared().await;
    let path = configurations();
    assert_golden("missing-api-version", &api.get(&path).await, &[]);
    assert_golden("unknown-api-version", &api.get(&format!("{path}?api-version=2019-01-01")).await, &[]);
    for version in ["2020-07-01-preview", "2021-03-01", "2022-03-01", "2022-11-01", "2023-05-01"] {
        assert_eq!(api.get(&format!("{path}?api-version={version}")).await.status, 200, "{version}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_told_in_arms_words() {
    let api = Api::shared().await;
    assert_golden("configuration-missing", &api.get(&configuration("nobody")).await, &[]);
    let list = format!("{}?{VERSION}", configurations_of("nobody"));
    assert_golden("cluster-missing", &api.get(&list).await, &[]);
    let clusters = format!("providers/Microsoft.Kubernetes/connectedClusters?{CLUSTERS_VERSION}");
    let group = GROUP.replace("Default", "nobody");
    assert_golden("group-missing", &api.get(&format!("{group}/{clusters}")).await, &[]);
    let other = "/subscriptions/00000000-0000-0000-0000-000000000009";
    assert_golden("subscription-missing", &api.get(&format!("{other}/{clusters}")).await, &[]);
    let malformed = api.get(&format!("/subscriptions/me/{clusters}")).await;
    assert_eq!((malformed.status, malformed.code()), (400, "InvalidSubscriptionId"));
    for path in ["/subscriptions/x/y/z", "/api/v1/nothing", "/providers/Other/operations"] {
        let answer = api.get(path).await;
        assert_eq!((answer.status, answer.code()), (404, "InvalidResourceType"), "{path}");
    }
}

#[tokio::test]
async fn clusters_are_read_and_listed_and_not_written() {
    let api = Api::shared().await;
    let subscription = GROUP.strip_suffix("/resourceGroups/Default").unwrap();
    let kind = "providers/Microsoft.Kubernetes/connectedClusters";
    let one = api.get(&format!("{GROUP}/{kind}/Stage?{CLUSTERS_VERSION}")).await;
    let number = |name: &str| one.json["properties"][name].to_string();
    let (nodes, cores) = (number("totalNodeCount"), number("totalCoreCount"));
    assert_golden("cluster", &one, &[("nodes", &nodes), ("cores", &cores)]);
    // Scripts of Microsoft write the word in small letters.
    let lower = GROUP.replace("resourceGroups", "resourcegroups");
    for list in [format!("{lower}/{kind}"), format!("{subscription}/{kind}")] {
        let list = api.get(&format!("{list}?{CLUSTERS_VERSION}")).await;
        let names = list.json["value"].as_array().unwrap().iter().map(|cluster| &cluster["name"]);
        assert!(list.status == 200 && names.collect::<Vec<_>>().contains(&&json!("Stage")), "{list:?}");
    }
    for method in [Method::PUT, Method::PATCH, Method::DELETE] {
        let path = format!("{GROUP}/{kind}/Stage?{CLUSTERS_VERSION}");
        let answer = api.ask(method.clone(), &path, &[], Some(&json!({}))).await;
        assert_golden("method-not-allowed", &answer, &[("method", method.as_str())]);
    }
}

#[tokio::test]
async fn operations_and_the_registration_are_what_the_command_line_asks_for() {
    let api = Api::shared().await;
    let operations = format!("/providers/Microsoft.KubernetesConfiguration/operations?{VERSION}");
    assert_golden("operations", &api.get(&operations).await, &[]);
    let subscription = GROUP.strip_suffix("/resourceGroups/Default").unwrap();
    let provider =
        format!("{subscription}/providers/microsoft.kubernetesconfiguration?api-version=2021-04-01");
    assert_golden("provider", &api.get(&provider).await, &[]);
    let other = api.get(&format!("{subscription}/providers/Microsoft.Compute?api-version=2021-04-01")).await;
    assert_eq!((other.status, other.code()), (404, "InvalidResourceNamespace"));
}

#[tokio::test]
async fn a_body_that_is_too_large_or_no_json_is_told_in_arms_shape() {
    let api = Api::shared().await;
    let path = configuration("large");
    let large = json!({ "properties": { "repositoryUrl": "x".repeat(600 * 1024) } });
    let answer = api.put(&path, &large).await;
    assert_eq!((answer.status, answer.code()), (413, "RequestEntityTooLarge"));
    let text = api.ask(Method::PUT, &path, &[("content-type", "text/plain")], None).await;
    assert_eq!((text.status, text.code()), (415, "UnsupportedMediaType"));
    let empty = api.ask(Method::PUT, &path, &[("content-type", "application/json")], None).await;
    assert_eq!((empty.status, empty.code()), (400, "InvalidRequestContent"));
}
