//! Git fails between two questions, says nothing, or moves on meanwhile.

use std::process::{Command, Stdio};
use std::time::Duration;

use testbed::{ConfigurationView, FaultProxy, Rule};

use crate::garbage::{COLLECT, deletions};
use crate::scene::Scene;

/// A sync asks its Git host so many times at most: for the head of the branch, and for what is new.
const QUESTIONS: usize = 5;

/// Commits that meet a sync at work.
const COMMITS: usize = 6;
const COMMITS_STATED: usize = 200;
/// Between the moments at which they meet it.
const STEP: Duration = Duration::from_millis(40);

#[tokio::test]
async fn d2_a_git_server_that_stops_at_any_question_or_in_the_middle_of_an_answer_deletes_nothing() {
    let scene = Scene::shared("d2").await;
    let proxy = FaultProxy::to(scene.stage.git.url(), scene.stage.git.ca_pem()).unwrap();
    let url = scene.repository.url().replace(scene.stage.git.url(), proxy.url());
    let scene = scene.with(COLLECT.0, COLLECT.1).with("repository_url", &url);
    scene.commit(&[("namespace.yaml", &scene.namespace())]).await;
    let id = scene.add().await;
    scene.browser().until_installed(&id).await.unwrap();
    let mut n_met = 0;
    for (number, cut) in (1..=QUESTIONS).flat_map(|number| [(number, true), (number, false)]) {
        let name = format!("extra-{number}-{cut}");
        let manifest = scene.config_map(&name, "one");
        let before = scene.commit(&[("extra.yaml", &manifest)]).await;
        let arrived = |view: &ConfigurationView| view.is_quiet() && view.revision() == before;
        scene.browser().sync_now(&id).await.unwrap();
        scene.browser().until(&id, "the object is there", arrived).await.unwrap();
        let mark = scene.stage.cluster.audit_mark().await.unwrap();
        let after = scene.repository.change().remove("extra.yaml").commit("Remove").await.unwrap();

        let fault = if cut { Rule::cut() } else { Rule::truncate(60) };
        let rule = proxy.add(fault.from_nth(number));
        scene.browser().sync_now(&id).await.unwrap();
        let told = |view: &ConfigurationView| {
            view.is_quiet() && (view.reason() != "installed" || view.revision() == after)
        };
        let view = scene.browser().until(&id, "the sync has ended", told).await.unwrap();
        if proxy.hits(rule) > 0 {
            n_met += 1;
            assert_eq!(view.reason(), "repositoryUnreachable", "{name}: {}", view.summary());
            assert_eq!(view.revision(), before, "{name}: the last good revision stays");
            assert!(scene.value(&name).await.is_some(), "{name} is gone");
            let events = scene.stage.cluster.audit(mark).await.unwrap();
            assert!(deletions(&scene, &events).is_empty(), "{name}: {events:#?}");
        }
        proxy.remove(rule);
        let arrived = |view: &ConfigurationView| {
            view.is_quiet() && view.revision() == after && view.reason() == "installed"
        };
        scene.browser().sync_now(&id).await.unwrap();
        scene.browser().until(&id, "the removal is in place", arrived).await.unwrap();
        assert!(scene.value(&name).await.is_none(), "{name} is still there");
    }
    assert!(n_met >= 4, "only {n_met} faults met a question");
}

#[tokio::test]
async fn d4_a_generator_that_succeeds_and_prints_nothing_deletes_nothing() {
    let scene = Scene::shared("d4").await.with(COLLECT.0, COLLECT.1).with("manifest_generation", "true");
    let generator = |word: &str| {
        format!(
            "version: 1\npatchUpdated:\n  generators:\n    - command: kustomize build {word}\n  patchFile: patch.yaml\n"
        )
    };
    let (namespace, settings) = (scene.namespace(), scene.config_map("settings", "one"));
    let files = [
        (".flux.yaml", generator("full")),
        ("full/kustomization.yaml", "resources: [namespace.yaml, settings.yaml]\n".to_owned()),
        ("full/namespace.yaml", namespace),
        ("full/settings.yaml", settings),
        ("hollow/kustomization.yaml", "resources: [hollow.yaml]\n".to_owned()),
        ("hollow/hollow.yaml", "# nothing\n".to_owned()),
    ];
    scene.commit(&files.each_ref().map(|(path, text)| (*path, text.as_str()))).await;
    let id = scene.add().await;
    scene.browser().until_installed(&id).await.unwrap();
    let mark = scene.stage.cluster.audit_mark().await.unwrap();

    // Once in two: a cache of what was generated must not tell one for the other.
    for word in ["hollow", "full", "hollow"] {
        scene.commit(&[(".flux.yaml", &generator(word))]).await;
        let view = scene.browser().sync(&id).await.unwrap();
        let expected = if word == "full" { "installed" } else { "pruneWaits" };
        assert_eq!(view.reason(), expected, "{word}: {}", view.summary());
        assert_eq!(scene.value("settings").await.as_deref(), Some("one"), "{word}");
    }
    let events = scene.stage.cluster.audit(mark).await.unwrap();
    assert!(deletions(&scene, &events).is_empty(), "{events:#?}");
}

#[tokio::test]
async fn d5_what_is_applied_is_what_the_recorded_commit_has_however_commits_race_with_a_sync() {
    let scene = Scene::shared("d5").await;
    let names = ["first", "second", "third"];
    let commit = async |value: &str| {
        let mut change = scene.repository.change().write("namespace.yaml", scene.namespace());
        for name in names {
            change = change.write(&format!("{name}.yaml"), scene.config_map(name, value));
        }
        change.commit("Change everything").await.unwrap()
    };
    commit("begin").await;
    let id = scene.add().await;
    scene.browser().until_installed(&id).await.unwrap();
    let mut seen = Vec::new();
    for number in 0..testbed::count(COMMITS, COMMITS_STATED) {
        let earlier = commit(&format!("{number}-a")).await;
        let late = async {
            tokio::time::sleep(STEP * u32::try_from(number % 12).unwrap()).await;
            commit(&format!("{number}-b")).await
        };
        let (begun, later) = tokio::join!(scene.browser().sync_now(&id), late);
        begun.unwrap();
        let ended = |view: &ConfigurationView| {
            view.is_quiet() && [&earlier, &later].contains(&&view.revision().to_owned())
        };
        let view = scene.browser().until(&id, "one of the two is in place", ended).await.unwrap();
        assert_eq!(view.reason(), "installed", "{}", view.summary());
        for name in names {
            let archived = archived(&scene, view.revision(), name);
            let applied = scene.value(name).await.unwrap();
            assert!(
                archived.contains(&format!("key: {applied}\n")),
                "{name}: {applied} is not of {archived}"
            );
        }
        seen.push(view.revision() == later);
    }
    assert!(seen.contains(&true), "no commit met a sync: {seen:?}");
}

/// A file of a commit, by a program that we have no part in.
fn archived(scene: &Scene, revision: &str, name: &str) -> String {
    let mut git = Command::new("git");
    git.arg("-C").arg(scene.repository.folder());
    let output = git.args(["archive", "--format=tar", revision, &format!("{name}.yaml")]);
    let output = output.stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}
