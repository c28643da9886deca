//! Repositories that are not there, not reachable, not what they should be.

use std::net::TcpListener;

use testbed::{ConfigurationView, FaultProxy};

use crate::scene::{Scene, assert_told};

/// The manifests that are to come in the end.
async fn commit(scene: &Scene) -> String {
    let (namespace, settings) = (scene.namespace(), scene.config_map("settings", "one"));
    scene.commit(&[("namespace.yaml", &namespace), ("settings.yaml", &settings)]).await
}

async fn recovers(scene: &Scene, id: &str) -> ConfigurationView {
    let view = scene.browser().until_installed(id).await.unwrap();
    assert_eq!((view.reason(), view.level(), view.detail()), ("installed", "Information", ""));
    assert_eq!(scene.value("settings").await.as_deref(), Some("one"));
    view
}

#[tokio::test]
async fn a_wrong_url() {
    let scene = Scene::shared("wrongurl").await;
    let git = scene.stage.git;
    let wrong = scene.repository.url().replace("manifests.git", "mistyped.git");
    let scene = scene.with("repository_url", &wrong);
    let id = scene.add().await;
    let view = scene.until_told(&id, "repositoryNotFound").await;
    assert_eq!((view.compliance(), view.level()), ("Failed", "Error"));

    let named = scene.repository.name().replace("manifests", "mistyped");
    let repository = git.repository_named(&named).await.unwrap();
    let (namespace, settings) = (scene.namespace(), scene.config_map("settings", "one"));
    let files = [("namespace.yaml", namespace.as_str()), ("settings.yaml", settings.as_str())];
    repository.commit(&files, "Begin").await.unwrap();
    recovers(&scene, &id).await;
}

#[tokio::test]
async fn a_host_that_does_not_answer() {
    let scene = Scene::shared("silent").await;
    commit(&scene).await;
    let proxy = FaultProxy::to(scene.stage.git.url(), None).unwrap();
    proxy.refuse(true);
    let through = scene.repository.url().replace(scene.stage.git.url(), proxy.url());
    let scene = scene.with("repository_url", &through);
    let id = scene.add().await;
    let view = scene.until_told(&id, "repositoryUnreachable").await;
    // Nothing is known to be wrong with what was asked for: it waits.
    assert!(["Pending", "Failed"].contains(&view.compliance()), "{}", view.summary());
    assert!(!view.detail().is_empty(), "what Git said is shown");

    proxy.refuse(false);
    recovers(&scene, &id).await;
}

#[tokio::test]
async fn a_port_where_nobody_listens() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("http://127.0.0.1:{port}/team/app.git");
    let scene = Scene::shared("nobody").await.with("repository_url", &url);
    let id = scene.add().await;
    let view = scene.until_told(&id, "repositoryUnreachable").await;
    assert!(!view.detail().is_empty(), "what Git said is shown");
}

#[tokio::test]
async fn a_host_that_never_ends_its_answer() {
    let scene = Scene::shared("endless").await;
    commit(&scene).await;
    let proxy = FaultProxy::to(scene.stage.git.url(), None).unwrap();
    let hang = proxy.add(testbed::Rule::hang());
    let through = scene.repository.url().replace(scene.stage.git.url(), proxy.url());
    let scene =
        scene.with("repository_url", &through).with("operator_params", "--git-readonly --git-timeout=1s");
    let id = scene.add().await;
    let stopped =
        |view: &ConfigurationView| ["repositoryLimit", "repositoryUnreachable"].contains(&view.reason());
    let view = scene.browser().until(&id, "the wait was ended", stopped).await.unwrap();
    assert_told(scene.browser(), &id, &view).await;

    proxy.remove(hang);
    recovers(&scene, &id).await;
}

#[tokio::test]
async fn a_page_that_is_no_repository() {
    let scene = Scene::shared("wall").await;
    commit(&scene).await;
    scene.repository.answer_with(http::StatusCode::OK).unwrap();
    let id = scene.add().await;
    let view = scene.until_told(&id, "repositoryNotGit").await;
    assert_eq!(view.compliance(), "Failed");

    scene.repository.answer_normally().unwrap();
    recovers(&scene, &id).await;
}

#[tokio::test]
async fn a_private_repository() {
    let scene = Scene::shared("private").await;
    commit(&scene).await;
    scene.repository.require_basic_auth("ada", "secret").unwrap();
    let id = scene.add().await;
    let refused = |view: &ConfigurationView| {
        ["repositoryNotFound", "repositoryCredentialRefused", "repositoryAccessUnavailable"]
            .contains(&view.reason())
    };
    let view = scene.browser().until(&id, "the host has refused", refused).await.unwrap();
    assert_told(scene.browser(), &id, &view).await;

    scene.repository.allow_anonymous().unwrap();
    recovers(&scene, &id).await;
}

#[tokio::test]
async fn a_missing_branch() {
    let scene = Scene::shared("branch").await.with("git_branch", "release");
    commit(&scene).await;
    let id = scene.add().await;
    let view = scene.until_told(&id, "branchMissing").await;
    assert_eq!(view.compliance(), "Failed");
    assert_eq!(view.state()["reason"]["branch"], "release");

    scene.repository.create_branch("release", "main").await.unwrap();
    recovers(&scene, &id).await;
}

#[tokio::test]
async fn an_empty_repository() {
    let scene = Scene::shared("empty").await;
    let id = scene.add().await;
    let view = scene.until_told(&id, "repositoryEmpty").await;
    assert!(["Pending", "Failed"].contains(&view.compliance()), "{}", view.summary());

    commit(&scene).await;
    recovers(&scene, &id).await;
}

#[tokio::test]
async fn a_missing_path() {
    let scene = Scene::shared("path").await.with("git_path", "production");
    scene.commit(&[("staging/namespace.yaml", &scene.namespace())]).await;
    let id = scene.add().await;
    let view = scene.until_told(&id, "pathMissing").await;
    assert_eq!(view.state()["reason"]["path"], "production");

    let (namespace, settings) = (scene.namespace(), scene.config_map("settings", "one"));
    let files = [("production/a.yaml", namespace.as_str()), ("production/b.yaml", settings.as_str())];
    scene.commit(&files).await;
    recovers(&scene, &id).await;
}

#[tokio::test]
async fn a_repository_that_vanishes_leaves_what_it_gave() {
    let scene = Scene::shared("vanish").await;
    let commit = commit(&scene).await;
    let id = scene.add().await;
    recovers(&scene, &id).await;

    scene.repository.answer_with(http::StatusCode::INTERNAL_SERVER_ERROR).unwrap();
    let view = scene.browser().sync(&id).await.unwrap();
    assert!(view.reason().starts_with("repository"), "{}", view.summary());
    assert_told(scene.browser(), &id, &view).await;
    assert_eq!(view.revision(), commit, "the revision in place is still the one shown");
    assert_eq!(scene.value("settings").await.as_deref(), Some("one"));

    scene.repository.answer_normally().unwrap();
    recovers(&scene, &id).await;
}
