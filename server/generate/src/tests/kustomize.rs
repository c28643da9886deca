//! The program that nearly every `.flux.yaml` names.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;

use super::*;

/// It includes itself.
const COMPONENT: &str = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\ncomponents: [.]\n";

fn overlay() -> MemoryTree {
    MemoryTree::new(&[
        ("base/kustomization.yaml", "resources: [map.yaml]\n"),
        ("base/map.yaml", &map("settings")),
        ("prod/kustomization.yaml", "resources: [../base]\nnamespace: prod\n"),
        ("prod/.flux.yaml", &flux_yaml(&["kustomize build ."])),
        ("docs/readme.md", "no part of it"),
    ])
}

#[tokio::test]
async fn an_overlay_is_built_on_its_base() {
    let printed = printed(overlay(), &["prod"]).await;
    assert!(printed.starts_with("# prod/.flux.yaml (kustomize build .)\n"), "{printed}");
    assert!(printed.contains("  name: settings\n  namespace: prod\n"), "{printed}");
}

#[tokio::test]
async fn kubectl_kustomize_and_old_spellings_of_flags_give_the_same() {
    for command in
        ["kubectl kustomize .", "kustomize build --load_restrictor none ./", "kustomize build ../prod"]
    {
        let printed = printed(overlay().file("prod/.flux.yaml", &flux_yaml(&[command])), &["prod"]).await;
        assert!(printed.contains("  namespace: prod\n"), "{command}: {printed}");
    }
}

#[tokio::test]
async fn several_commands_are_one_load() {
    let tree =
        overlay().file("prod/.flux.yaml", &flux_yaml(&["kustomize build .", "sh -c 'echo second: 1'"]));
    let generation = generate(tree, &["prod"]).await.unwrap();
    let origins: Vec<&str> = generation.generated.iter().map(|generated| generated.origin.as_str()).collect();
    assert_eq!(origins, ["prod/.flux.yaml (kustomize build .)", "prod/.flux.yaml (sh -c 'echo second: 1')"]);
}

#[tokio::test]
async fn a_failing_build_names_command_file_and_the_last_lines() {
    let error =
        failure(overlay().file("prod/kustomization.yaml", "resources: [missing.yaml]\n"), &["prod"]).await;
    assert!(error.starts_with("prod/.flux.yaml:4: kustomize build .: "), "{error}");
    assert!(error.contains("ended with exit code 1\n") && error.contains("missing.yaml"), "{error}");
}

#[tokio::test]
async fn one_that_names_itself_or_its_neighbour_that_names_it_ends() {
    // S-F2
    for (own, neighbours, words) in [
        ("resources: [../b]\n", "resources: [../a]\n", "cycle"),
        ("bases: [../b]\n", "bases: [../a]\n", "cycle"),
        ("components: [../b]\n", COMPONENT, "cycle"),
        ("resources: [.]\n", "", "cycle"),
        ("resources: [../a]\n", "", "cycle"),
        ("components: [.]\n", "", "cycle"),
        ("resources: [kustomization.yaml]\n", "", "missing Resource metadata"),
        ("patches: [{path: kustomization.yaml}]\n", "", "unable to parse"),
    ] {
        let tree = MemoryTree::new(&[
            ("a/.flux.yaml", &flux_yaml(&["kustomize build ."])),
            ("a/kustomization.yaml", own),
            ("b/kustomization.yaml", neighbours),
        ]);
        let error = failure(tree, &["a"]).await;
        assert!(error.contains(words), "{own}: {error}");
    }
}

#[tokio::test]
async fn what_lies_on_another_host_is_refused_by_its_name() {
    // S-A5, S-E3
    for (kustomization, words) in [
        (
            "resources: ['https://example.com/x.yaml']\n",
            "https://example.com/x.yaml, which is on another host",
        ),
        ("bases: ['github.com/a/b//deploy?ref=v1']\n", "github.com/a/b//deploy?ref=v1, which is"),
        ("components: ['git@example.com:a/b']\n", "git@example.com:a/b, which is"),
        ("resources: ['ssh://git@example.com/a/b']\n", "ssh://git@example.com/a/b, which is"),
        ("resources: ['example.com/a/b.git//x']\n", "example.com/a/b.git//x, which is"),
        (
            "configMapGenerator: [{name: a, files: ['k=http://example.com/f']}]\n",
            "k=http://example.com/f, which is",
        ),
        ("patches: [{path: 'https://example.com/p.yaml'}]\n", "https://example.com/p.yaml, which is"),
        ("resources: [../../x]\n", "names ../../x, which leaves the repository"),
        ("resources: [/etc/passwd]\n", "names /etc/passwd, which leaves the repository"),
    ] {
        let error = failure(overlay().file("base/kustomization.yaml", kustomization), &["prod"]).await;
        assert!(error.contains("base/kustomization.yaml names "), "{kustomization}: {error}");
        assert!(error.contains(words.strip_prefix("k=").unwrap_or(words)), "{kustomization}: {error}");
    }
}

#[tokio::test]
async fn what_leads_on_out_of_the_repository_is_refused_by_its_name() {
    // S-A5
    let outside = Outside::with("kustomization.yaml", "resources: [map.yaml]\n");
    for field in ["resources", "bases", "components", "generators", "transformers", "validators"] {
        for path in [outside.absolute(), outside.climbing(), "/etc".to_owned(), "../../x".to_owned()] {
            let kustomization = format!("{field}: ['{path}']\n");
            let error = failure(overlay().file("base/kustomization.yaml", &kustomization), &["prod"]).await;
            assert!(
                error.contains(&format!("base/kustomization.yaml names {path}, which leaves the repository")),
                "{field}: {error}"
            );
        }
    }
}

