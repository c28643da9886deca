//! What has to happen to every wanted object: decided from hashes and watches alone, before anything is asked.
//!
//! Nothing here deletes: objects that are no longer in Git are listed as leftover and kept.

mod display;
mod inventory;
mod outcome;
mod stages;

use std::collections::BTreeMap;
use std::marker::PhantomData;

use domain::object::ObjectKey;
use domain::reason::ObjectReason;

pub use self::inventory::InventoryEntry;
pub use self::outcome::{Decision, action, decide};
pub use self::stages::{Batch, FirstStage, Stages};
use crate::desired::Desired;
use crate::marks;
use crate::port::cluster::Observation;

/// State of a [`Plan`] that nobody has agreed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proposed;

/// State of a [`Plan`] that may be carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Approved;

/// Every wanted object with its verdict, in the order of application. Its text can be checked by eye.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan<State> {
    steps: Vec<Step>,
    leftover: Vec<InventoryEntry>,
    state: PhantomData<State>,
}

/// One wanted object.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// What is wanted.
    pub desired: Desired,
    /// What has to be done for it.
    pub verdict: Verdict,
}

/// What has to be done for an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Is as we left it, and we left it as wanted: costs no call.
    Unchanged,
    /// Is known not to be there: applied without a dry-run.
    Absent,
    /// A dry-run says more.
    Look(Why),
    /// Left alone.
    Skip(ObjectReason),
}

/// Why an object is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Not in the inventory: never applied by this configuration.
    New,
    /// Git wants something else than what was applied last.
    Changed,
    /// Somebody changed or took fields that we had applied.
    Drifted,
    /// Another object has its name now.
    Replaced,
    /// Nothing tells whether it is as we left it.
    Unwatched,
}

/// Compares what is wanted with what was applied and with what the watches saw last.
///
/// `desired` is in the order of application ([`crate::order::sort`], as [`crate::resolve::resolve`] gives it).
pub fn plan(
    desired: &[Desired],
    inventory: &[InventoryEntry],
    observe: impl Fn(&ObjectKey) -> Observation,
) -> Plan<Proposed> {
    let mut left: BTreeMap<&ObjectKey, &InventoryEntry> =
        inventory.iter().map(|entry| (&entry.key, entry)).collect();
    let mut steps = Vec::with_capacity(desired.len());
    for desired in desired {
        let entry = left.remove(&desired.key);
        let verdict = verdict(desired, entry, || observe(&desired.key));
        steps.push(Step { desired: desired.clone(), verdict });
    }
    let leftover = left.into_values().cloned().collect();
    Plan { steps, leftover, state: PhantomData }
}

fn verdict(
    desired: &Desired,
    entry: Option<&InventoryEntry>,
    observe: impl FnOnce() -> Observation,
) -> Verdict {
    if marks::ignored(&desired.manifest) {
        return Verdict::Skip(ObjectReason::Ignored);
    }
    // Without an entry an absent one may still be there under somebody else's hand: watches see our marks only.
    let Some(entry) = entry else { return Verdict::Look(Why::New) };
    match observe() {
        Observation::Absent => Verdict::Absent,
        Observation::Present(observed) if observed.uid != entry.uid => Verdict::Look(Why::Replaced),
        _ if entry.manifest_hash != desired.manifest_hash => Verdict::Look(Why::Changed),
        Observation::Unwatched => Verdict::Look(Why::Unwatched),
        Observation::Present(observed) if observed.own_fields == entry.own_fields => Verdict::Unchanged,
        Observation::Present(_) => Verdict::Look(Why::Drifted),
    }
}

impl<State> Plan<State> {
    /// Every wanted object, in the order of application.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Applied earlier and no longer in Git; kept.
    pub fn leftover(&self) -> &[InventoryEntry] {
        &self.leftover
    }

    /// Whether nothing has to be asked or written.
    pub fn is_empty(&self) -> bool {
        !self.steps.iter().any(Step::costs_a_call)
    }
}

impl Plan<Proposed> {
    /// The gate: from here on it may be carried out. A plan that only adds and changes needs no further consent.
    pub fn approve(self) -> Plan<Approved> {
        Plan { steps: self.steps, leftover: self.leftover, state: PhantomData }
    }
}

impl Step {
    /// Whether anything has to be asked or written for it.
    pub fn costs_a_call(&self) -> bool {
        matches!(self.verdict, Verdict::Absent | Verdict::Look(_))
    }
}

#[cfg(test)]
mod tests;
