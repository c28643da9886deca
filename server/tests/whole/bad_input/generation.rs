//! Generators that may not run, do not end, or end badly.

use testbed::ConfigurationView;
use tokio::sync::OnceCell;

use crate::scene::{Scene, Stage};

/// A portal whose administrator has listed a shell: the worst program there could be.
async fn stage() -> &'static Stage {
    static STAGE: OnceCell<Stage> = OnceCell::const_new();
    STAGE.get_or_init(|| async { Stage::start(&[("FAIRLEAD_GENERATORS", "sh")]).await }).await
}

async fn scene(prefix: &str) -> Scene {
    stage()
        .await
        .scene(prefix)
        .await
        .with("manifest_generation", "true")
        .with("git_poll_interval", "1s")
        .with("operator_params", "--git-readonly --sync-timeout=3s --sync-interval=2s")
}

fn flux_yaml(command: &str) -> String {
    format!("version: 1\ncommandUpdated:\n  generators:\n    - command: {command}\n")
}

/// In place with files as they are, then asked to generate.
async fn synced(prefix: &str, files: &[(&str, &str)]) -> (Scene, String) {
    let scene = scene(prefix).await;
    let (namespace, settings) = (scene.namespace(), scene.config_map("settings", "one"));
    scene.commit(&[("namespace.yaml", &namespace), ("settings.yaml", &settings)]).await;
    let id = scene.add().await;
    scene.browser().until_installed(&id).await.unwrap();
    scene.commit(files).await;
    (scene, id)
}

/// Nothing was applied or lost, and a right commit is enough.
async fn recovers(scene: &Scene, id: &str) {
    assert_eq!(scene.value("settings").await.as_deref(), Some("one"), "a load that fails applies nothing");
    let change = scene.repository.change().remove(".flux.yaml");
    let change = change.write("settings.yaml", scene.config_map("settings", "right"));
    let commit = change.commit("Put it right").await.unwrap();
    let right = |view: &ConfigurationView| {
        view.is_quiet() && view.revision() == commit && view.reason() == "installed"
    };
    scene.browser().until(id, "the right revision is in place", right).await.unwrap();
    assert_eq!(scene.value("settings").await.as_deref(), Some("right"));
}

async fn fails(prefix: &str, files: &[(&str, &str)], reason: &str, words: &str) {
    let (scene, id) = synced(prefix, files).await;
    let view = scene.until_told(&id, reason).await;
    assert_eq!((view.compliance(), view.level()), ("Failed", "Error"));
    assert_eq!(view.state()["reason"]["file"], ".flux.yaml:4");
    assert!(view.detail().contains(words), "{words:?} is not in {:?}", view.detail());
    let page = scene.browser().get(&format!("/configurations/{id}")).await.unwrap().text();
    assert!(page.contains(words), "{words:?} is not on the page: {page}");
    recovers(&scene, &id).await;
}

#[tokio::test]
async fn a_generator_that_fails_is_named_with_its_last_lines() {
    let file = flux_yaml("kustomize build .");
    let files = [(".flux.yaml", file.as_str()), ("kustomization.yaml", "resources: [missing.yaml]\n")];
    fails("genfails", &files, "generationFailed", "missing.yaml").await;
}

#[tokio::test]
async fn a_generator_that_hangs_is_ended_at_the_time_of_the_sync() {
    let file = flux_yaml("sh hang.sh");
    let files = [(".flux.yaml", file.as_str()), ("hang.sh", "trap : TERM; while :; do sleep 600; done\n")];
    fails("genhangs", &files, "generationFailed", "sh did not end within 3 seconds").await;
}

#[tokio::test]
async fn a_generator_that_forks_without_end_is_stopped() {
    let file = flux_yaml("sh fork.sh");
    let files = [(".flux.yaml", file.as_str()), ("fork.sh", "while :; do sleep 600 & done\n")];
    fails("genforks", &files, "generationFailed", "ork").await;
}

#[tokio::test]
async fn a_generator_that_prints_a_gigabyte_is_cut() {
    let file = flux_yaml("sh print.sh");
    let files = [(".flux.yaml", file.as_str()), ("print.sh", "exec head -c 1000000000 /dev/zero\n")];
    fails("genprints", &files, "generationFailed", "sh wrote more than 33554432 bytes").await;
}

#[tokio::test]
async fn a_program_that_nobody_listed_is_refused_by_its_name() {
    // S-B2
    let file = flux_yaml("touch /tmp/pwned");
    let words = "the program touch is not run here";
    fails("genother", &[(".flux.yaml", &file)], "generationRefused", words).await;
}

#[tokio::test]
async fn a_base_on_another_host_is_refused_by_its_name() {
    // S-E3
    let file = flux_yaml("kustomize build .");
    let base = "https://169.254.169.254/latest/base.yaml";
    let kustomization = format!("resources: ['{base}']\n");
    let files = [(".flux.yaml", file.as_str()), ("kustomization.yaml", &kustomization)];
    fails("genremote", &files, "generationRefused", base).await;
}

#[tokio::test]
async fn a_generator_sees_no_secret_of_the_server() {
    // S-A1 for what runs: key ring, database, environment and other processes are out of its sight.
    let stage = stage().await;
    let data = stage.portal.data().display().to_string();
    let script =
        format!("cat {data}/keys {data}/fairlead.db /proc/*/environ /etc/passwd; ls {data}; env; exit 3\n");
    let file = flux_yaml("sh spy.sh");
    let (scene, id) = synced("genspy", &[(".flux.yaml", &file), ("spy.sh", &script)]).await;
    let view = scene.until_told(&id, "generationFailed").await;
    let detail = view.detail();
    assert!(detail.contains("exit code 3") && detail.contains("No such file"), "{detail}");
    assert!(!detail.contains("root:") && !detail.contains("SQLite"), "{detail}");
    recovers(&scene, &id).await;
}

#[tokio::test]
async fn without_the_flag_the_file_is_only_a_file() {
    // S-B2
    let scene = Scene::shared("genoff").await;
    let (namespace, settings) = (scene.namespace(), scene.config_map("settings", "one"));
    let file = flux_yaml("touch /tmp/pwned");
    scene
        .commit(&[(".flux.yaml", &file), ("namespace.yaml", &namespace), ("settings.yaml", &settings)])
        .await;
    let id = scene.add().await;
    let view = scene.browser().until_installed(&id).await.unwrap();
    assert_eq!((view.reason(), view.detail()), ("installed", ""));
}
