//! The id of what a generation reads: a push that changes nothing of it costs no run.

use super::*;

fn tree() -> MemoryTree {
    MemoryTree::new(&[
        ("base/kustomization.yaml", "resources: [map.yaml]\n"),
        ("base/map.yaml", &map("settings")),
        ("prod/kustomization.yaml", "resources: [../base]\n"),
        ("prod/.flux.yaml", &flux_yaml(&["kustomize build ."])),
        ("plain/x.yaml", &map("plain")),
        ("docs/readme.md", "text"),
    ])
}

#[test]
fn what_kustomize_follows_counts_and_everything_else_does_not() {
    let before = tree_id(&tree(), &["prod", "plain"]);
    for (path, counts) in [
        ("base/map.yaml", true),
        ("prod/new.yaml", true),
        ("plain/x.yaml", true),
        ("docs/readme.md", false),
        ("new/x.yaml", false),
    ] {
        let after = tree_id(&tree().file(path, "changed: 1\n"), &["prod", "plain"]);
        assert_eq!(before != after, counts, "{path}");
    }
}

#[test]
fn a_file_that_comes_to_speak_for_a_path_counts() {
    let before = tree_id(&tree(), &["plain"]);
    assert_ne!(before, tree_id(&tree().file(".flux.yaml", "version: 1\nscanForFiles: {}\n"), &["plain"]));
    assert_ne!(before, tree_id(&tree(), &["prod"]));
}

#[test]
fn a_program_of_the_list_may_read_everything_so_everything_counts() {
    let with = |text: &str| {
        tree().file("prod/.flux.yaml", &flux_yaml(&["sh -c 'cat ../docs/*'"])).file("docs/readme.md", text)
    };
    assert_ne!(tree_id(&with("a"), &["prod"]), tree_id(&with("b"), &["prod"]));
}

#[tokio::test]
async fn kustomize_runs_once_for_what_has_not_changed_and_other_programs_each_time() {
    let folder = tempfile::tempdir().unwrap();
    let missing = Settings { folder: folder.path().join("missing"), ..settings() };
    let generator = generator();
    let first = generate_with(&generator, tree(), &["prod"], PATIENCE).await.unwrap();
    // Without a place for the copies nothing can run any more; what is kept needs none.
    let broken = generator.with_settings(missing);
    assert_eq!(generate_with(&broken, tree(), &["prod"], PATIENCE).await.unwrap(), first);
    let changed = tree().file("base/map.yaml", &map("changed"));
    let error = generate_with(&broken, changed, &["prod"], PATIENCE).await.unwrap_err();
    assert!(error.to_string().contains("could not be written"), "{error}");

    let other = || tree().file("prod/.flux.yaml", &flux_yaml(&["sh -c 'cat kustomization.yaml'"]));
    generate_with(&generator, other(), &["prod"], PATIENCE).await.unwrap();
    generate_with(&broken, other(), &["prod"], PATIENCE).await.unwrap_err();
}
