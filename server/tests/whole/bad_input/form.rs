//! A form with every field wrong.

use crate::scene::{Scene, Stage};
use testbed::ConfigurationFields;

/// Each field with a value that its rule refuses, and a word of the sentence that says so.
const WRONG: [(&str, &str, &str); 13] = [
    ("name", "Not A Name", "lower-case"),
    ("operator_instance_name", "much-too-long-a-name-for-it", "23"),
    ("operator_namespace", "-x-", "lower-case"),
    ("operator_scope", "planet", "cluster"),
    ("repository_url", "file:///etc/passwd", "file"),
    ("ssh_known_hosts", "no base64!", "base64"),
    ("operator_params", "--git-url=x --no-such-flag", "--no-such-flag"),
    ("git_branch", "two words", "branch"),
    ("git_path", "../outside", "../outside"),
    ("git_poll_interval", "soon", "soon"),
    ("git_email", "nobody", "e-mail"),
    ("chart_version", "first", "1.2.0"),
    ("chart_values", "rm -rf /", "--set"),
];

#[tokio::test]
async fn every_wrong_field_is_told_at_once_and_nothing_typed_is_lost() {
    let stage = Stage::shared().await;
    let fields = ConfigurationFields::new("x", "x").with("enable_helm_operator", "true");
    let fields = WRONG.iter().fold(fields, |fields, (field, value, _)| fields.with(field, value));
    let mut pairs = fields.pairs();
    pairs.push(("cluster", &stage.cluster_id));

    let refused = stage.browser.call("create_configuration", &pairs).await.unwrap().json();
    let violations =
        refused["service"]["invalid"]["violations"].as_array().unwrap_or_else(|| panic!("{refused}"));
    assert!(violations.len() >= WRONG.len(), "{violations:#?}");

    let page = format!("/clusters/{}/gitops/new", stage.cluster_id);
    let answer = stage.browser.post(&page, "create_configuration", &pairs).await.unwrap();
    assert!((400..500).contains(&answer.status), "{}", answer.status);
    let text = answer.text();
    for (field, value, word) in WRONG {
        assert!(text.contains(word), "nothing about {field} ({word}) in: {text}");
        let escaped = value.replace('&', "&amp;").replace('<', "&lt;");
        assert!(answer.body.contains(&escaped), "{value} was typed into {field} and is lost");
    }
}

#[tokio::test]
async fn a_name_that_is_taken_is_told_at_its_field() {
    let scene = Scene::shared("taken").await;
    scene.commit(&[("namespace.yaml", &scene.namespace())]).await;
    scene.add().await;
    let mut pairs = scene.fields.pairs();
    pairs.push(("cluster", &scene.stage.cluster_id));
    let page = format!("/clusters/{}/gitops/new", scene.stage.cluster_id);
    let answer = scene.browser().post(&page, "create_configuration", &pairs).await.unwrap();
    assert!((400..500).contains(&answer.status), "{}", answer.status);
    assert!(answer.text().contains(&scene.name), "{}", answer.text());
}

#[tokio::test]
async fn settings_that_somebody_else_changed_are_not_overwritten() {
    let scene = Scene::shared("stale").await;
    scene.commit(&[("namespace.yaml", &scene.namespace())]).await;
    let id = scene.add().await;
    let stale = scene.browser().until_installed(&id).await.unwrap().spec_version();
    let theirs = scene.fields.clone().with("git_poll_interval", "7m");
    scene.browser().replace_configuration(&id, &theirs).await.unwrap();

    let ours = scene.fields.clone().with("git_poll_interval", "9m");
    let mut pairs = ours.pairs();
    pairs.extend([("id", id.as_str()), ("spec_version", stale.as_str())]);
    let page = format!("/configurations/{id}?tab=settings");
    let answer = scene.browser().post(&page, "replace_configuration", &pairs).await.unwrap();
    assert!((400..500).contains(&answer.status), "{}", answer.status);
    let kept = scene.browser().configuration(&id).await.unwrap();
    let parameters = kept.0["draft"]["operator_params"].as_str().unwrap().to_owned();
    assert!(parameters.contains("7m") && !parameters.contains("9m"), "{parameters}");
}
