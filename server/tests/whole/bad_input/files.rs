//! Trees that are too large, too deep, or hold what is no manifest. (`manifests` has those that cannot be read.)

use std::fmt::Write;

use testbed::{ConfigurationView, RequestCounts};

use crate::scene::Scene;

/// Far more than a manifest may have; it compresses well, so that only its size is what it is about.
const LARGE_FILE_BYTES: usize = 200_000_000;
/// Ten times what one configuration may have.
const MANY_FILES: usize = 100_000;

/// In place with one ConfigMap, looked at every second.
async fn synced(prefix: &str) -> (Scene, String) {
    let scene = Scene::shared(prefix).await.with("git_poll_interval", "1s");
    let (namespace, settings) = (scene.namespace(), scene.config_map("settings", "one"));
    scene.commit(&[("app/namespace.yaml", &namespace), ("app/settings.yaml", &settings)]).await;
    let scene = scene.with("git_path", "app").with("operator_params", "--git-readonly --git-timeout=2m");
    let id = scene.add().await;
    scene.browser().until_installed(&id).await.unwrap();
    (scene, id)
}

async fn recovers(scene: &Scene, id: &str, remove: &str) {
    assert_eq!(scene.value("settings").await.as_deref(), Some("one"), "a load that fails applies nothing");
    let change = scene.repository.change().remove(remove);
    let change = change.write("app/settings.yaml", scene.config_map("settings", "right"));
    let commit = change.commit("Put it right").await.unwrap();
    let right = |view: &ConfigurationView| {
        view.is_quiet() && view.revision() == commit && view.reason() == "installed"
    };
    scene.browser().until(id, "the right revision is in place", right).await.unwrap();
    assert_eq!(scene.value("settings").await.as_deref(), Some("right"));
}

#[tokio::test]
async fn a_file_of_200_megabytes_is_a_limit_with_its_number() {
    let (scene, id) = synced("large").await;
    let change = scene.repository.change().write("app/large.yaml", "#".repeat(LARGE_FILE_BYTES));
    change.commit("Large").await.unwrap();
    let view = scene.until_told(&id, "loadLimit").await;
    assert_eq!(view.state()["reason"]["limit"], "1048576 bytes in one file");
    assert_eq!(view.detail(), "app/large.yaml");
    recovers(&scene, &id, "app/large.yaml").await;
}

#[tokio::test]
async fn a_hundred_thousand_files_are_a_limit_with_its_number() {
    let (scene, id) = synced("many").await;
    let change = (0..MANY_FILES).fold(scene.repository.change(), |change, number| {
        change.write(&format!("app/many/{}/{number}.yaml", number % 100), "")
    });
    change.commit("Many").await.unwrap();
    let view = scene.until_told(&id, "loadLimit").await;
    assert_eq!(view.state()["reason"]["limit"], "10000 manifest files");
    let change = scene.repository.change().remove_all();
    let (namespace, settings) = (scene.namespace(), scene.config_map("settings", "one"));
    change
        .write("app/namespace.yaml", namespace)
        .write("app/settings.yaml", settings)
        .write("app/last.yaml", "")
        .commit("Fewer")
        .await
        .unwrap();
    recovers(&scene, &id, "app/last.yaml").await;
}

#[tokio::test]
async fn a_yaml_bomb_is_stopped_and_named() {
    // S-F1
    let (scene, id) = synced("bomb").await;
    let mut bomb = "a0: &a0 lol\n".to_owned();
    for level in 1..10 {
        let uses = vec![format!("*a{}", level - 1); 9].join(", ");
        writeln!(bomb, "a{level}: &a{level} [{uses}]").unwrap();
    }
    scene.commit(&[("app/bomb.yaml", &bomb)]).await;
    let view = scene.until_told(&id, "loadLimit").await;
    assert!(view.state()["reason"]["limit"].to_string().contains("aliases"), "{}", view.state());
    assert_eq!(view.detail(), "app/bomb.yaml");
    recovers(&scene, &id, "app/bomb.yaml").await;
}

