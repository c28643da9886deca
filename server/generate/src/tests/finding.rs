//! Which `.flux.yaml` speaks for which path, and from where its commands run.

use super::*;

#[tokio::test]
async fn the_nearest_file_in_the_path_or_above_it_speaks_and_its_commands_run_in_the_path() {
    let tree = || {
        MemoryTree::new(&[
            (".flux.yaml", &flux_yaml(&["sh -c 'echo root; pwd'"])),
            ("apps/.flux.yaml", &flux_yaml(&["sh -c 'echo apps; pwd'"])),
            ("apps/a/deep/x.yaml", ""),
            ("apps/a/below/.flux.yaml", "not looked at"),
            ("other/x.yaml", ""),
        ])
    };
    let printed = printed(tree(), &["apps/a", "apps", "other", "apps/.flux.yaml"]).await;
    assert_eq!(
        printed,
        "# apps/.flux.yaml (sh -c 'echo apps; pwd' in apps/a)\napps\n/apart/work/repository/apps/a
# apps/.flux.yaml (sh -c 'echo apps; pwd')\napps\n/apart/work/repository/apps
# .flux.yaml (sh -c 'echo root; pwd' in other)\nroot\n/apart/work/repository/other
# apps/.flux.yaml (sh -c 'echo apps; pwd')\napps\n/apart/work/repository/apps\n"
    );
    let generation = generate(tree(), &[]).await.unwrap();
    assert_eq!((generation.scanned, generation.generated.len()), (None, 1));
}

#[tokio::test]
async fn paths_that_no_file_speaks_for_are_read_as_they_are() {
    let scan = "version: 1\nscanForFiles: {}\n";
    let tree = MemoryTree::new(&[
        ("a/x.yaml", ""),
        ("b/.flux.yaml", &flux_yaml(&["sh -c 'echo made'"])),
        ("b/plain/.flux.yaml", scan),
        ("c.yaml", ""),
    ]);
    let generation = generate(tree.clone(), &["a", "b", "b/plain", "c.yaml"]).await.unwrap();
    assert_eq!(generation.scanned, Some(repository_paths(&["a", "b/plain", "c.yaml"])));
    assert_eq!(generation.generated.len(), 1);
    let generation = generate(tree, &[]).await.unwrap();
    assert_eq!(generation, Generation { scanned: Some(Vec::new()), generated: Vec::new() });
}

#[tokio::test]
async fn a_path_that_is_missing_and_a_link_in_the_place_of_the_file_fail() {
    let tree = MemoryTree::new(&[("a/x.yaml", "")]).link("b/.flux.yaml", "../a/x.yaml").file("b/y", "");
    assert_eq!(failure(tree.clone(), &["z"]).await, "z: no such path in the repository");
    assert_eq!(failure(tree, &["b"]).await, "b/.flux.yaml: link leaves the repository path");
}

#[tokio::test]
async fn a_broken_file_is_named_with_its_line_and_without_its_words() {
    let text = "version: 1\ncommandUpdated:\n  canary: 1\n";
    let error = failure(MemoryTree::new(&[("a/.flux.yaml", text)]), &["a"]).await;
    assert!(error.starts_with("a/.flux.yaml:3: a key that is not known here"), "{error}");
    assert!(!error.contains("canary"), "{error}");
}
