//! A form with every field wrong.

use std::collections::BTreeSet;

use catalogue::Locale;
use domain::violation::Violations;
use testbed::ConfigurationFields;

use crate::scene::{Scene, Stage};

/// Each field with a value that its rule refuses.
const WRONG: [(&str, &str); 13] = [
    ("name", "Not A Name"),
    ("operator_instance_name", "much-too-long-a-name-for-it"),
    ("operator_namespace", "-x-"),
    ("operator_scope", "planet"),
    ("repository_url", "file:///etc/passwd"),
    ("ssh_known_hosts", "no base64!"),
    ("operator_params", "--git-url=x --no-such-flag"),
    ("git_branch", "two words"),
    ("git_path", "../outside"),
    ("git_poll_interval", "soon"),
    ("git_email", "nobody"),
    ("chart_version", "first"),
    ("chart_values", "rm -rf /"),
];

#[tokio::test]
async fn every_wrong_field_is_told_at_once_and_nothing_typed_is_lost() {
    let stage = Stage::shared().await;
    let fields = ConfigurationFields::new("x", "x").with("enable_helm_operator", "true");
    let fields = WRONG.iter().fold(fields, |fields, (field, value)| fields.with(field, value));
    let mut pairs = fields.pairs();
    pairs.push(("cluster", &stage.cluster_id));

    let refused = stage.browser.call("create_configuration", &pairs).await.unwrap().json();
    let violations = refused["service"]["invalid"]["violations"].clone();
    let violations: Violations = serde_json::from_value(violations).unwrap();
    let told: BTreeSet<&str> = violations.0.iter().map(|violation| violation.field.input()).collect();
    assert_eq!(told, WRONG.map(|(field, _)| field).into(), "{violations:#?}");

    let page = format!("/clusters/{}/gitops/new", stage.cluster_id);
    let answer = stage.browser.post(&page, "create_configuration", &pairs).await.unwrap();
    assert!((400..500).contains(&answer.status), "{}", answer.status);
    let text = answer.text();
    for violation in &violations.0 {
        let sentence = catalogue::rule_sentence(Locale::English, &violation.rule);
        assert!(text.contains(&sentence), "{sentence:?} is not in: {text}");
    }
    for (field, value) in WRONG {
        assert!(answer.body.contains(value), "{value} was typed into {field} and is lost");
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
