//! Paths that lead out of a repository.

use serde_json::json;

use super::write;
use crate::rest::api::{Api, configuration};
use crate::scene::{Scene, Stage, assert_told};

/// In the stored spec; nothing else says it.
const INSIDE: &str = "inside-of-it";

#[tokio::test]
async fn s_a3_a_path_out_of_the_repository_is_refused_where_it_is_given_and_again_where_it_is_used() {
    let stage: &'static Stage = Box::leak(Box::new(Stage::start(&[]).await));
    let api = Api::of(&stage.portal, "admin").await;
    let scene = stage.scene("paths").await.with("git_path", INSIDE);
    let inside = |name: &str| format!("{INSIDE}/{name}");
    let (namespace, settings) = (scene.namespace(), scene.config_map("settings", "one"));
    scene.commit(&[(&inside("namespace.yaml"), &namespace), (&inside("settings.yaml"), &settings)]).await;
    let id = scene.add().await;
    scene.browser().until_installed(&id).await.unwrap();

    let long = "x".repeat(4096);
    let outside = [
        "../..",
        "/etc",
        "a/../../b",
        "%2e%2e/x",
        "a/%2E%2E/b",
        "a\0b",
        "a\nb",
        &long,
        ".git",
        ".git/config",
        "a/.GIT/b",
    ];
    for path in outside {
        let wrong = scene.fields.clone().with("name", "another").with("git_path", path);
        let mut fields = wrong.pairs();
        fields.push(("cluster", &stage.cluster_id));
        let answer = stage.browser.call("create_configuration", &fields).await.unwrap();
        assert_eq!(answer.status, 422, "{path:?}: {}", answer.body);
        let body = json!({ "properties": {
            "repositoryUrl": scene.repository.url(), "operatorParams": format!("--git-path={path}"),
        } });
        let answer = api.put(&configuration("another"), &body).await;
        // What stands behind a blank or the end of a line is a parameter of its own, and none that exists.
        assert_eq!(answer.status, 400, "{path:?}: {answer:?}");
    }

    let replace = |from: &str, to: &str| {
        write(
            stage,
            &format!("UPDATE configurations SET spec = replace(spec, '{from}', '{to}') WHERE id = '{id}'"),
        );
    };
    let mut stored = INSIDE;
    for path in ["../..", "/etc", "a/../../b", "%2e%2e/x"] {
        replace(stored, path);
        stored = path;
        scene.browser().sync_now(&id).await.unwrap();
        let query = [("query[page]", "1"), ("query[filter]", scene.name.as_str())];
        crate::scene::eventually(&format!("{path} is refused"), || async {
            let list = scene.browser().read("list_configurations", &query).await.unwrap();
            list["page"]["items"][0]["state"]["reason"]["code"] == "configurationUnreadable"
        })
        .await;
        assert_eq!(scene.value("settings").await.as_deref(), Some("one"), "{path}");
        replace(stored, INSIDE);
        stored = INSIDE;
        scene.browser().sync_now(&id).await.unwrap();
        scene.browser().until_installed(&id).await.unwrap();
    }
}

#[tokio::test]
async fn s_a3_a_path_that_is_a_submodule_or_missing_is_an_error_that_names_it() {
    for (prefix, path) in [("module", "module"), ("missing", "nowhere/at/all")] {
        let scene = Scene::shared(prefix).await.with("git_path", path);
        let commit = "1".repeat(40);
        let change = scene.repository.change().write("namespace.yaml", scene.namespace());
        change.submodule("module", &commit).commit("Begin").await.unwrap();
        let id = scene.add().await;
        let view = scene.browser().until(&id, "it has ended", |view| {
            view.is_quiet() && !view.compliance().is_empty() && view.compliance() != "Pending"
        });
        let view = view.await.unwrap();
        assert_eq!(view.compliance(), "Failed", "{prefix}: {}", view.summary());
        assert!(view.state()["reason"].to_string().contains(path), "{prefix}: {}", view.summary());
        assert_told(scene.browser(), &id, &view).await;
    }
}
