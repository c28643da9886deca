//! The order of the work: Namespaces and CRDs first, then the rest rank by rank.

use std::collections::BTreeSet;

use domain::object::ObjectKey;
use domain::reason::ObjectReason;

use super::{Approved, Plan, Step, Verdict};
use crate::desired::Rank;

/// The work of a plan. Within a batch everything may go side by side; dry-runs of a whole stage too.
#[derive(Clone, Debug, PartialEq)]
pub struct Stages<'plan> {
    /// Namespaces, then CRDs. All of it ends, CRDs Established, before the second stage begins.
    pub first: Vec<Batch<'plan>>,
    /// Everything else, rank by rank.
    pub second: Vec<Batch<'plan>>,
}

/// Steps of one rank, by name.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch<'plan> {
    /// Which.
    pub rank: Rank,
    /// Those that cost a call, in order; never empty.
    pub steps: Vec<&'plan Step>,
}

/// What came of the first stage, as far as the second cares.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FirstStage {
    /// Namespaces and CRDs whose apply found them absent ([`crate::port::cluster::Live::existed`]): nothing can be in
    /// them, whatever a late watch still shows.
    pub created: BTreeSet<ObjectKey>,
    /// Namespaces that are not there and could not be applied; CRDs the same, or not Established in time.
    pub failed: BTreeSet<ObjectKey>,
}

impl Plan<Approved> {
    /// The batches of both stages. Ask again after [`Plan::settle`].
    pub fn stages(&self) -> Stages<'_> {
        let (first, second) = self
            .steps
            .iter()
            .filter(|step| step.costs_a_call())
            .partition(|step| step.desired.rank.first_stage());
        Stages { first: batches(first), second: batches(second) }
    }

    /// What the first stage made known about the second: objects of a namespace or kind just created are absent,
    /// those of one that failed are skipped with [`ObjectReason::EarlierStageFailed`].
    pub fn settle(&mut self, first: &FirstStage) {
        let (created, failed) =
            (Homes::of(&self.steps, &first.created), Homes::of(&self.steps, &first.failed));
        for step in self.steps.iter_mut().filter(|step| !step.desired.rank.first_stage()) {
            match step.verdict {
                Verdict::Skip(_) => {}
                _ if created.has(step) => step.verdict = Verdict::Absent,
                Verdict::Absent | Verdict::Look(_) if failed.has(step) => {
                    step.verdict = Verdict::Skip(ObjectReason::EarlierStageFailed);
                }
                Verdict::Unchanged | Verdict::Absent | Verdict::Look(_) => {}
            }
        }
    }
}

/// Namespaces and kinds, as the objects in them name them.
struct Homes {
    namespaces: BTreeSet<String>,
    /// Group and kind.
    kinds: BTreeSet<(String, String)>,
}

impl Homes {
    fn of(steps: &[Step], keys: &BTreeSet<ObjectKey>) -> Self {
        let (mut namespaces, mut kinds) = (BTreeSet::new(), BTreeSet::new());
        for step in steps.iter().filter(|step| keys.contains(&step.desired.key)) {
            match step.desired.rank {
                Rank::Namespace => {
                    namespaces.insert(step.desired.key.name.clone());
                }
                Rank::Definition => {
                    let word =
                        |pointer: &str| step.desired.manifest.pointer(pointer)?.as_str().map(str::to_owned);
                    kinds.extend(word("/spec/group").zip(word("/spec/names/kind")));
                }
                Rank::Foundation | Rank::Configuration | Rank::Workload | Rank::Rest => {}
            }
        }
        Self { namespaces, kinds }
    }

    fn has(&self, step: &Step) -> bool {
        let key = &step.desired.key;
        key.namespace.as_ref().is_some_and(|namespace| self.namespaces.contains(namespace))
            || self.kinds.contains(&(key.group.clone(), key.kind.clone()))
    }
}

fn batches(steps: Vec<&Step>) -> Vec<Batch<'_>> {
    let mut batches: Vec<Batch<'_>> = Vec::new();
    for step in steps {
        match batches.last_mut() {
            Some(batch) if batch.rank == step.desired.rank => batch.steps.push(step),
            _ => batches.push(Batch { rank: step.desired.rank, steps: vec![step] }),
        }
    }
    batches
}
