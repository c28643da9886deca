//! Sources that are emptied, rewritten, moved or gone: nothing goes unasked.

use testbed::ConfigurationView;

use super::{COLLECT, collecting, hash, without};
use crate::scene::{Scene, Stage};
use crate::tenancy::SUBSCRIPTION;

const NAMES: [&str; 2] = ["first", "second"];

/// The UIDs of what was applied: an object that was made anew has another one.
async fn uids(scene: &Scene) -> Vec<String> {
    let mut uids = Vec::new();
    for name in NAMES {
        let object = scene.object(&scene.config_map_path(name)).await;
        let object = object.unwrap_or_else(|| panic!("{name} is gone"));
        uids.push(object["metadata"]["uid"].as_str().unwrap().to_owned());
    }
    uids
}

async fn waits(scene: &Scene, id: &str, guard: &str) -> ConfigurationView {
    let view = scene.browser().sync(id).await.unwrap();
    assert_eq!((view.compliance(), view.reason()), ("Installed", "pruneWaits"), "{}", view.summary());
    let guards = view.prune_list("Guard").unwrap()["guards"].as_array().unwrap();
    assert!(guards.iter().any(|found| found["code"] == guard), "{guards:?}");
    view
}

#[tokio::test]
async fn d25_a_branch_that_is_emptied_in_any_way_waits() {
    let silenced = "# apiVersion: v1\n# kind: ConfigMap\n# metadata:\n#   name: first\n";
    let emptied: [(&str, &[(&str, &str)]); 5] = [
        ("silenced", &[("first.yaml", silenced), ("second.yaml", silenced), ("namespace.yaml", silenced)]),
        ("readme", &[("README.md", "Gone.")]),
        ("comments", &[("empty.yaml", "# nothing\n---\n---\n# here\n")]),
        ("gitignore", &[(".gitignore", "*")]),
        ("renamed", &[("first.txt", "kind: ConfigMap"), ("namespace.txt", "kind: Namespace")]),
    ];
    for (prefix, files) in emptied {
        let (scene, id) = collecting(prefix, &NAMES).await;
        let before = uids(&scene).await;
        let mut change = scene.repository.change().remove_all();
        for (path, text) in files {
            change = change.write(path, text);
        }
        change.commit("Empty the repository").await.unwrap();
        waits(&scene, &id, "nothingLeft").await;
        waits(&scene, &id, "nothingLeft").await;
        assert_eq!(uids(&scene).await, before);
    }
}

#[tokio::test]
async fn d25_objects_that_are_all_to_be_ignored_stay_as_they_are() {
    let (scene, id) = collecting("ignored", &NAMES).await;
    let before = uids(&scene).await;
    let mark = scene.stage.cluster.audit_mark().await.unwrap();
    let ignored = |manifest: String| {
        manifest.replace("metadata:\n", "metadata:\n  annotations:\n    fluxcd.io/ignore: \"true\"\n")
    };
    let mut change = scene.repository.change().write("namespace.yaml", ignored(scene.namespace()));
    for name in NAMES {
        change = change.write(&format!("{name}.yaml"), ignored(scene.config_map(name, "two")));
    }
    let commit = change.commit("Ignore everything").await.unwrap();
    for _ in 0..2 {
        let view = scene.browser().sync(&id).await.unwrap();
        assert_eq!(
            (view.compliance(), view.revision()),
            ("Installed", commit.as_str()),
            "{}",
            view.summary()
        );
        assert_eq!(uids(&scene).await, before);
        assert_eq!(scene.value("first").await.as_deref(), Some("one"), "it is left alone");
    }
    let events = scene.stage.cluster.audit(mark).await.unwrap();
    assert!(super::deletions(&scene, &events).is_empty());
}

#[tokio::test]
async fn d25_a_path_that_vanished_is_an_error_and_nothing_goes() {
    let scene = Scene::shared("vanished").await.with(COLLECT.0, COLLECT.1).with("git_path", "apps");
    let mut change = scene.repository.change().write("apps/namespace.yaml", scene.namespace());
    for name in NAMES {
        change = change.write(&format!("apps/{name}.yaml"), scene.config_map(name, "one"));
    }
    change.commit("Begin").await.unwrap();
    let id = scene.add().await;
    scene.browser().until_installed(&id).await.unwrap();
    let before = uids(&scene).await;
    scene.repository.change().remove("apps").write("README.md", "Moved.").commit("Move").await.unwrap();
    let view = scene.browser().sync(&id).await.unwrap();
    assert_eq!((view.compliance(), view.reason()), ("Failed", "pathMissing"));
    assert_eq!(uids(&scene).await, before);
}

