mod carrying_out;
mod model;
mod stages;

use insta::assert_snapshot;

use self::model::{Model, desired};
use super::*;

const SAMPLE: &[(&str, &str)] = &[
    ("namespaces/team-a.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: team-a}\n"),
    (
        "team-a/endpoints.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: endpoints, namespace: team-a}\ndata: {a: b}\n",
    ),
    (
        "apps/demo.yaml",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: demo}\nspec: {replicas: 1}\n---\n\
         apiVersion: v1\nkind: Service\nmetadata: {name: demo}\n---\n\
         apiVersion: v1\nkind: Secret\nmetadata: {name: apart, annotations: {fluxcd.io/ignore: 'true'}}\n",
    ),
];

#[test]
fn the_first_plan_looks_at_everything_but_what_is_ignored() {
    assert_snapshot!(Model::default().plan(&desired(SAMPLE)), @r"
    stage 1: namespaces
      look: new          Namespace team-a (namespaces/team-a.yaml:1)
    stage 2: foundations
      look: new          Service default/demo (apps/demo.yaml:6)
    stage 2: configuration
      skip: Ignored      Secret default/apart (apps/demo.yaml:10)
      look: new          ConfigMap team-a/endpoints (team-a/endpoints.yaml:1)
    stage 2: workloads
      look: new          Deployment.apps default/demo (apps/demo.yaml:1)
    ");
}

#[test]
fn an_unchanged_object_costs_no_call() {
    let mut model = Model::default();
    model.carry_out(&desired(SAMPLE));
    let plan = model.plan(&desired(SAMPLE));
    assert!(plan.is_empty());
    assert_snapshot!(plan, @r"
    stage 1: namespaces
      unchanged          Namespace team-a (namespaces/team-a.yaml:1)
    stage 2: foundations
      unchanged          Service default/demo (apps/demo.yaml:6)
    stage 2: configuration
      skip: Ignored      Secret default/apart (apps/demo.yaml:10)
      unchanged          ConfigMap team-a/endpoints (team-a/endpoints.yaml:1)
    stage 2: workloads
      unchanged          Deployment.apps default/demo (apps/demo.yaml:1)
    ");
}

#[test]
fn each_way_of_being_different_is_named() {
    let mut model = Model::default();
    model.carry_out(&desired(SAMPLE));
    model.drift("Service default/demo");
    model.replace("ConfigMap team-a/endpoints");
    let mut changed = SAMPLE.to_vec();
    let text = SAMPLE[2].1.replace("replicas: 1", "replicas: 2");
    changed[2].1 = &text;
    assert_snapshot!(model.plan(&desired(&changed)), @r"
    stage 1: namespaces
      unchanged          Namespace team-a (namespaces/team-a.yaml:1)
    stage 2: foundations
      look: drifted      Service default/demo (apps/demo.yaml:6)
    stage 2: configuration
      skip: Ignored      Secret default/apart (apps/demo.yaml:10)
      look: replaced     ConfigMap team-a/endpoints (team-a/endpoints.yaml:1)
    stage 2: workloads
      look: changed      Deployment.apps default/demo (apps/demo.yaml:1)
    ");
}

#[test]
fn an_object_of_ours_that_is_gone_is_made_again_without_a_look() {
    let mut model = Model::default();
    model.carry_out(&desired(SAMPLE));
    model.delete("Service default/demo");
    assert_eq!(verdict_of(&model.plan(&desired(SAMPLE)), "Service default/demo"), Verdict::Absent);
}

#[test]
fn a_namespace_of_ours_that_is_gone_took_everything_with_it() {
    let mut model = Model::default();
    model.carry_out(&desired(SAMPLE));
    model.delete("Namespace team-a");
    let mut plan = model.plan(&desired(SAMPLE)).approve();
    // The watch of config maps is behind and still shows the object as it was left.
    assert_eq!(verdict_of(&plan, "ConfigMap team-a/endpoints"), Verdict::Unchanged);
    let created = [plan.steps()[0].desired.key.clone()].into();
    plan.settle(&FirstStage { created, ..FirstStage::default() });
    assert_eq!(verdict_of(&plan, "ConfigMap team-a/endpoints"), Verdict::Absent);
    assert_eq!(verdict_of(&plan, "Service default/demo"), Verdict::Unchanged);
}

#[test]
fn without_a_watch_an_object_is_looked_at() {
    let mut model = Model::default();
    model.carry_out(&desired(SAMPLE));
    model.blind = true;
    assert_eq!(
        verdict_of(&model.plan(&desired(SAMPLE)), "Service default/demo"),
        Verdict::Look(Why::Unwatched)
    );
}

#[test]
fn an_object_that_is_absent_and_was_never_ours_is_looked_at() {
    let plan = Model::default().plan(&desired(SAMPLE));
    assert_eq!(verdict_of(&plan, "Service default/demo"), Verdict::Look(Why::New));
}

#[test]
fn what_is_no_longer_in_git_is_kept_and_listed() {
    let mut model = Model::default();
    model.carry_out(&desired(SAMPLE));
    assert_snapshot!(model.plan(&desired(&SAMPLE[..1])), @r"
    stage 1: namespaces
      unchanged          Namespace team-a (namespaces/team-a.yaml:1)
    no longer in Git, kept
      ConfigMap team-a/endpoints (team-a/endpoints.yaml:1)
      Service default/demo (apps/demo.yaml:6)
      Deployment.apps default/demo (apps/demo.yaml:1)
    ");
}

#[test]
fn an_ignored_object_counts_as_in_git() {
    let mut model = Model::default();
    model.carry_out(&desired(SAMPLE));
    let text =
        SAMPLE[1].1.replace("name: endpoints", "annotations: {fluxcd.io/ignore: 'true'}, name: endpoints");
    let mut files = SAMPLE.to_vec();
    files[1].1 = &text;
    let plan = model.plan(&desired(&files));
    assert_eq!(verdict_of(&plan, "ConfigMap team-a/endpoints"), Verdict::Skip(ObjectReason::Ignored));
    assert_eq!(plan.leftover(), []);
}

fn verdict_of<State>(plan: &Plan<State>, object: &str) -> Verdict {
    let step = plan.steps().iter().find(|step| step.desired.key.to_string() == object);
    step.expect("a step").verdict.clone()
}
