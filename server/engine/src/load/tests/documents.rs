use domain::reason::Reason;
use insta::assert_snapshot;
use serde_json::json;

use super::*;

fn one(text: &str) -> MemoryTree {
    MemoryTree::new(&[("a.yaml", text)])
}

#[test]
fn documents_are_told_apart_and_carry_their_line() {
    let tree = one(
        "# a comment\n---\napiVersion: v1\nkind: Service\nmetadata: {name: one, namespace: x}\n---\n---\n\
                    # another\n\n{apiVersion: apps/v1, kind: Deployment, metadata: {name: two, namespace: ''}}\n...\n",
    );
    assert_snapshot!(listed(&tree.load().unwrap()), @r"
    x:service/one (v1 a.yaml:3)
    <cluster>:deployment/two (apps/v1 a.yaml:10)
    ");
}

#[test]
fn documents_without_a_kind_are_no_objects() {
    let tree = one("version: 1\n---\nkind:\n---\nkind: ''\nmetadata: 5\n---\nnull\n---\n# nothing\n");
    assert_eq!(listed(&tree.load().unwrap()), "");
}

#[test]
fn lists_are_replaced_by_their_items_and_those_of_their_items() {
    let tree = one(
        "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Secret, metadata: {name: a}}\n\
                    - kind: ConfigMapList\n  items:\n  - apiVersion: v1\n    kind: ConfigMap\n    metadata: {name: b}\n\
                    ---\nkind: EmptyList\n---\nkind: NullList\nitems: null\n",
    );
    assert_snapshot!(listed(&tree.load().unwrap()), @r"
    <cluster>:secret/a (v1 a.yaml:4)
    <cluster>:configmap/b (v1 a.yaml:7)
    ");
}

#[test]
fn items_of_what_is_no_list_stay_where_they_are() {
    let tree = one("items: [{a: 1.0}]\napiVersion: example.com/v1\nkind: Menu\nmetadata: {name: a}\n");
    assert_eq!(tree.load().unwrap().objects[0].manifest["items"], json!([{"a": 1}]));
}

#[test]
fn the_annotations_that_ask_to_ignore_are_seen() {
    let with = |name: &str, annotation: &str| {
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{name: {name}, annotations: {{{annotation}}}}}\n---\n"
        )
    };
    let text = with("a", "fluxcd.io/ignore: 'true'")
        + &with("b", "flux.weave.works/ignore: 'true'")
        + &with("c", "fluxcd.io/ignore: sync_only")
        + &with("d", "fluxcd.io/ignore: 'false'");
    let ignored: Vec<bool> = one(&text).load().unwrap().objects.iter().map(|object| object.ignored).collect();
    assert_eq!(ignored, [true, true, false, false]);
}

#[test]
fn what_is_no_object_fails_the_load_with_file_and_line() {
    let failure = |text: &str| failure(&one(&format!("# first\n{text}")));
    assert_snapshot!(failure("- a\n- b"), @"a.yaml:2: the document is no mapping");
    assert_snapshot!(failure("just text"), @"a.yaml:2: the document is no mapping");
    assert_snapshot!(failure("kind: [a]"), @"a.yaml:2: kind must be text, in quotes if it reads as a number, yes or no");
    assert_snapshot!(failure("kind: A"), @"a.yaml:2: apiVersion is missing");
    assert_snapshot!(failure("kind: A\napiVersion: 1"), @"a.yaml:2: apiVersion must be text, in quotes if it reads as a number, yes or no");
    assert_snapshot!(failure("kind: A\napiVersion: v1"), @"a.yaml:2: metadata.name is missing");
    assert_snapshot!(failure("kind: A\napiVersion: v1\nmetadata: {}"), @"a.yaml:2: metadata.name is missing");
    assert_snapshot!(failure("kind: A\napiVersion: v1\nmetadata: [1]"), @"a.yaml:2: metadata must be a mapping");
    assert_snapshot!(failure("kind: A\napiVersion: v1\nmetadata: {name: 5}"), @"a.yaml:2: metadata.name must be text, in quotes if it reads as a number, yes or no");
    assert_snapshot!(failure("kind: A\napiVersion: v1\nmetadata: {name: a, labels: x}"), @"a.yaml:2: metadata.labels must be a mapping");
    assert_snapshot!(failure("kind: A\napiVersion: v1\nmetadata: {generateName: a-}"), @"a.yaml:2: metadata.generateName cannot be kept in sync, give metadata.name instead");
    assert_snapshot!(failure("kind: A\napiVersion: v1\nmetadata: {name: ../b}"), @"a.yaml:2: metadata.name is no name of Kubernetes");
    assert_snapshot!(failure("kind: A\napiVersion: v1\nmetadata: {name: a, namespace: b/c}"), @"a.yaml:2: metadata.namespace is no name of Kubernetes");
    assert_snapshot!(failure("kind: AList\nitems: {}"), @"a.yaml:2: items must be a list");
    assert_snapshot!(failure("kind: AList\nitems:\n- {kind: A}"), @"a.yaml:4: apiVersion is missing");
}

#[test]
fn a_kustomization_has_no_name_and_is_left_out_but_two_are_duplicates() {
    let text = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [a.yaml]\n";
    let alone = MemoryTree::new(&[("x/kustomization.yaml", text)]);
    assert_snapshot!(listed(&alone.load().unwrap()), @"! x/kustomization.yaml:1: a kustomization is no object, left out");
    let two = MemoryTree::new(&[("x/kustomization.yaml", text), ("y/kustomization.yaml", text)]);
    assert_snapshot!(failure(&two), @"duplicate definition of '<cluster>:kustomization/' (in x/kustomization.yaml:1 and y/kustomization.yaml:1)");
}

#[test]
fn two_definitions_of_one_id_abort_the_load_whatever_their_group() {
    let object = |api: &str, kind: &str, metadata: &str| {
        format!("apiVersion: {api}\nkind: {kind}\nmetadata: {metadata}\n")
    };
    let first = object("apps/v1", "Deployment", "{name: a, namespace: web}");
    let second = object("example.com/v1", "deployment", "{namespace: web, name: a}");
    let tree = MemoryTree::new(&[("a.yaml", &first), ("b.yaml", &format!("---\n{second}"))]);
    assert_eq!(
        tree.load().unwrap_err().reason(),
        (
            Reason::DuplicateObject {
                object: "web:deployment/a".to_owned(),
                first: "a.yaml:1".to_owned(),
                second: "b.yaml:2".to_owned()
            },
            Some("duplicate definition of 'web:deployment/a' (in a.yaml:1 and b.yaml:2)".to_owned())
        )
    );
    let other_namespace = object("apps/v1", "Deployment", "{name: a}");
    let tree = MemoryTree::new(&[("a.yaml", &first), ("b.yaml", &other_namespace)]);
    assert_eq!(tree.load().unwrap().objects.len(), 2);
}
