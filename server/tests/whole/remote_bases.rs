//! Bases that kustomizations name on other hosts, where the administrator allows one.

use testbed::{ConfigurationView, GitServer, Repository};
use tokio::sync::OnceCell;

use crate::scene::{Scene, Stage};

const FLUX_YAML: &str = "version: 1\ncommandUpdated:\n  generators:\n    - command: kustomize build .\n";

/// A portal whose administrator allows bases of the shared Git server. Its other port stands for another host.
async fn stage() -> &'static Stage {
    static STAGE: OnceCell<Stage> = OnceCell::const_new();
    STAGE
        .get_or_init(|| async {
            let git = GitServer::shared().await.unwrap();
            Stage::start(&[("FAIRLEAD_GENERATE_REMOTE_HOSTS", host(git))]).await
        })
        .await
}

/// `127.0.0.1:port`
fn host(git: &GitServer) -> &str {
    git.url().strip_prefix("http://").unwrap()
}

/// A whole sync comes only when it is asked for.
async fn scene(prefix: &str) -> Scene {
    let scene = stage().await.scene(prefix).await;
    scene
        .with("manifest_generation", "true")
        .with("git_poll_interval", "1s")
        .with("operator_params", "--git-readonly --sync-interval=1h")
}

/// Commits a repository whose kustomization names this entry.
async fn commit_naming(scene: &Scene, entry: &str) -> String {
    let kustomization = format!("resources: [namespace.yaml, '{entry}']\nnamespace: {}\n", scene.app);
    let namespace = scene.namespace();
    scene
        .commit(&[
            (".flux.yaml", FLUX_YAML),
            ("kustomization.yaml", &kustomization),
            ("namespace.yaml", &namespace),
        ])
        .await
}

/// A base with one ConfigMap of this value in its folder `deploy`.
async fn commit_base(base: &Repository, value: &str) -> String {
    let map =
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  key: {value}\n");
    let files = [("deploy/kustomization.yaml", "resources: [map.yaml]\n"), ("deploy/map.yaml", map.as_str())];
    base.commit(&files, "Change the base").await.unwrap()
}

async fn until_at(scene: &Scene, id: &str, commit: &str) {
    let there = |view: &ConfigurationView| {
        view.is_quiet() && view.revision() == commit && view.reason() == "installed"
    };
    scene.browser().until(id, "the revision is in place", there).await.unwrap();
}

#[tokio::test]
async fn a_base_on_an_allowed_host_is_applied_and_followed_at_each_whole_sync() {
    let scene = scene("base").await;
    let base = scene.stage.git.repository("base").await.unwrap();
    let first = commit_base(&base, "one").await;
    base.tag("v1", &first).await.unwrap();
    commit_naming(&scene, &format!("{}//deploy?ref=main", base.url())).await;
    let id = scene.add().await;
    let view = scene.browser().until_installed(&id).await.unwrap();
    assert_eq!((view.reason(), view.level()), ("installed", "Information"));
    assert_eq!(scene.value("settings").await.as_deref(), Some("one"));

    // Nothing of the configuration's own repository changes: its branch tells nothing of the base.
    commit_base(&base, "two").await;
    scene.browser().sync(&id).await.unwrap();
    assert_eq!(scene.value("settings").await.as_deref(), Some("two"));

    // A tag stays where it is while the branch moves on.
    let pinned = commit_naming(&scene, &format!("{}//deploy?ref=v1", base.url())).await;
    until_at(&scene, &id, &pinned).await;
    assert_eq!(scene.value("settings").await.as_deref(), Some("one"));

    // The command line reads them by the same setting.
    let params = "--git-branch=main --manifest-generation=true";
    let arguments = ["manifests", "--repository-url", scene.repository.url(), "--operator-params", params];
    let table = scene.stage.portal.command(&arguments, "").await.unwrap();
    assert!(table.contains("ConfigMap") && table.contains("settings"), "{table}");
    let shown = scene.stage.portal.command(&["check-config"], "").await.unwrap();
    assert!(shown.contains(&format!("generate_remote_hosts = {}", host(scene.stage.git))), "{shown}");
}

#[tokio::test]
async fn what_is_not_allowed_is_refused_by_name_and_so_is_what_a_base_leads_to() {
    // S-A5, S-E3
    let scene = scene("baseless").await;
    let base = scene.stage.git.repository("base").await.unwrap();
    let elsewhere = GitServer::start().await.unwrap();
    let foreign = elsewhere.repository("base").await.unwrap();
    commit_base(&base, "one").await;
    commit_base(&foreign, "foreign").await;
    let entry = format!("{}//deploy", base.url());
    commit_naming(&scene, &entry).await;
    let id = scene.add().await;
    scene.browser().until_installed(&id).await.unwrap();

    let foreign_entry = format!("{}//deploy", foreign.url());
    commit_naming(&scene, &foreign_entry).await;
    let view = scene.until_told(&id, "generationRefused").await;
    let detail = view.detail();
    assert!(detail.contains(&format!("kustomization.yaml names {foreign_entry}")), "{detail}");
    let setting = format!("may allow the host {} with the setting", host(&elsewhere));
    assert!(detail.contains(&setting), "{detail}");

    let right = commit_naming(&scene, &entry).await;
    until_at(&scene, &id, &right).await;
    for (named, words) in [
        ("../../outside", "names ../../outside, which leaves that repository"),
        (foreign_entry.as_str(), setting.as_str()),
    ] {
        let kustomization = format!("resources: [map.yaml, '{named}']\n");
        base.commit(&[("deploy/kustomization.yaml", &kustomization)], "Lead elsewhere").await.unwrap();
        scene.browser().sync_now(&id).await.unwrap();
        let refused = |view: &ConfigurationView| view.is_quiet() && view.detail().contains(words);
        let view = scene.browser().until(&id, "what the base leads to is refused", refused).await.unwrap();
        assert_eq!(view.reason(), "generationRefused");
        let place = format!("deploy/kustomization.yaml of {} names {named}", base.url());
        assert!(view.detail().contains(&place), "{}", view.detail());
    }
    assert_eq!(foreign.requests().unwrap().discoveries, 0, "nobody asked the host that is not allowed");
    assert_eq!(scene.value("settings").await.as_deref(), Some("one"), "what is refused changes nothing");

    commit_base(&base, "right").await;
    scene.browser().sync(&id).await.unwrap();
    assert_eq!(scene.value("settings").await.as_deref(), Some("right"));
}
