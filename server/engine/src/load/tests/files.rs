use domain::reason::Reason;
use insta::assert_snapshot;

use super::*;
use crate::limits::Limits;
use crate::testing::repository_paths;

#[test]
fn yaml_files_are_read_wherever_they_lie_and_nothing_else() {
    let (a, b, c, d) = (map("a"), map("b"), map("c"), map("d"));
    let tree = MemoryTree::new(&[
        ("a.yaml", &a),
        ("deep/er/b.yml", &b),
        (".hidden/.c.yaml", &c),
        ("d.json", &d),
        ("D.YAML", &d),
        ("yaml", &d),
        ("README.md", "# text"),
    ]);
    assert_snapshot!(listed(&tree.load().unwrap()), @r"
    <cluster>:configmap/c (v1 .hidden/.c.yaml:1)
    <cluster>:configmap/a (v1 a.yaml:1)
    <cluster>:configmap/b (v1 deep/er/b.yml:1)
    ");
}

#[test]
fn a_path_is_a_folder_or_a_single_file_and_is_read_once() {
    let (a, b, c) = (map("a"), map("b"), map("c"));
    let tree = MemoryTree::new(&[("apps/a.yaml", &a), ("apps/web/b.yaml", &b), ("apps2/c.yaml", &c)]);
    assert_eq!(tree.load_paths(&["apps/web"]).unwrap().objects.len(), 1);
    assert_eq!(tree.load_paths(&["apps2/c.yaml"]).unwrap().objects.len(), 1);
    assert_snapshot!(listed(&tree.load_paths(&["apps/web/b.yaml", "apps", "apps/web"]).unwrap()), @r"
    <cluster>:configmap/a (v1 apps/a.yaml:1)
    <cluster>:configmap/b (v1 apps/web/b.yaml:1)
    ");
}

#[test]
fn a_path_that_is_not_in_the_revision_fails_the_load() {
    let a = map("a");
    let tree = MemoryTree::new(&[("apps/a.yaml", &a)]).submodule("vendor");
    for path in ["app", "apps/b.yaml", "apps/a.yaml/x", "vendor"] {
        let error = tree.load_paths(&["apps", path]).unwrap_err();
        assert_eq!(error.reason(), (Reason::PathMissing { path: path.to_owned() }, None));
    }
}

#[test]
fn a_helm_chart_is_skipped_with_all_below_it_also_when_a_path_points_inside() {
    let (a, b, c) = (map("a"), map("b"), map("c"));
    let tree = MemoryTree::new(&[
        ("chart/Chart.yaml", "name: x"),
        ("chart/values.yaml", "a: 1"),
        ("chart/templates/a.yaml", "{{ not yaml"),
        ("chart/crds/b.yaml", &b),
        ("half/Chart.yaml", "name: x"),
        ("half/c.yaml", &c),
        ("a.yaml", &a),
    ]);
    assert_snapshot!(listed(&tree.load().unwrap()), @r"
    <cluster>:configmap/a (v1 a.yaml:1)
    <cluster>:configmap/c (v1 half/c.yaml:1)
    ");
    for path in ["chart", "chart/crds", "chart/crds/b.yaml"] {
        assert_eq!(tree.load_paths(&[path]).unwrap(), Load::default(), "{path}");
    }
}

#[test]
fn a_submodule_is_skipped_with_a_warning() {
    let tree = MemoryTree::new(&[]).submodule("vendor/other");
    assert_snapshot!(listed(&tree.load().unwrap()), @"! vendor/other: submodule, not read");
}

#[test]
fn every_limit_on_files_is_named_when_it_is_broken() {
    let (a, b) = (map("a"), map("b"));
    let tree = MemoryTree::new(&[("x/a.yaml", &a), ("x/b.yaml", &b), ("x/y/z/text", "")]);
    let broken = |change: fn(&mut Limits)| {
        let mut limits = Limits::default();
        change(&mut limits);
        load(&tree, &repository_paths(&["x"]), &limits).unwrap_err().to_string()
    };
    assert_snapshot!(broken(|limits| limits.files = 1), @"x/b.yaml: more than 1 manifest files");
    assert_snapshot!(broken(|limits| limits.entries = 3), @"x/y: more than 3 entries in all folders");
    assert_snapshot!(broken(|limits| limits.folder_depth = 1), @"x/y/z: more than 1 folders inside each other");
    assert_snapshot!(broken(|limits| limits.file_bytes = 20), @"x/a.yaml: more than 20 bytes in one file");
    assert_snapshot!(broken(|limits| limits.total_bytes = 60), @"x/b.yaml: more than 60 bytes in all files");
    assert_snapshot!(broken(|limits| limits.objects = 1), @"x/b.yaml: more than 1 objects");
    assert_snapshot!(broken(|limits| limits.documents = 1), @"x/b.yaml: more than 1 YAML documents");
    assert_snapshot!(broken(|limits| limits.total_nodes = 9), @"x/b.yaml: more than 9 values in all files");
}

#[test]
fn control_characters_of_a_file_name_stay_out_of_the_text() {
    let tree = MemoryTree::new(&[("a\nforged: line.yaml", "[")]);
    assert_snapshot!(failure(&tree).lines().count(), @"1");
}

#[test]
fn a_pointer_of_git_lfs_is_told_as_what_it_is() {
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n";
    let tree = MemoryTree::new(&[("a/x.yaml", pointer)]);
    assert_eq!(
        failure(&tree),
        "a/x.yaml: the file is a Git LFS pointer and its content is elsewhere: keep manifests in Git itself"
    );
    let LoadError::Manifest { file, .. } = tree.load().unwrap_err() else { panic!("another error") };
    assert_eq!(file, "a/x.yaml");
}
