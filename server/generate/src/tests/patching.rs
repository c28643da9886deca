//! `patchUpdated`

use super::*;

const DEPLOYMENT: &str = "apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - {name: web, image: 'example.com/web:1'}
        - {name: side, image: 'example.com/side:1'}
";

fn tree(patches: &str) -> MemoryTree {
    let flux_yaml = "version: 1\npatchUpdated:\n  generators:\n    - command: kustomize build .\n    - command: sh -c 'cat more.yaml'\n  patchFile: flux-patch.yaml\n";
    MemoryTree::new(&[
        (".flux.yaml", flux_yaml),
        ("staging/kustomization.yaml", "resources: [web.yaml]\n"),
        ("staging/web.yaml", DEPLOYMENT),
        ("staging/more.yaml", &map("more")),
        ("staging/flux-patch.yaml", patches),
    ])
}

#[tokio::test]
async fn patches_change_the_list_entry_of_their_name_and_nothing_else() {
    let patches = "apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
        - {name: web, image: 'example.com/web:2'}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: more
data:
  key: patched
";
    let printed = printed(tree(patches), &["staging"]).await;
    assert!(
        printed
            .starts_with("# .flux.yaml (kustomize build ., patched by staging/flux-patch.yaml in staging)\n"),
        "{printed}"
    );
    for words in ["image: example.com/web:2", "image: example.com/side:1", "key: patched"] {
        assert!(printed.contains(words), "{words} is not in {printed}");
    }
}

#[tokio::test]
async fn without_a_patch_file_or_with_an_empty_one_manifests_stay_as_they_are() {
    for patches in ["", "# later\n", "---\n"] {
        let printed = printed(tree(patches), &["staging"]).await;
        assert!(printed.contains("image: example.com/web:1"), "{printed}");
    }
    let mut without = tree("");
    without = without.file(
        ".flux.yaml",
        "version: 1\npatchUpdated: {generators: [{command: kustomize build .}], patchFile: none.yaml}\n",
    );
    assert!(printed(without, &["staging"]).await.contains("image: example.com/web:1"));
}

#[tokio::test]
async fn a_patch_of_nothing_a_broken_one_and_one_from_elsewhere_fail() {
    let foreign = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: nobody\n";
    let error = failure(tree(foreign), &["staging"]).await;
    assert!(error.starts_with(".flux.yaml: patchFile flux-patch.yaml: "), "{error}");
    assert!(error.contains("nobody"), "{error}");
    let error = failure(tree("a: [\n"), &["staging"]).await;
    assert!(error.starts_with("staging/flux-patch.yaml:"), "{error}");
    let flux_yaml = |file: &str| {
        format!(
            "version: 1\npatchUpdated: {{generators: [{{command: kustomize build .}}], patchFile: {file}}}\n"
        )
    };
    let error = failure(tree("").file(".flux.yaml", &flux_yaml("../../etc/passwd")), &["staging"]).await;
    assert!(error.contains("leaves the repository"), "{error}");
    let error = failure(tree("").file(".flux.yaml", &flux_yaml("none/x.yaml")), &["staging"]).await;
    assert_eq!(error, "staging/none: no such path in the repository");
    let linked = tree("").link("staging/l.yaml", "web.yaml").file(".flux.yaml", &flux_yaml("l.yaml"));
    assert!(failure(linked, &["staging"]).await.contains("is no file"));
}
