//! A link in a repository may lead to files of the server.

use http::StatusCode;
use testbed::ConfigurationView;

use super::{is_kept, trap};
use crate::scene::Scene;
use crate::webhooks::Hooked;

const CANARY: &str = "canary-behind-the-link";

#[tokio::test]
async fn s_a1_s_a2_a_link_out_of_the_path_in_a_later_commit_shows_nothing_of_what_it_leads_to() {
    let trap = trap();
    let target = trap.path().join("target.yaml");
    std::fs::write(&target, format!("kind: {CANARY}\n{CANARY}: [\n")).unwrap();
    let scene = Scene::shared("links").await.with("git_path", "app");
    let (namespace, settings) = (scene.namespace(), scene.config_map("settings", "one"));
    let files = [("app/namespace.yaml", namespace.as_str()), ("app/settings.yaml", &settings)];
    scene.commit(&[&files[..], &[("secret.yaml", CANARY)]].concat()).await;
    let id = scene.add().await;
    scene.browser().until_installed(&id).await.unwrap();

    let data = scene.stage.portal.data();
    let database = std::fs::read_dir(data).unwrap().map(|entry| entry.unwrap().path());
    let database = database.into_iter().find(|path| path.is_file()).unwrap().display().to_string();
    let target = target.display().to_string();
    let above = format!("{}{target}", "../".repeat(40));
    for target in [
        &target,
        &above,
        &database,
        "/proc/self/environ",
        "../secret.yaml",
        "../.git/config",
        "/etc",
        "chain.yaml",
    ] {
        // In place of a manifest that was there, and by way of another link.
        let change = scene.repository.change().remove("app/settings.yaml");
        let change = change.symlink("app/settings.yaml", target).symlink("app/chain.yaml", "../secret.yaml");
        change.commit("Lead out").await.unwrap();
        scene.browser().sync_now(&id).await.unwrap();
        let view = scene.until_told(&id, "linkLeavesRepository").await;
        assert!(!view.0.to_string().contains(CANARY), "{target}: {}", view.0);
        let page = scene.browser().get(&format!("/configurations/{id}")).await.unwrap();
        assert!(!page.body.contains(CANARY), "{target}");
        assert_eq!(scene.value("settings").await.as_deref(), Some("one"), "{target}: nothing is applied");

        let change = scene.repository.change().remove("app/chain.yaml").remove("app/settings.yaml");
        let commit = change.write("app/settings.yaml", &settings).commit("Lead nowhere").await.unwrap();
        scene.browser().sync_now(&id).await.unwrap();
        let well = |view: &ConfigurationView| {
            view.is_quiet() && view.revision() == commit && view.reason() == "installed"
        };
        scene.browser().until(&id, "it is well again", well).await.unwrap();
    }
    assert!(!is_kept(scene.stage, CANARY), "in the log or the database");
}

#[tokio::test]
async fn s_a2_a_link_out_of_the_path_is_refused_alike_by_a_webhook_a_wish_and_a_poll() {
    let trap = trap();
    let target = trap.path().join("target.yaml");
    std::fs::write(&target, format!("kind: {CANARY}\n{CANARY}: [\n")).unwrap();
    let hooked = Hooked::new("noticed").await;
    let Hooked { scene, id, hook } = &hooked;
    let settings = scene.config_map("settings", "one");
    let mut refusals = Vec::new();
    for notice in ["webhook", "wish", "poll"] {
        // Nobody but the poll sees a commit by itself: it is once a day until its turn comes.
        if notice == "poll" {
            let fields = scene.fields.clone().with("git_poll_interval", "1s");
            scene.browser().replace_configuration(id, &fields).await.unwrap();
            scene.browser().sync(id).await.unwrap();
        }
        let change = scene.repository.change().remove("settings.yaml");
        let change = change.symlink("settings.yaml", &target.display().to_string());
        change.commit("Lead out").await.unwrap();
        match notice {
            "webhook" => {
                assert_eq!(hook.signed(hooked.push().as_bytes()).await, StatusCode::ACCEPTED);
            }
            "wish" => scene.browser().sync_now(id).await.unwrap(),
            _ => {}
        }
        let view = scene.until_told(id, "linkLeavesRepository").await;
        assert_eq!((view.compliance(), view.level()), ("Failed", "Error"), "{notice}");
        assert!(!view.0.to_string().contains(CANARY), "{notice}: {}", view.0);
        assert_eq!(scene.value("settings").await.as_deref(), Some("one"), "{notice}: nothing is applied");
        refusals.push((view.state()["reason"].clone(), view.detail().to_owned()));

        let change = scene.repository.change().remove("settings.yaml");
        let commit = change.write("settings.yaml", &settings).commit("Lead nowhere").await.unwrap();
        scene.browser().sync_now(id).await.unwrap();
        let well = |view: &ConfigurationView| {
            view.is_quiet() && view.revision() == commit && view.reason() == "installed"
        };
        scene.browser().until(id, "it is well again", well).await.unwrap();
    }
    assert_eq!(refusals[0].0["path"], "settings.yaml");
    assert_eq!(refusals, vec![refusals[0].clone(); 3], "one and the same, however it was noticed");
    assert!(!is_kept(scene.stage, CANARY), "in the log or the database");
}