#[tokio::test]
async fn d26_a_rewritten_branch_is_applied_and_deletes_by_a_persons_word_alone() {
    let (scene, id) = collecting("rewritten", &NAMES).await;
    let before = uids(&scene).await;
    let first = scene.config_map("first", "two");
    let commit = scene
        .repository
        .change()
        .without_history()
        .write("namespace.yaml", scene.namespace())
        .write("first.yaml", first)
        .commit("Begin anew")
        .await
        .unwrap();
    let view = waits(&scene, &id, "rewritten").await;
    assert_eq!((view.revision(), view.prune_names("Guard")), (commit.as_str(), vec!["second"]));
    assert_eq!(scene.value("first").await.as_deref(), Some("two"), "what is in Git is applied");
    // The next syncs know the head already: what waits still waits.
    waits(&scene, &id, "rewritten").await;
    assert_eq!(uids(&scene).await, before);

    scene.browser().confirm_prune(&id, &hash(&view, "Guard")).await.unwrap();
    let done = |view: &ConfigurationView| view.is_quiet() && view.reason() == "installed";
    scene.browser().until(&id, "the confirmed object is deleted", done).await.unwrap();
    assert_eq!(scene.value("second").await, None);

    // From here on history is known again.
    scene.commit(&[("third.yaml", &scene.config_map("third", "one"))]).await;
    scene.browser().sync(&id).await.unwrap();
    let view = without(&scene, &id, &["third"]).await;
    assert_eq!((view.reason(), scene.value("third").await), ("installed", None));
}

#[tokio::test]
async fn d26_a_deleted_branch_and_a_vanished_repository_are_errors_and_nothing_goes() {
    let (scene, id) = collecting("branchless", &NAMES).await;
    let before = uids(&scene).await;
    scene.repository.create_branch("spare", "main").await.unwrap();
    scene.repository.delete_branch("main").await.unwrap();
    let view = scene.browser().sync(&id).await.unwrap();
    assert_eq!((view.compliance(), view.reason()), ("Failed", "branchMissing"));
    scene.repository.create_branch("main", "spare").await.unwrap();
    let view = scene.browser().sync(&id).await.unwrap();
    assert_eq!(view.reason(), "installed", "it recovers by itself");
    for status in [http::StatusCode::NOT_FOUND, http::StatusCode::UNAUTHORIZED, http::StatusCode::BAD_GATEWAY]
    {
        scene.repository.answer_with(status).unwrap();
        let view = scene.browser().sync(&id).await.unwrap();
        assert!(view.reason().starts_with("repository"), "{status}: {}", view.summary());
        scene.repository.answer_normally().unwrap();
    }
    assert_eq!(uids(&scene).await, before);
}

#[tokio::test]
async fn d26_a_repository_that_was_made_anew_and_a_default_branch_of_another_name_delete_nothing() {
    let (scene, id) = collecting("anew", &NAMES).await;
    let before = uids(&scene).await;
    scene.repository.create_branch("trunk", "main").await.unwrap();
    git(&scene, &["symbolic-ref", "HEAD", "refs/heads/trunk"]);
    scene.repository.delete_branch("main").await.unwrap();
    let view = scene.browser().sync(&id).await.unwrap();
    assert_eq!((view.compliance(), view.reason()), ("Failed", "branchMissing"), "{}", view.summary());
    assert!(view.detail().contains("main") || view.summary().contains("main"), "{}", view.summary());
    assert_eq!(uids(&scene).await, before);
    // Whoever says so reads the other one, which has the same.
    let fields = scene.fields.clone().with("git_branch", "trunk");
    scene.browser().replace_configuration(&id, &fields).await.unwrap();
    scene.browser().until_reason(&id, "installed").await.unwrap();
    assert_eq!(uids(&scene).await, before);

    scene.repository.delete().unwrap();
    std::fs::create_dir_all(scene.repository.folder()).unwrap();
    git(&scene, &["init", "--quiet", "--bare", "--initial-branch=trunk"]);
    for _ in 0..2 {
        let view = scene.browser().sync(&id).await.unwrap();
        assert_eq!(view.compliance(), "Failed", "{}", view.summary());
        assert!(view.reason() == "branchMissing" || view.reason() == "repositoryEmpty", "{}", view.summary());
        assert_eq!(uids(&scene).await, before);
    }
    // The first commit of the new one has other things: what it lacks waits for a person.
    let change = scene.repository.change().branch("trunk").write("namespace.yaml", scene.namespace());
    change.write("first.yaml", scene.config_map("first", "two")).commit("Begin anew").await.unwrap();
    let view = waits(&scene, &id, "rewritten").await;
    assert_eq!(view.prune_names("Guard"), ["second"]);
    assert_eq!(uids(&scene).await, before);
}

