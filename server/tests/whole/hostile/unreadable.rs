//! A configuration whose row somebody has spoilt: it says so, everything else goes on, and it recovers. (S-F3)

use serde_json::{Value, json};

use super::write;
use crate::rest::api::{Api, configuration};
use crate::scene::{Scene, Stage, eventually};

/// In every stored spec.
pub(super) const READABLE: &str = r#""operator_params":""#;
/// The same with a value that no form lets pass.
pub(super) const UNREADABLE: &str = r#""operator_params":"--git-poll-interval=-5 "#;

/// What the list says of a configuration.
pub(super) async fn row(scene: &Scene) -> Value {
    let query = [("query[page]", "1"), ("query[filter]", scene.name.as_str())];
    let list = scene.browser().read("list_configurations", &query).await.unwrap();
    let rows = list["page"]["items"].as_array().unwrap();
    rows.iter().find(|row| row["name"] == scene.name.as_str()).unwrap().clone()
}

async fn until_row(scene: &Scene, what: &str, holds: impl Fn(&Value) -> bool) {
    eventually(what, || async { holds(&row(scene).await["state"]) }).await;
}

pub(super) async fn installed(stage: &'static Stage, prefix: &str) -> (Scene, String) {
    let scene = stage.scene(prefix).await;
    let (namespace, settings) = (scene.namespace(), scene.config_map("settings", "one"));
    scene.commit(&[("namespace.yaml", &namespace), ("settings.yaml", &settings)]).await;
    let id = scene.add().await;
    scene.browser().until_installed(&id).await.unwrap();
    (scene, id)
}

#[tokio::test]
async fn s_f3_a_spec_that_cannot_be_read_is_told_as_failed_until_it_is_mended_or_saved_again() {
    let stage: &'static Stage = Box::leak(Box::new(Stage::start(&[]).await));
    let api = Api::of(&stage.portal, "admin").await;
    let (neighbour, _) = installed(stage, "neighbour").await;
    let (scene, id) = installed(stage, "spoilt").await;
    let beside = row(&neighbour).await;
    let live = scene.object(&scene.config_map_path("settings")).await;
    let spoil = |from: &str, to: &str| {
        write(
            stage,
            &format!("UPDATE configurations SET spec = replace(spec, '{from}', '{to}') WHERE id = '{id}'"),
        );
    };
    let failed = |state: &Value| {
        (&state["compliance"], &state["level"], &state["reason"])
            == (&json!("Failed"), &json!("Error"), &json!({ "code": "configurationUnreadable", "id": id }))
    };

    spoil(READABLE, UNREADABLE);
    scene.browser().sync_now(&id).await.unwrap();
    until_row(&scene, "the list says that it cannot be read", failed).await;
    let log = stage.portal.log();
    assert!(log.contains(&format!("configuration {id} cannot be run")), "{log}");
    assert_eq!(row(&neighbour).await, beside);
    assert_eq!(scene.object(&scene.config_map_path("settings")).await, live, "nothing applied is touched");

    spoil(UNREADABLE, READABLE);
    scene.commit(&[("settings.yaml", &scene.config_map("settings", "two"))]).await;
    scene.browser().sync_now(&id).await.unwrap();
    scene.browser().until_installed(&id).await.unwrap();
    assert_eq!(scene.value("settings").await.as_deref(), Some("two"));

    // What the sentence advises, without any knowledge of what is stored.
    spoil(READABLE, UNREADABLE);
    scene.browser().sync_now(&id).await.unwrap();
    until_row(&scene, "the list says so again", failed).await;
    let properties = json!({
        "repositoryUrl": scene.repository.url(), "operatorNamespace": scene.name,
        "operatorInstanceName": scene.name, "operatorScope": "cluster",
        "operatorParams": "--git-readonly --git-branch=main --git-poll-interval=5m",
    });
    let saved = api.put(&configuration(&scene.name), &json!({ "properties": properties })).await;
    assert_eq!(saved.status, 200, "{saved:?}");
    scene.browser().until_installed(&id).await.unwrap();

    spoil(READABLE, UNREADABLE);
    let deleted = api.delete(&configuration(&scene.name)).await;
    assert_eq!(deleted.status, 200, "{deleted:?}");
    assert_eq!(row(&neighbour).await["state"]["compliance"], "Installed");
}

#[tokio::test]
async fn s_f3_a_status_that_cannot_be_read_is_put_right_by_the_next_sync() {
    let stage: &'static Stage = Box::leak(Box::new(Stage::start(&[]).await));
    let (scene, id) = installed(stage, "blurred").await;
    for change in ["compliance = 'Splendid'", "reason = '['", "counts = '{}'"] {
        write(stage, &format!("UPDATE configuration_status SET {change} WHERE configuration_id = '{id}'"));
        assert_eq!(row(&scene).await["state"]["compliance"], "Failed", "{change}");
        scene.browser().sync_now(&id).await.unwrap();
        until_row(&scene, change, |state| state["reason"]["code"] == "installed").await;
    }
}
