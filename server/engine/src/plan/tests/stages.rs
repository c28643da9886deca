use std::fmt::Write as _;

use domain::change::Action;
use domain::health::Health;
use insta::assert_snapshot;

use super::model::{Model, desired};
use crate::plan::*;
use crate::port::cluster::Live;

const FILES: &[(&str, &str)] = &[
    ("a.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: team-a}\n"),
    ("b.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b, namespace: team-a}\n"),
    ("c.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: team-b}\n"),
    (
        "d.yaml",
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: menus.example.com}\n\
         spec: {group: example.com, scope: Cluster, names: {kind: Menu, plural: menus}, versions: [{name: v1}]}\n",
    ),
    ("e.yaml", "apiVersion: example.com/v1\nkind: Menu\nmetadata: {name: lunch}\n"),
];

fn shown(plan: &Plan<Approved>) -> String {
    let mut text = String::new();
    let stages = plan.stages();
    for (name, batches) in [("first", &stages.first), ("second", &stages.second)] {
        for batch in batches {
            writeln!(text, "{name}: {:?}", batch.rank).unwrap();
            for step in &batch.steps {
                writeln!(text, "  {step}").unwrap();
            }
        }
    }
    text
}

fn keys(plan: &Plan<Approved>, names: &[&str]) -> std::collections::BTreeSet<ObjectKey> {
    let keys = plan.steps().iter().map(|step| step.desired.key.clone());
    keys.filter(|key| names.contains(&key.name.as_str())).collect()
}

#[test]
fn work_comes_in_batches_by_rank_and_inside_them_by_name() {
    assert_snapshot!(shown(&Model::default().plan(&desired(FILES)).approve()), @r"
    first: Namespace
      look: new          Namespace team-a (a.yaml:1)
    first: Definition
      look: new          CustomResourceDefinition.apiextensions.k8s.io menus.example.com (d.yaml:1)
    second: Configuration
      look: new          ConfigMap team-b/a (c.yaml:1)
      look: new          ConfigMap team-a/b (b.yaml:1)
    second: Rest
      look: new          Menu.example.com lunch (e.yaml:1)
    ");
}

#[test]
fn what_the_first_stage_created_holds_nothing_yet() {
    let mut plan = Model::default().plan(&desired(FILES)).approve();
    let created = keys(&plan, &["team-a", "menus.example.com"]);
    plan.settle(&FirstStage { created, ..FirstStage::default() });
    assert_snapshot!(plan, @r"
    stage 1: namespaces
      look: new          Namespace team-a (a.yaml:1)
    stage 1: definitions
      look: new          CustomResourceDefinition.apiextensions.k8s.io menus.example.com (d.yaml:1)
    stage 2: configuration
      look: new          ConfigMap team-b/a (c.yaml:1)
      create             ConfigMap team-a/b (b.yaml:1)
    stage 2: rest
      create             Menu.example.com lunch (e.yaml:1)
    ");
}

#[test]
fn what_the_first_stage_failed_to_make_skips_what_needs_it_and_nothing_else() {
    let mut plan = Model::default().plan(&desired(FILES)).approve();
    let failed = keys(&plan, &["team-a", "menus.example.com"]);
    plan.settle(&FirstStage { failed, ..FirstStage::default() });
    assert_snapshot!(plan, @r"
    stage 1: namespaces
      look: new          Namespace team-a (a.yaml:1)
    stage 1: definitions
      look: new          CustomResourceDefinition.apiextensions.k8s.io menus.example.com (d.yaml:1)
    stage 2: configuration
      look: new          ConfigMap team-b/a (c.yaml:1)
      skip: EarlierStageFailed ConfigMap team-a/b (b.yaml:1)
    stage 2: rest
      skip: EarlierStageFailed Menu.example.com lunch (e.yaml:1)
    ");
}

fn live(resource_version: &str, existed: bool, ignored: bool) -> Live {
    Live {
        uid: "1".to_owned(),
        resource_version: resource_version.to_owned(),
        own_fields: String::new(),
        health: Health::Healthy,
        message: None,
        existed,
        ignored,
        kubectls: false,
    }
}

#[test]
fn an_object_that_asks_to_be_left_alone_in_the_cluster_is_skipped() {
    assert_eq!(decide(&live("5", true, true)), Decision::Skip(ObjectReason::Ignored));
    assert_eq!(decide(&live("5", true, false)), Decision::Apply);
    // The annotation comes from the manifest itself, the object is not there.
    assert_eq!(decide(&live("", false, true)), Decision::Apply);
}

#[test]
fn the_resource_version_tells_what_an_apply_did() {
    let before = live("5", true, false);
    assert_eq!(action(Some(&before), &live("5", true, false)), Action::Unchanged);
    assert_eq!(action(Some(&before), &live("6", true, false)), Action::Configure);
    assert_eq!(action(Some(&live("", false, false)), &live("6", false, false)), Action::Create);
    assert_eq!(action(None, &live("6", false, false)), Action::Create);
    assert_eq!(action(None, &live("6", true, false)), Action::Configure);
}
