use std::fmt::Write as _;

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::*;
use crate::builtin::builtin_kinds;
use crate::testing::MemoryTree;

const DEFINITION: &str = "apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: menus.example.com}
spec:
  group: example.com
  scope: Cluster
  names: {kind: Menu, plural: menus}
  versions:
  - {name: v1, served: true}
  - {name: v1alpha1, served: false}
";

fn cluster_scope() -> ScopePolicy {
    ScopePolicy {
        scope: OperatorScope::Cluster,
        operator_namespace: "ops".to_owned(),
        operator_instance: "operator".to_owned(),
        default_namespace: None,
        allowed_namespaces: BTreeSet::new(),
        set_name: "set".to_owned(),
    }
}

fn namespace_scope() -> ScopePolicy {
    ScopePolicy { scope: OperatorScope::Namespace, ..cluster_scope() }
}

/// `apiVersion kind namespace/name`, one object per line.
fn manifests(lines: &str) -> String {
    let mut text = String::new();
    for line in lines.lines().filter(|line| !line.trim().is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (namespace, name) =
            words[2].split_once('/').map_or(("", words[2]), |(namespace, name)| (namespace, name));
        let metadata = format!("{{namespace: '{namespace}', name: {name}}}");
        writeln!(text, "---\napiVersion: {}\nkind: {}\nmetadata: {metadata}", words[0], words[1]).unwrap();
    }
    text
}

fn resolved(text: &str, policy: &ScopePolicy) -> Result<Resolved, LoadError> {
    resolve(&MemoryTree::new(&[("a.yaml", text)]).load().expect("a load"), &builtin_kinds(), policy)
}

fn shown(resolved: &Resolved) -> String {
    let mut text = String::new();
    for desired in &resolved.desired {
        let awaiting =
            if resolved.awaiting.contains(&desired.key) { ", awaiting its definition" } else { "" };
        writeln!(text, "{:?}: {} ({}{awaiting})", desired.rank, desired.key, desired.place).unwrap();
    }
    for left in &resolved.left_out {
        writeln!(text, "left out: {} ({}): {:?}", left.key, left.place, left.reason).unwrap();
    }
    for warning in &resolved.warnings {
        writeln!(text, "! {warning}").unwrap();
    }
    text
}

const MIXED: &str = "
v1 ConfigMap settings
v1 ConfigMap team-a/settings
v1 ConfigMap ops/settings
v1 Namespace team-a
rbac.authorization.k8s.io/v1 ClusterRole team-a/reader
apps/v1 Deployment team-a/b
apps/v1 Deployment team-a/a
example.com/v1 Menu team-a/lunch
";

