//! Manifests that commands of the repository make (`--manifest-generation`).

use serde_json::Value;

use crate::scene::Scene;

const FLUX_YAML: &str = "version: 1\npatchUpdated:\n  generators:\n    - command: kustomize build .\n  patchFile: flux-patch.yaml\n";

async fn scene(prefix: &str) -> Scene {
    Scene::shared(prefix)
        .await
        .with("manifest_generation", "true")
        .with("git_path", "production")
        .with("git_poll_interval", "1s")
}

/// A base, and an overlay on it that gives the namespace of the objects.
async fn commit(scene: &Scene) -> String {
    let namespace = scene.namespace();
    let settings = scene.config_map("settings", "one").replace(&format!("  namespace: {}\n", scene.app), "");
    let overlay = format!("resources: [../base, namespace.yaml]\nnamespace: {}\n", scene.app);
    let files = [
        (".flux.yaml", FLUX_YAML),
        ("base/kustomization.yaml", "resources: [settings.yaml]\n"),
        ("base/settings.yaml", &settings),
        ("production/kustomization.yaml", &overlay),
        ("production/namespace.yaml", &namespace),
        ("production/unused.yaml", "kind: ConfigMap\nmetadata: {name: unused}\n"),
    ];
    scene.commit(&files).await
}

#[tokio::test]
async fn an_overlay_is_built_patched_applied_and_followed() {
    let scene = scene("overlay").await;
    commit(&scene).await;
    let id = scene.add().await;
    let view = scene.browser().until_installed(&id).await.unwrap();
    assert_eq!((view.reason(), view.level()), ("installed", "Information"));
    assert_eq!(scene.value("settings").await.as_deref(), Some("one"));
    let row = view.resource("ConfigMap", "settings").unwrap();
    assert!(
        row["place"].as_str().unwrap().starts_with(".flux.yaml (kustomize build . in production):"),
        "{row}"
    );

    // The base lies beside the path, and is part of what is read.
    let two = scene.config_map("settings", "two").replace(&format!("  namespace: {}\n", scene.app), "");
    let base = scene.commit(&[("base/settings.yaml", &two)]).await;
    let there = |view: &testbed::ConfigurationView| view.is_quiet() && view.revision() == base;
    scene.browser().until(&id, "the change of the base is in place", there).await.unwrap();
    assert_eq!(scene.value("settings").await.as_deref(), Some("two"));

    let patched =
        scene.commit(&[("production/flux-patch.yaml", &scene.config_map("settings", "patched"))]).await;
    let there = |view: &testbed::ConfigurationView| view.is_quiet() && view.revision() == patched;
    scene.browser().until(&id, "the patch is in place", there).await.unwrap();
    assert_eq!(scene.value("settings").await.as_deref(), Some("patched"));
}

#[tokio::test]
async fn a_commit_beside_what_is_generated_moves_the_revision_and_asks_the_cluster_nothing() {
    let scene = scene("aside").await;
    commit(&scene).await;
    let id = scene.add().await;
    scene.browser().until_installed(&id).await.unwrap();
    let mark = scene.stage.cluster.audit_mark().await.unwrap();

    let commit = scene.commit(&[("docs/README.md", "Nothing that a generator reads.")]).await;
    let moved = |view: &testbed::ConfigurationView| view.is_quiet() && view.revision() == commit;
    scene.browser().until(&id, "the revision has moved", moved).await.unwrap();

    let events = scene.stage.cluster.audit(mark).await.unwrap();
    let ours: Vec<_> = events.iter().filter(|event| scene.concerns(event)).collect();
    assert!(ours.is_empty(), "{ours:#?}");
}

#[tokio::test]
async fn the_command_line_prints_what_a_sync_would_generate() {
    let scene = scene("printed").await;
    commit(&scene).await;
    let params = "--git-branch=main --git-path=production --manifest-generation=true";
    let url = scene.repository.url();
    let arguments = ["manifests", "--repository-url", url, "--operator-params", params, "--output", "json"];
    let json = scene.stage.portal.command(&arguments, "").await.unwrap();
    let json: Value = serde_json::from_str(&json).unwrap();
    let objects = json["objects"].as_array().unwrap();
    let map = objects.iter().find(|object| object["kind"] == "ConfigMap").unwrap();
    assert_eq!((objects.len(), map["namespace"].as_str()), (2, Some(scene.app.as_str())), "{json}");
    assert_eq!(map["file"], ".flux.yaml (kustomize build . in production)");

    scene.commit(&[("production/kustomization.yaml", "resources: [missing.yaml]\n")]).await;
    let error = scene.stage.portal.command(&arguments, "").await.unwrap_err().to_string();
    assert!(error.contains(".flux.yaml:4: kustomize build .: kustomize ended with exit code 1"), "{error}");
    assert!(error.contains("missing.yaml") && error.contains("exit status: 1"), "{error}");
}
