//! The sync tag: what was synced is marked at the Git host.

use crate::scene::{Scene, eventually};

/// A scene that tags what it syncs of the folder `deploy`.
async fn tagging(prefix: &str) -> Scene {
    let scene = Scene::shared(prefix).await;
    let (namespace, settings) = (scene.namespace(), scene.config_map("settings", "one"));
    scene.commit(&[("deploy/namespace.yaml", &namespace), ("deploy/settings.yaml", &settings)]).await;
    scene
        .with("git_poll_interval", "1s")
        .with("git_path", "deploy")
        .with("git_readonly", "false")
        .with("operator_params", "")
        .with("git_user", "Weave Flux")
        .with("git_email", "flux@example.com")
}

async fn until_tagged(scene: &Scene, tag: &str, commit: &str) {
    eventually("the tag marks the commit", || async {
        scene.repository.revision(&format!("refs/tags/{tag}")).await.is_ok_and(|tagged| tagged == commit)
    })
    .await;
}

#[tokio::test]
async fn the_tag_follows_every_commit_also_one_that_touches_nothing_of_ours_and_one_with_a_refused_object() {
    let scene = tagging("tag").await.with("git_label", "prod");
    let id = scene.add().await;
    let view = scene.browser().until_installed(&id).await.unwrap();
    assert_eq!(view.level(), "Information");
    let (kind, text) = scene.repository.tag_object("prod").await.unwrap();
    assert_eq!(kind, "tag");
    assert!(
        text.contains("tagger Weave Flux <flux@example.com>") && text.ends_with("Sync pointer"),
        "{text}"
    );
    assert_eq!(scene.repository.revision("prod").await.unwrap(), view.revision());

    let elsewhere = scene.commit(&[("README.md", "Nothing to apply.")]).await;
    until_tagged(&scene, "prod", &elsewhere).await;

    let invalid = scene.config_map("Not-A-Name", "one");
    let refused = scene.commit(&[("deploy/refused.yaml", &invalid)]).await;
    scene.until_told(&id, "objectsRefused").await;
    until_tagged(&scene, "prod", &refused).await;
}

#[tokio::test]
async fn without_a_label_the_tag_has_flux_name_and_read_only_there_is_none() {
    let scene = tagging("flux-tag").await;
    let id = scene.add().await;
    let view = scene.browser().until_installed(&id).await.unwrap();
    until_tagged(&scene, "flux-sync", view.revision()).await;

    let reading = tagging("read-only").await.with("git_readonly", "true").with("git_label", "prod");
    let id = reading.add().await;
    reading.browser().until_installed(&id).await.unwrap();
    assert!(reading.repository.revision("prod").await.is_err());
}

#[tokio::test]
async fn a_tag_that_the_host_refuses_is_a_warning_until_it_takes_it() {
    let scene = tagging("no-tag").await;
    scene.repository.allow_pushes(false).await.unwrap();
    let id = scene.add().await;
    let view = scene.until_told(&id, "syncTagNotPushed").await;
    assert_eq!((view.compliance(), view.level()), ("Installed", "Warning"));
    assert!(view.detail().contains("tag flux-sync: ") && view.detail().contains("403"), "{}", view.detail());
    assert_eq!(scene.value("settings").await.as_deref(), Some("one"), "the sync itself has worked");

    scene.repository.allow_pushes(true).await.unwrap();
    let view = scene.browser().sync(&id).await.unwrap();
    assert_eq!((view.compliance(), view.level()), ("Installed", "Information"));
    assert_eq!(scene.repository.revision("flux-sync").await.unwrap(), view.revision());
}
