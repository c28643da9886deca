//! When a deletion is too large to go unasked.

use std::collections::BTreeSet;

use domain::prune::PruneGuard;

use super::{Leftover, Proof, Question};
use crate::plan::InventoryEntry;

/// So many objects go unasked whatever their share: a small configuration may lose most of itself on purpose.
pub const FREE_OBJECTS: usize = 10;
/// The largest share of a configuration that goes unasked, in percent: more looks like an accident in Git.
pub const FREE_PERCENT: usize = 30;

/// Group and kind of what defines kinds.
pub(super) const DEFINITION: (&str, &str) = ("apiextensions.k8s.io", "CustomResourceDefinition");

/// Group and kind of objects that take other objects, or data, with them.
const HOLDING: [(&str, &str); 5] = [
    ("", "Namespace"),
    DEFINITION,
    ("", "PersistentVolume"),
    ("", "PersistentVolumeClaim"),
    ("apps", "StatefulSet"),
];

/// Everything that speaks against deleting these unasked; nothing when there is nothing to delete.
pub(super) fn guards(proof: &Proof, question: &Question<'_>, fresh: &[&Leftover]) -> BTreeSet<PruneGuard> {
    let mut guards = BTreeSet::new();
    if fresh.is_empty() {
        return guards;
    }
    let total = question.n_inventory;
    if fresh.len() > FREE_OBJECTS.max(total * FREE_PERCENT / 100) {
        guards.insert(PruneGuard::Many { count: number(fresh.len()), total: number(total) });
    }
    if proof.is_empty() {
        guards.insert(PruneGuard::NothingLeft);
    }
    if question.rewritten {
        guards.insert(PruneGuard::Rewritten);
    }
    guards.extend(
        fresh
            .iter()
            .map(|left| &left.entry)
            .filter(|entry| holds(entry))
            .map(|entry| PruneGuard::Holds { kind: entry.key.kind.clone(), instances: None }),
    );
    guards
}

fn holds(entry: &InventoryEntry) -> bool {
    HOLDING.contains(&(entry.key.group.as_str(), entry.key.kind.as_str()))
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
