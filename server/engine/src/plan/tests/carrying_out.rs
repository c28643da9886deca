//! For every repository, every state of the cluster and every way it was left: carrying a plan out leaves nothing
//! to do, touches nothing that Git does not name, and keeps everything.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::model::{Model, desired};
use crate::plan::Verdict;

/// (kind, namespace, name, content, ignored); few of each, so that they meet.
type Object = (u8, u8, u8, u8, bool);

fn files(objects: &[Object]) -> Vec<(String, String)> {
    let mut seen = BTreeSet::new();
    let fresh = objects.iter().filter(|(kind, namespace, name, ..)| {
        // Namespaces and definitions have no namespace of their own.
        let namespace = if *kind < 2 { 0 } else { *namespace };
        seen.insert((*kind, namespace, *name))
    });
    fresh
        .map(|object| {
            (format!("{}/{}-{}-{}.yaml", object.3 % 2, object.0, object.1, object.2), text(*object))
        })
        .collect()
}

fn text((kind, namespace, name, content, ignored): Object) -> String {
    let annotations = if ignored { "fluxcd.io/ignore: 'true'" } else { "" };
    let metadata =
        |place: &str| format!("metadata: {{name: n{name}{place}, annotations: {{{annotations}}}}}\n");
    let placed = metadata(&format!(", namespace: n{namespace}"));
    match kind {
        0 => format!("apiVersion: v1\nkind: Namespace\n{}spec: {{x: {content}}}\n", metadata("")),
        1 => format!(
            "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n{}\
             spec: {{group: example.com, scope: Namespaced, x: {content}, \
             names: {{kind: K{name}, plural: k{name}}}, versions: [{{name: v1}}]}}\n",
            metadata("")
        ),
        2 => format!("apiVersion: v1\nkind: ConfigMap\n{placed}data: {{x: '{content}'}}\n"),
        3 => format!("apiVersion: apps/v1\nkind: Deployment\n{placed}spec: {{x: {content}}}\n"),
        _ => format!("apiVersion: example.com/v1\nkind: K{name}\n{placed}spec: {{x: {content}}}\n"),
    }
}

fn wanted(objects: &[Object]) -> Vec<crate::desired::Desired> {
    let files = files(objects);
    let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    desired(&files)
}

fn objects() -> impl Strategy<Value = Vec<Object>> {
    prop::collection::vec((0..5_u8, 0..3_u8, 0..3_u8, 0..3_u8, prop::bool::weighted(0.1)), 0..20)
}

/// What others do to the cluster between two syncs, by position of the object.
fn meddling() -> impl Strategy<Value = Vec<(u8, usize)>> {
    prop::collection::vec((0..3_u8, 0..30_usize), 0..8)
}

fn meddle(model: &mut Model, deeds: &[(u8, usize)]) {
    for (deed, position) in deeds {
        let Some(key) = model.live.keys().nth(*position).cloned() else { continue };
        let object = key.to_string();
        match deed {
            0 => model.drift(&object),
            1 => model.replace(&object),
            _ => model.delete(&object),
        }
        // A namespace or definition that goes takes along what is in it.
        if *deed == 2 && key.namespace.is_none() {
            let kind = format!("K{}", key.name.trim_start_matches('n'));
            model.live.retain(|other, _| match key.kind.as_str() {
                "Namespace" => other.namespace.as_deref() != Some(&key.name),
                _ => other.kind != kind,
            });
        }
    }
}

proptest! {
    #[test]
    fn after_load_plan_and_apply_the_next_plan_is_empty(
        before in objects(),
        after in objects(),
        deeds in meddling(),
        blind in prop::bool::weighted(0.2),
    ) {
        let mut model = Model::default();
        model.carry_out(&wanted(&before));
        meddle(&mut model, &deeds);
        model.blind = blind;
        let wanted = wanted(&after);
        model.carry_out(&wanted);
        model.blind = false;
        let plan = model.plan(&wanted);
        prop_assert!(plan.is_empty(), "{plan}");
    }

    #[test]
    fn a_plan_touches_what_git_names_and_leaves_over_what_was_applied_alone(
        before in objects(),
        after in objects(),
        deeds in meddling(),
    ) {
        let mut model = Model::default();
        model.carry_out(&wanted(&before));
        meddle(&mut model, &deeds);
        let wanted = wanted(&after);
        let plan = model.plan(&wanted);
        for entry in plan.leftover() {
            prop_assert_eq!(model.inventory.get(&entry.key), Some(entry));
            prop_assert!(wanted.iter().all(|desired| desired.key != entry.key));
        }
        let named: BTreeSet<_> = wanted.iter().map(|desired| desired.key.clone()).collect();
        let known: BTreeSet<_> = model.inventory.keys().cloned().collect();
        let left: BTreeSet<_> = plan.leftover().iter().map(|entry| entry.key.clone()).collect();
        prop_assert_eq!(&known - &named, left);
        let standing = model.live.clone();
        let applied: BTreeSet<_> = model.carry_out(&wanted).into_iter().collect();
        prop_assert!(applied.is_subset(&named));
        for (key, live) in standing {
            prop_assert!(applied.contains(&key) || model.live.get(&key) == Some(&live), "{} was touched", key);
        }
    }

    #[test]
    fn exactly_what_others_changed_costs_a_call(before in objects(), deeds in meddling()) {
        let mut model = Model::default();
        let wanted = wanted(&before);
        model.carry_out(&wanted);
        let left = model.live.clone();
        meddle(&mut model, &deeds);
        let plan = model.plan(&wanted);
        for step in plan.steps() {
            let key = &step.desired.key;
            let same = model.live.get(key) == left.get(key);
            let skipped = matches!(step.verdict, Verdict::Skip(_));
            prop_assert_eq!(step.costs_a_call(), !same && !skipped, "{}", step);
        }
    }
}