#[test]
fn cluster_scope_takes_everything_and_fills_in_default() {
    assert_snapshot!(shown(&resolved(&manifests(MIXED), &cluster_scope()).unwrap()), @r"
    Namespace: Namespace team-a (a.yaml:14)
    Foundation: ClusterRole.rbac.authorization.k8s.io reader (a.yaml:18)
    Configuration: ConfigMap default/settings (a.yaml:2)
    Configuration: ConfigMap ops/settings (a.yaml:10)
    Configuration: ConfigMap team-a/settings (a.yaml:6)
    Workload: Deployment.apps team-a/a (a.yaml:26)
    Workload: Deployment.apps team-a/b (a.yaml:22)
    left out: Menu.example.com team-a/lunch (a.yaml:30): UnknownKind
    ! a.yaml:18: the kind has no namespaces, team-a is ignored
    ");
}

#[test]
fn the_operators_own_objects_are_left_out_and_its_namespace_is_not() {
    let text = manifests(
        "v1 Namespace ops
        v1 ServiceAccount ops/operator
        v1 ServiceAccount ops/another
        coordination.k8s.io/v1 Lease ops/operator
        rbac.authorization.k8s.io/v1 RoleBinding ops/operator
        rbac.authorization.k8s.io/v1 ClusterRoleBinding fairlead:ops:operator
        rbac.authorization.k8s.io/v1 ClusterRoleBinding fairlead:ops:another",
    );
    assert_snapshot!(shown(&resolved(&text, &cluster_scope()).unwrap()), @"
    Namespace: Namespace ops (a.yaml:2)
    Foundation: ServiceAccount ops/another (a.yaml:10)
    Configuration: ClusterRoleBinding.rbac.authorization.k8s.io fairlead:ops:another (a.yaml:26)
    left out: ServiceAccount ops/operator (a.yaml:6): OperatorObject
    left out: Lease.coordination.k8s.io ops/operator (a.yaml:14): OperatorObject
    left out: RoleBinding.rbac.authorization.k8s.io ops/operator (a.yaml:18): OperatorObject
    left out: ClusterRoleBinding.rbac.authorization.k8s.io fairlead:ops:operator (a.yaml:22): OperatorObject
    ");
}

#[test]
fn the_default_namespace_can_be_another() {
    let policy = ScopePolicy { default_namespace: Some("elsewhere".to_owned()), ..cluster_scope() };
    let resolved = resolved(&manifests("v1 ConfigMap settings"), &policy).unwrap();
    assert_eq!(resolved.desired[0].key.namespace.as_deref(), Some("elsewhere"));
    assert_eq!(resolved.desired[0].manifest["metadata"]["namespace"], "elsewhere");
}

#[test]
fn namespace_scope_takes_its_own_namespace_alone() {
    let text = manifests(&MIXED.replace("v1 ConfigMap ops/settings", "v1 ConfigMap ops/others"));
    assert_snapshot!(shown(&resolved(&text, &namespace_scope()).unwrap()), @r#"
    Configuration: ConfigMap ops/others (a.yaml:10)
    Configuration: ConfigMap ops/settings (a.yaml:2)
    left out: ConfigMap team-a/settings (a.yaml:6): ForeignNamespace { allowed: "ops" }
    left out: Namespace team-a (a.yaml:14): ClusterScoped
    left out: ClusterRole.rbac.authorization.k8s.io reader (a.yaml:18): ClusterScoped
    left out: Deployment.apps team-a/b (a.yaml:22): ForeignNamespace { allowed: "ops" }
    left out: Deployment.apps team-a/a (a.yaml:26): ForeignNamespace { allowed: "ops" }
    left out: Menu.example.com team-a/lunch (a.yaml:30): UnknownKind
    "#);
}

#[test]
fn allowed_namespaces_leave_out_others_and_their_namespace_objects_but_no_cluster_role() {
    let policy =
        ScopePolicy { allowed_namespaces: ["ops", "x"].map(str::to_owned).into(), ..cluster_scope() };
    assert_snapshot!(shown(&resolved(&manifests(MIXED), &policy).unwrap()), @r#"
    Foundation: ClusterRole.rbac.authorization.k8s.io reader (a.yaml:18)
    Configuration: ConfigMap ops/settings (a.yaml:10)
    left out: ConfigMap default/settings (a.yaml:2): ForeignNamespace { allowed: "ops, x" }
    left out: ConfigMap team-a/settings (a.yaml:6): ForeignNamespace { allowed: "ops, x" }
    left out: Namespace team-a (a.yaml:14): ForeignNamespace { allowed: "ops, x" }
    left out: Deployment.apps team-a/b (a.yaml:22): ForeignNamespace { allowed: "ops, x" }
    left out: Deployment.apps team-a/a (a.yaml:26): ForeignNamespace { allowed: "ops, x" }
    left out: Menu.example.com team-a/lunch (a.yaml:30): UnknownKind
    ! a.yaml:18: the kind has no namespaces, team-a is ignored
    "#);
}

#[test]
fn a_kind_that_the_load_itself_defines_is_known_in_the_versions_it_serves() {
    let text =
        format!("{DEFINITION}{}", manifests("example.com/v1 Menu lunch\nexample.com/v1alpha1 Menu dinner"));
    let resolved = resolved(&text, &cluster_scope()).unwrap();
    assert_snapshot!(shown(&resolved), @r"
    Definition: CustomResourceDefinition.apiextensions.k8s.io menus.example.com (a.yaml:1)
    Rest: Menu.example.com lunch (a.yaml:12, awaiting its definition)
    left out: Menu.example.com dinner (a.yaml:16): UnknownKind
    ");
    assert_eq!(
        (resolved.desired[1].kind.plural.as_str(), resolved.desired[1].kind.namespaced),
        ("menus", false)
    );
}

#[test]
fn with_namespace_scope_a_kind_defined_in_the_load_does_not_come() {
    let definition = DEFINITION.replace("scope: Cluster", "scope: Namespaced");
    let text = format!("{definition}{}", manifests("example.com/v1 Menu lunch"));
    assert_snapshot!(shown(&resolved(&text, &namespace_scope()).unwrap()), @r"
    left out: CustomResourceDefinition.apiextensions.k8s.io menus.example.com (a.yaml:1): ClusterScoped
    left out: Menu.example.com ops/lunch (a.yaml:12): UnknownKind
    ");
}

#[test]
fn the_key_of_an_object_is_found_also_when_two_stand_on_one_line() {
    let item = |name: &str| format!("{{apiVersion: v1, kind: Secret, metadata: {{name: {name}}}}}");
    let text = format!("kind: List\nitems: [{}, {}]\n", item("a"), item("b"));
    let load = MemoryTree::new(&[("a.yaml", &text)]).load().unwrap();
    let resolved = resolve(&load, &builtin_kinds(), &cluster_scope()).unwrap();
    let keys = load.objects.iter().filter_map(|object| resolved.key_of(object)).map(ObjectKey::to_string);
    assert_eq!(keys.collect::<Vec<_>>(), ["Secret default/a", "Secret default/b"]);
}

#[test]
fn what_the_cluster_says_of_a_kind_wins_over_the_load() {
    let text = format!("{DEFINITION}{}", manifests("example.com/v1 Menu lunch"));
    let load = MemoryTree::new(&[("a.yaml", &text)]).load().unwrap();
    let mut kinds = builtin_kinds();
    let served = ResourceKind {
        group: "example.com".to_owned(),
        version: "v1".to_owned(),
        kind: "Menu".to_owned(),
        plural: "menus".to_owned(),
        namespaced: true,
    };
    kinds.served.insert(("example.com".to_owned(), "Menu".to_owned()), vec![served]);
    let resolved = resolve(&load, &kinds, &cluster_scope()).unwrap();
    assert_eq!(resolved.desired[1].key.namespace.as_deref(), Some("default"));
    assert_eq!(resolved.awaiting, BTreeSet::new());
}

#[test]
fn words_of_a_definition_that_are_no_names_make_no_kind() {
    for (word, bad) in
        [("menus}", "../secrets}"), ("group: example.com", "group: example.com/x"), ("Menu,", "'M?',")]
    {
        let text = format!("{}{}", DEFINITION.replacen(word, bad, 1), manifests("example.com/v1 Menu lunch"));
        let resolved = resolved(&text, &cluster_scope()).unwrap();
        assert_eq!(resolved.left_out.len(), 1, "{bad}");
    }
}

#[test]
fn a_group_that_does_not_answer_is_not_an_unknown_kind() {
    let load = MemoryTree::new(&[("a.yaml", &manifests("metrics.example.com/v1 Gauge a"))]).load().unwrap();
    let mut kinds = builtin_kinds();
    kinds.unavailable_groups.insert("metrics.example.com".to_owned());
    let left_out = resolve(&load, &kinds, &cluster_scope()).unwrap().left_out;
    assert_eq!(
        left_out[0].reason,
        ObjectReason::GroupUnavailable { group: "metrics.example.com".to_owned() }
    );
}

#[test]
fn two_objects_that_become_one_by_their_namespace_are_duplicates() {
    let failure = |lines: &str, policy| resolved(&manifests(lines), &policy).unwrap_err().to_string();
    let lines = "v1 Secret a\nv1 Secret default/a";
    assert_snapshot!(failure(lines, cluster_scope()), @"duplicate definition of 'default:secret/a' (in a.yaml:2 and a.yaml:6)");
    assert!(resolved(&manifests(lines), &namespace_scope()).is_ok());
    let lines = "v1 Secret a\nv1 Secret ops/a";
    assert_snapshot!(failure(lines, namespace_scope()), @"duplicate definition of 'ops:secret/a' (in a.yaml:2 and a.yaml:6)");
    let lines = "v1 Namespace a\nv1 Namespace x/a";
    assert_snapshot!(failure(lines, cluster_scope()), @"duplicate definition of '<cluster>:namespace/a' (in a.yaml:2 and a.yaml:6)");
}

const CLAIMING: &str = "apiVersion: v1
kind: ConfigMap
metadata:
  name: a
  uid: 5f8
  resourceVersion: '7'
  creationTimestamp: null
  generation: 3
  selfLink: /x
  deletionTimestamp: '2026-01-01T00:00:00Z'
  managedFields: []
  ownerReferences: [{name: b}]
  labels: {app: web, fluxcd.io/sync-gc-mark: sha256.x, app.kubernetes.io/managed-by: fairlead, fairlead/created: 'true'}
  annotations: {note: kept, fairlead/epoch: '9', fluxcd.io/sync-checksum: abc}
data: {mode: 0644}
status: {phase: x}
";

// S-M2
#[test]
fn what_is_sent_has_namespace_and_marks_and_nothing_that_is_not_gits_to_write() {
    let resolved = resolved(CLAIMING, &cluster_scope()).unwrap();
    let desired = &resolved.desired[0];
    let document = MemoryTree::new(&[("a.yaml", CLAIMING)]).load().unwrap().objects[0].manifest.clone();
    let checksum = marks::checksum(&document);
    assert_eq!(
        desired.manifest,
        json!({
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {
                "name": "a",
                "namespace": "default",
                "labels": {
                    "app": "web",
                    "fluxcd.io/sync-gc-mark": marks::gc_mark("set", "default:configmap/a"),
                },
                "annotations": {"note": "kept", "fluxcd.io/sync-checksum": checksum},
            },
            "data": {"mode": 420},
        })
    );
    assert_eq!(desired.checksum, checksum);
    assert_snapshot!(shown(&resolved), @r"
    Configuration: ConfigMap default/a (a.yaml:1)
    ! a.yaml:1: metadata.managedFields is not taken from Git, left out
    ! a.yaml:1: metadata.ownerReferences is not taken from Git, left out
    ! a.yaml:1: the label app.kubernetes.io/managed-by: fairlead is not taken from Git, left out
    ! a.yaml:1: the label fairlead/created is not taken from Git, left out
    ! a.yaml:1: the label fluxcd.io/sync-gc-mark is not taken from Git, left out
    ! a.yaml:1: the annotation fairlead/epoch is not taken from Git, left out
    ! a.yaml:1: the annotation fluxcd.io/sync-checksum is not taken from Git, left out
    ");
}

#[test]
fn the_hash_is_of_the_bytes_sent() {
    let hash = |text: &str| {
        let desired = resolved(text, &cluster_scope()).unwrap().desired.remove(0);
        let sent: Value = desired.manifest;
        assert_eq!(desired.manifest_hash, crate::canonical::sha256(sent.to_string().as_bytes()));
        desired.manifest_hash
    };
    let plain = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ntype: x\n";
    let moved = "# comment\ntype: 'x'\nkind: Secret\napiVersion: v1\nmetadata: {name: a}\n";
    assert_eq!(hash(plain), hash(moved));
    assert_ne!(hash(plain), hash(&plain.replace("type: x", "type: y")));
}

#[test]
fn labels_and_annotations_that_are_null_become_mappings() {
    let text = "apiVersion: v1\nkind: Secret\nmetadata: {name: a, labels: null, annotations: }\n";
    let resolved = resolved(text, &cluster_scope()).unwrap();
    assert!(resolved.desired[0].manifest["metadata"]["labels"].is_object());
    assert_eq!(resolved.warnings, Vec::new());
}