#[tokio::test]
async fn a_link_out_of_the_path_fails_the_load_and_one_inside_is_skipped_with_a_warning() {
    // S-A1, S-A2: the clean commit came before.
    let (scene, id) = synced("link").await;
    for target in ["/etc/passwd", "../../../etc/passwd", "../secret.yaml"] {
        scene.repository.change().symlink("app/link.yaml", target).commit("Link out").await.unwrap();
        let view = scene.until_told(&id, "linkLeavesRepository").await;
        assert_eq!(view.state()["reason"]["path"], "app/link.yaml");
        assert!(!view.state().to_string().contains("root:"), "{}", view.state());
        let change = scene.repository.change().remove("app/link.yaml");
        let commit = change.commit("Remove it").await.unwrap();
        let right = |view: &ConfigurationView| view.is_quiet() && view.revision() == commit;
        scene.browser().until(&id, "the link is gone", right).await.unwrap();
    }
    let change = scene.repository.change().symlink("app/link.yaml", "settings.yaml");
    let commit = change.commit("Link inside").await.unwrap();
    let there = |view: &ConfigurationView| {
        view.is_quiet() && view.revision() == commit && view.reason() == "installed"
    };
    let view = scene.browser().until(&id, "the link is skipped", there).await.unwrap();
    assert!(view.detail().contains("app/link.yaml: symbolic link, not followed"), "{}", view.detail());
    recovers(&scene, &id, "app/link.yaml").await;
}

#[tokio::test]
async fn a_submodule_is_skipped_with_a_warning() {
    // S-D3
    let (scene, id) = synced("module").await;
    let modules = "[submodule \"m\"]\n\tpath = app/module\n\turl = https://example.com/m.git\n";
    let change = scene.repository.change().write(".gitmodules", modules);
    let commit = change.submodule("app/module", &"1".repeat(40)).commit("A module").await.unwrap();
    let there = |view: &ConfigurationView| {
        view.is_quiet() && view.revision() == commit && view.reason() == "installed"
    };
    let view = scene.browser().until(&id, "the submodule is skipped", there).await.unwrap();
    assert!(view.detail().contains("app/module: submodule, not read"), "{}", view.detail());
    recovers(&scene, &id, "app/module").await;
}

#[tokio::test]
async fn a_submodule_that_ran_a_hook_in_other_readers_is_told_and_asked_for_by_nobody() {
    // S-D3: an address that is an option, a path that some systems take for `.git`, and one that ends in a carriage
    // return; the last two with the link that led their readers to where hooks are.
    let (scene, id) = synced("modules").await;
    let clean = scene.repository.revision("main").await.unwrap();
    let payload = scene.stage.git.repository("payload").await.unwrap();
    let module = payload.commit(&[("post-checkout", "#!/bin/sh\n")], "Lie in wait").await.unwrap();
    let url = payload.url();
    for (path, url, link, reason, words) in [
        ("app/module", "-u./payload", None, "repositoryDamaged", "gitmodulesUrl"),
        ("app/.GIT/hooks", url, None, "repositoryDamaged", "hasDotgit"),
        ("app/A/modules/x", url, Some(("app/a", "../.git")), "linkLeavesRepository", ""),
        ("app/sub\r", url, Some(("app/sub", "../.git/modules/m/hooks")), "linkLeavesRepository", ""),
        ("app/A/modules/x", url, None, "installed", "app/A/modules/x: submodule, not read"),
        ("app/sub\r", url, None, "installed", "submodule, not read"),
    ] {
        let modules = format!("[submodule \"m\"]\n\tpath = \"{path}\"\n\turl = {url}\n");
        let change = scene.repository.change().onto(&clean).write(".gitmodules", modules);
        let mut change = change.submodule(path, &module);
        if let Some((link, target)) = link {
            change = change.symlink(link, target);
        }
        let commit = change.commit("A module").await.unwrap();
        let told = |view: &ConfigurationView| {
            view.is_quiet()
                && view.reason() == reason
                && view.detail().contains(words)
                && (reason != "installed" || view.revision() == commit)
        };
        let what = format!("{path:?} of {url} is told as {reason} {words:?}");
        let view = scene.browser().until(&id, &what, told).await.unwrap();
        if let Some((link, _)) = link {
            assert_eq!(view.state()["reason"]["path"], link);
        }
        let change = scene.repository.change().onto(&clean).write("app/note.md", &what);
        let commit = change.commit("Put it right").await.unwrap();
        let right = |view: &ConfigurationView| {
            view.is_quiet() && view.revision() == commit && view.reason() == "installed"
        };
        scene.browser().until(&id, "the module is gone", right).await.unwrap();
    }
    assert_eq!(payload.requests().unwrap(), RequestCounts::default(), "nobody asked for the submodule");
    recovers(&scene, &id, "app/note.md").await;
}

#[tokio::test]
async fn a_pointer_of_git_lfs_is_told_as_what_it_is() {
    let (scene, id) = synced("pointer").await;
    let pointer =
        format!("version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 12345\n", "4".repeat(64));
    scene.commit(&[("app/pointer.yaml", &pointer)]).await;
    let view = scene.until_told(&id, "manifestInvalid").await;
    assert_eq!(view.state()["reason"]["file"], "app/pointer.yaml");
    assert!(view.detail().contains("Git LFS pointer"), "{}", view.detail());
    recovers(&scene, &id, "app/pointer.yaml").await;
}
