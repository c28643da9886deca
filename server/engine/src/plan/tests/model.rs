//! A cluster, modelled purely: what the watches would show after each apply.

use std::collections::{BTreeMap, BTreeSet};

use domain::configuration::OperatorScope;
use domain::health::Health;
use domain::object::ObjectKey;

use crate::builtin::builtin_kinds;
use crate::desired::{Desired, Rank};
use crate::plan::{FirstStage, InventoryEntry, Plan, Proposed, Step, Verdict, plan};
use crate::port::cluster::{Live, Observation, Observed};
use crate::resolve::{ScopePolicy, resolve};
use crate::testing::MemoryTree;

/// What a repository with these files wants.
pub(super) fn desired(files: &[(&str, &str)]) -> Vec<Desired> {
    let load = MemoryTree::new(files).load().expect("a load");
    let policy = ScopePolicy {
        scope: OperatorScope::Cluster,
        operator_namespace: "ops".to_owned(),
        operator_instance: "operator".to_owned(),
        default_namespace: None,
        allowed_namespaces: BTreeSet::new(),
        set_name: "set".to_owned(),
    };
    resolve(&load, &builtin_kinds(), &policy).expect("an unambiguous load").desired
}

#[derive(Clone, Default)]
pub(super) struct Model {
    pub(super) inventory: BTreeMap<ObjectKey, InventoryEntry>,
    /// What is there, and what the watches show.
    pub(super) live: BTreeMap<ObjectKey, Observed>,
    /// Whether nothing can be watched.
    pub(super) blind: bool,
    n_made: u32,
}

impl Model {
    pub(super) fn plan(&self, desired: &[Desired]) -> Plan<Proposed> {
        let inventory: Vec<_> = self.inventory.values().cloned().collect();
        plan(desired, &inventory, |key| match self.live.get(key) {
            _ if self.blind => Observation::Unwatched,
            Some(observed) => Observation::Present(observed.clone()),
            None => Observation::Absent,
        })
    }

    /// Does what a plan says, as a reconciler would; returns the keys it applied, in order.
    pub(super) fn carry_out(&mut self, desired: &[Desired]) -> Vec<ObjectKey> {
        let mut approved = self.plan(desired).approve();
        let mut applied = Vec::new();
        let mut first = FirstStage::default();
        for step in approved.stages().first.iter().flat_map(|batch| &batch.steps) {
            if !self.is_there(&step.desired) {
                first.created.insert(step.desired.key.clone());
            }
            applied.push(self.apply(step));
        }
        approved.settle(&first);
        for step in approved.stages().second.iter().flat_map(|batch| &batch.steps) {
            applied.push(self.apply(step));
        }
        applied
    }

    /// A namespace or definition with something in it is there, whoever made it.
    fn is_there(&self, home: &Desired) -> bool {
        let kind = home.manifest.pointer("/spec/names/kind").and_then(serde_json::Value::as_str);
        let inside = |key: &ObjectKey| match home.rank {
            Rank::Namespace => key.namespace.as_ref() == Some(&home.key.name),
            _ => kind == Some(&key.kind),
        };
        self.live.contains_key(&home.key) || self.live.keys().any(inside)
    }

    fn apply(&mut self, step: &Step) -> ObjectKey {
        let desired = &step.desired;
        let existing = self.live.get(&desired.key).map(|observed| observed.uid.clone());
        assert!(
            existing.is_none() || step.verdict != Verdict::Absent,
            "{} is taken for absent and is there",
            desired.key
        );
        let uid = existing.unwrap_or_else(|| {
            self.n_made += 1;
            format!("uid-{}", self.n_made)
        });
        let live = Live {
            uid: uid.clone(),
            resource_version: "1".to_owned(),
            own_fields: format!("fields of {}", desired.manifest_hash),
            health: Health::Healthy,
            message: None,
            existed: step.verdict != Verdict::Absent,
            ignored: false,
            kubectls: false,
        };
        let observed =
            Observed { uid, own_fields: live.own_fields.clone(), health: live.health, message: None };
        self.live.insert(desired.key.clone(), observed);
        self.inventory.insert(desired.key.clone(), InventoryEntry::applied(desired, &live));
        desired.key.clone()
    }

    /// Somebody changes a field of ours.
    pub(super) fn drift(&mut self, object: &str) {
        self.change(object, |observed| observed.own_fields = "fewer".to_owned());
    }

    /// Somebody deletes it and makes another of that name.
    pub(super) fn replace(&mut self, object: &str) {
        self.change(object, |observed| observed.uid = "another".to_owned());
    }

    /// Somebody deletes it.
    pub(super) fn delete(&mut self, object: &str) {
        self.live.retain(|key, _| key.to_string() != object);
    }

    fn change(&mut self, object: &str, change: impl Fn(&mut Observed)) {
        self.live.iter_mut().filter(|(key, _)| key.to_string() == object).for_each(|(_, live)| change(live));
    }
}