/// In the bare repository itself.
fn git(scene: &Scene, arguments: &[&str]) {
    let mut git = std::process::Command::new("git");
    assert!(git.current_dir(scene.repository.folder()).args(arguments).status().unwrap().success());
}

#[tokio::test]
async fn d12_another_name_of_the_subscription_touches_no_object() {
    let stage: &'static Stage = Box::leak(Box::new(Stage::start(&[]).await));
    let scene = stage.scene("renamed-place").await.with(COLLECT.0, COLLECT.1);
    let mut change = scene.repository.change().write("namespace.yaml", scene.namespace());
    for name in NAMES {
        change = change.write(&format!("{name}.yaml"), scene.config_map(name, "one"));
    }
    change.commit("Begin").await.unwrap();
    let id = scene.add().await;
    scene.browser().until_installed(&id).await.unwrap();
    let (before, mark) = (uids(&scene).await, stage.cluster.audit_mark().await.unwrap());
    for place in [SUBSCRIPTION, &crate::tenancy::group(stage).await] {
        let fields = [("id", place), ("display_name", "Another name")];
        let renamed = stage.browser.call("rename_place", &fields).await.unwrap();
        assert_eq!(renamed.status, 200, "{}", renamed.body);
    }
    for _ in 0..2 {
        let view = scene.browser().sync(&id).await.unwrap();
        assert_eq!((view.compliance(), view.reason()), ("Installed", "installed"), "{}", view.summary());
    }
    assert_eq!(uids(&scene).await, before);
    let events = stage.cluster.audit(mark).await.unwrap();
    let written: Vec<_> = events.iter().filter(|event| scene.concerns(event) && event.is_write()).collect();
    assert!(written.is_empty(), "{written:#?}");
}

#[tokio::test]
async fn d12_another_url_of_the_same_content_touches_no_object() {
    let (scene, id) = collecting("moved-url", &NAMES).await;
    let before = uids(&scene).await;
    let copy = scene.stage.git.repository("copy").await.unwrap();
    let mut change = copy.change().write("namespace.yaml", scene.namespace());
    for name in NAMES {
        change = change.write(&format!("{name}.yaml"), scene.config_map(name, "one"));
    }
    let commit = change.commit("Begin").await.unwrap();
    let fields = scene.fields.clone().with("repository_url", copy.url());
    scene.browser().replace_configuration(&id, &fields).await.unwrap();
    // Made within the same second, both first commits have the same id.
    let moved = |view: &ConfigurationView| {
        view.is_quiet() && view.revision() == commit && view.reason() != "waitingForFirstSync"
    };
    let view = scene.browser().until(&id, "the other repository is read", moved).await.unwrap();
    assert_eq!((view.reason(), view.prune_list("LeftBehind")), ("installed", None));
    assert_eq!(uids(&scene).await, before);
}

#[tokio::test]
async fn d12_what_another_source_does_not_have_is_left_behind_until_a_person_says_that_it_may_go() {
    let (scene, id) = collecting("moved-path", &NAMES).await;
    let before = uids(&scene).await;
    let commit = scene
        .repository
        .change()
        .remove_all()
        .write("apps/namespace.yaml", scene.namespace())
        .write("apps/first.yaml", scene.config_map("first", "one"))
        .commit("Move")
        .await
        .unwrap();
    let fields = scene.fields.clone().with("git_path", "apps");
    scene.browser().replace_configuration(&id, &fields).await.unwrap();
    let moved = |view: &ConfigurationView| {
        view.is_quiet() && view.revision() == commit && view.prune_list("LeftBehind").is_some()
    };
    let view = scene.browser().until(&id, "the other path is read", moved).await.unwrap();
    assert_eq!((view.compliance(), view.level()), ("Installed", "Information"));
    assert_eq!(view.prune_names("LeftBehind"), ["second"]);
    for _ in 0..2 {
        let view = scene.browser().sync(&id).await.unwrap();
        assert_eq!(view.prune_names("LeftBehind"), ["second"]);
    }
    assert_eq!(uids(&scene).await, before);

    scene.browser().confirm_prune(&id, &hash(&view, "LeftBehind")).await.unwrap();
    let gone = |view: &ConfigurationView| view.is_quiet() && view.prune_list("LeftBehind").is_none();
    scene.browser().until(&id, "what was left behind is deleted", gone).await.unwrap();
    assert_eq!(scene.value("second").await, None);
    assert_eq!(scene.value("first").await.as_deref(), Some("one"));
}
