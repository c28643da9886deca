//! What may be deleted: nothing without a proof that it is really gone from Git, and no more than a guard lets go.
//!
//! ```text
//! Reading ─ Proof::of ─► Proof ──────┐
//! inventory that Git no longer has ──┴ propose ─► Proposal: what goes, and lists that wait for a person
//! Proof ─ judge (the live object) ─► Victim, or why it stays
//! Proof ─ warrant (everything was applied) ─► Warrant
//! ```
//!
//! A client of a cluster deletes by a [`Warrant`], and nothing but a [`Victim`].
//!
//! Architecture invariant: candidates come from the inventory alone, never from a listing by label.

mod guard;
mod list;
mod proof;
mod victim;

use std::collections::BTreeSet;

use domain::configuration::ConfigurationSpec;
use domain::object::ObjectKey;
use domain::operator_params::Flags;
use domain::prune::{PruneCause, PruneGuard};

pub use self::guard::{FREE_OBJECTS, FREE_PERCENT};
pub use self::list::{EarlierList, PruneList, list_hash};
pub use self::proof::{Doubt, Proof, Reading};
pub use self::victim::{Fate, Victim, Warrant};
use crate::canonical;
use crate::plan::InventoryEntry;
use crate::resolve::ScopePolicy;

/// What the operator parameters ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Nothing is ever deleted.
    Off,
    /// Only told (`--sync-garbage-collection-dry`, which wins over the other flag as in Flux v1).
    Dry,
    /// `--sync-garbage-collection`
    On,
}

impl Mode {
    /// As the flags say.
    pub fn of(flags: &Flags) -> Self {
        match (flags.sync_garbage_collection_dry, flags.sync_garbage_collection) {
            (true, _) => Self::Dry,
            (false, true) => Self::On,
            (false, false) => Self::Off,
        }
    }
}

/// One text for everything that decides which objects a source gives and where: repository, branch, paths, operator
/// and default namespace. What another basis applied is never deleted unasked.
pub fn basis(spec: &ConfigurationSpec) -> String {
    let policy = ScopePolicy::of(spec);
    let parts = [
        policy.set_name.as_str(),
        policy.operator_namespace.as_str(),
        spec.operator_instance_name.as_str(),
        policy.scope.as_str(),
        policy.default_namespace.as_deref().unwrap_or_default(),
    ];
    canonical::sha256(parts.join("\n").as_bytes())
}

/// An applied object that the load no longer has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leftover {
    /// As last applied.
    pub entry: InventoryEntry,
    /// It comes from an earlier basis: a person decides.
    pub left_behind: bool,
}

/// What a proposal is made of.
#[derive(Clone, Copy, Debug)]
pub struct Question<'run> {
    /// [`Mode::Off`] proposes nothing.
    pub mode: Mode,
    /// Everything of the inventory that the load does not want.
    pub leftover: &'run [Leftover],
    /// Objects in the inventory, the wanted ones too.
    pub n_inventory: usize,
    /// The applied commit is not known to be an ancestor of the one that was read.
    pub rewritten: bool,
    /// The lists that the last sync left, with what persons said to them.
    pub earlier: &'run [EarlierList],
}

/// What goes now, and what waits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proposal {
    /// To be judged by their live objects, then deleted.
    pub delete: Vec<Leftover>,
    /// To be kept for the page; those whose objects all go now are dropped afterwards.
    pub lists: Vec<PruneList>,
}

/// Sorts what is left over into what goes, what waits, and what is only told.
pub fn propose(proof: &Proof, question: &Question<'_>) -> Proposal {
    let mut proposal = Proposal::default();
    if question.mode == Mode::Off {
        return proposal;
    }
    let gone = question.leftover.iter().filter(|left| !proof.is_in_git(&left.entry.key));
    let (behind, fresh): (Vec<&Leftover>, Vec<&Leftover>) = gone.partition(|left| left.left_behind);
    if question.mode == Mode::Dry {
        proposal.hold(PruneCause::Dry, BTreeSet::new(), &fresh);
        return proposal;
    }
    let guards = guards(proof, question, &fresh);
    if guards.is_empty() {
        proposal.delete.extend(fresh.into_iter().cloned());
    } else {
        proposal.ask(PruneCause::Guard, guards, &fresh, question.earlier);
    }
    proposal.ask(PruneCause::LeftBehind, BTreeSet::new(), &behind, question.earlier);
    proposal
}

/// What stops these objects now, or stopped some of them before: what once waited goes by a person's word only.
fn guards(proof: &Proof, question: &Question<'_>, fresh: &[&Leftover]) -> BTreeSet<PruneGuard> {
    let mut guards = guard::guards(proof, question, fresh);
    let waiting = question.earlier.iter().filter(|earlier| earlier.list.cause == PruneCause::Guard);
    for earlier in waiting.filter(|earlier| fresh.iter().any(|left| earlier.list.has(&left.entry))) {
        guards.extend(earlier.list.guards.iter().map(uncounted));
    }
    guards
}

/// How many go with a definition is counted anew each time.
fn uncounted(guard: &PruneGuard) -> PruneGuard {
    match guard {
        PruneGuard::Holds { kind, instances: _ } => PruneGuard::Holds { kind: kind.clone(), instances: None },
        other => other.clone(),
    }
}

impl Proposal {
    /// Goes when a person has confirmed a list that has all of it; else waits.
    fn ask(
        &mut self,
        cause: PruneCause,
        guards: BTreeSet<PruneGuard>,
        leftover: &[&Leftover],
        earlier: &[EarlierList],
    ) {
        let confirmed = earlier.iter().find(|earlier| {
            earlier.list.cause == cause
                && earlier.confirmed
                && !leftover.is_empty()
                && leftover.iter().all(|left| earlier.list.has(&left.entry))
        });
        match confirmed {
            Some(confirmed) => {
                // Kept until all of it is gone: what cannot be deleted now is tried again.
                self.lists.push(confirmed.list.clone());
                self.delete.extend(leftover.iter().copied().cloned());
            }
            None => self.hold(cause, guards, leftover),
        }
    }

    fn hold(&mut self, cause: PruneCause, guards: BTreeSet<PruneGuard>, leftover: &[&Leftover]) {
        if !leftover.is_empty() {
            self.lists.push(PruneList::new(cause, guards, leftover));
        }
    }

    /// The lists without those whose objects are all gone.
    pub fn lists_without(self, gone: &BTreeSet<ObjectKey>) -> Vec<PruneList> {
        let left = |list: &PruneList| list.objects.iter().any(|object| !gone.contains(&object.object));
        self.lists.into_iter().filter(left).collect()
    }
}

#[cfg(test)]
mod tests;