#[tokio::test]
async fn files_that_are_read_along_lie_in_the_repository() {
    // S-A5
    let patch = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {word: CANARY}\n";
    let operation = "- {op: add, path: /data/word, value: CANARY}\n";
    let replacement = "source: {kind: ConfigMap, name: settings, fieldPath: metadata.name}\n\
                       targets: [{select: {name: settings}, fieldPaths: [data.key]}]\n# CANARY\n";
    let schema = r#"{"swagger": "2.0", "info": {"title": "CANARY"}, "paths": {}, "definitions": {}}"#;
    for (field, content) in [
        ("patches: [{path: 'PATH'}]", patch),
        ("patchesStrategicMerge: ['PATH']", patch),
        (
            "patchesJson6902: [{path: 'PATH', target: {version: v1, kind: ConfigMap, name: settings}}]",
            operation,
        ),
        ("replacements: [{path: 'PATH'}]", replacement),
        ("openapi: {path: 'PATH'}", schema),
        ("crds: ['PATH']", "{}\n"),
        ("configurations: ['PATH']", "# CANARY\nnamePrefix: []\n"),
        ("configMapGenerator: [{name: a, files: ['PATH']}]", "CANARY\n"),
        ("configMapGenerator: [{name: a, files: ['word=PATH']}]", "CANARY\n"),
        ("configMapGenerator: [{name: a, envs: ['PATH']}]", "word=CANARY\n"),
        ("configMapGenerator: [{name: a, env: 'PATH'}]", "word=CANARY\n"),
        ("secretGenerator: [{name: a, files: ['PATH']}]", "CANARY\n"),
        ("secretGenerator: [{name: a, envs: ['PATH']}]", "word=CANARY\n"),
    ] {
        let named = |path: &str| {
            let kustomization = format!("resources: [map.yaml]\n{}\n", field.replace("PATH", path));
            overlay().file("base/kustomization.yaml", &kustomization)
        };
        // It is for nothing else that it fails.
        printed(named("along.yaml").file("base/along.yaml", content), &["prod"]).await;
        let outside = Outside::with("along.yaml", content);
        for path in [outside.absolute(), outside.climbing()] {
            let path = format!("{path}/along.yaml");
            let error = failure(named(&path), &["prod"]).await;
            assert!(error.starts_with("prod/.flux.yaml:4: kustomize build .: "), "{field}: {error}");
            assert!(!error.contains("CANARY"), "{field} shows it: {error}");
        }
        let kernel = failure(named("/proc/self/environ"), &["prod"]).await;
        assert!(!kernel.contains("PATH="), "{field}: {kernel}");
    }
}

/// A folder of the machine that anybody may read, with one file.
struct Outside(tempfile::TempDir);

impl Outside {
    fn with(name: &str, content: &str) -> Self {
        let mut folder = tempfile::Builder::new();
        let folder = folder.permissions(Permissions::from_mode(0o755)).tempdir().expect("a folder");
        std::fs::write(folder.path().join(name), content).expect("a file");
        Self(folder)
    }

    fn absolute(&self) -> String {
        self.0.path().display().to_string()
    }

    /// The same from whatever folder.
    fn climbing(&self) -> String {
        format!("{}{}", "../".repeat(20).trim_end_matches('/'), self.absolute())
    }
}

#[tokio::test]
async fn addresses_that_are_only_data_are_data() {
    let kustomization = "resources: [map.yaml]\nconfigMapGenerator:\n  - name: a\n    literals: ['url=https://example.com/?ref=x']\n";
    let printed = printed(overlay().file("base/kustomization.yaml", kustomization), &["prod"]).await;
    assert!(printed.contains("url: https://example.com/?ref=x"), "{printed}");
}

#[tokio::test]
async fn plugins_and_charts_are_not_run() {
    // S-B2
    let exec = "apiVersion: v1\nkind: X\nmetadata:\n  name: x\n  annotations:\n    config.kubernetes.io/function: |\n      exec: {path: ./run.sh}\n";
    for (kustomization, words) in [
        ("generators: [x.yaml]\n", "x"),
        ("helmCharts: [{name: a, repo: 'https://example.com'}]\n", "--enable-helm"),
    ] {
        let tree = overlay().file("base/kustomization.yaml", kustomization).file("base/x.yaml", exec);
        let error = failure(tree.file("base/run.sh", "#!/bin/sh\ntouch /tmp/ran\n"), &["prod"]).await;
        assert!(error.contains(words) && error.contains("exit code"), "{kustomization}: {error}");
    }
}

#[tokio::test]
async fn only_what_it_may_read_is_there_and_what_was_left_out_is_said() {
    // S-A1
    let large = "x".repeat(17 * 1024 * 1024);
    let tree = overlay()
        .file("prod/kustomization.yaml", "resources: [../base, link.yaml]\n")
        .link("prod/link.yaml", "../base/map.yaml")
        .submodule("prod/module")
        .file("prod/large.bin", &large);
    let error = failure(tree.clone(), &["prod"]).await;
    for words in ["link.yaml (a symbolic link)", "prod/module (a submodule)", "prod/large.bin (larger than"] {
        assert!(error.contains(words), "{words} is not in {error}");
    }
    let leaves = tree.link("prod/link.yaml", "../../etc/passwd");
    assert_eq!(failure(leaves, &["prod"]).await, "prod/link.yaml: link leaves the repository path");
}
