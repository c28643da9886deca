//! Carries the plan out: Namespaces and CRDs first, then the rest, rank by rank.

mod ledger;
mod objects;

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::change::Change;
use domain::object::{ObjectKey, ResourceKind};
use domain::status::SyncStep;
use engine::plan::{Approved, FirstStage, Plan, Step};
use engine::port::cluster::{Cluster, Observer, OperatorClient};
use engine::prune::{Doubt, Proof};
use engine::resolve::LeftOut;
use engine::warning::Warning;
use storage::{IntendedObject, InventoryItem};

use self::ledger::Ledger;
use super::load::Loaded;
use super::observe::{Observed, entries};
use crate::run::{Run, Stop};

/// What was done and what is there now.
pub(crate) struct Applied {
    /// One per wanted object, the unchanged ones too, and what was or could not be deleted.
    pub(crate) changes: Vec<Change>,
    pub(crate) left_out: Vec<LeftOut>,
    pub(crate) warnings: Vec<Warning>,
    /// The whole inventory after the run.
    pub(crate) inventory: Vec<InventoryItem>,
    /// What may be deleted, if anything.
    pub(crate) proof: Result<Proof, Doubt>,
    pub(crate) observer: Arc<dyn Observer>,
    /// Id of what the load was read from.
    pub(crate) tree_id: String,
    /// First line of the commit's message and its author.
    pub(crate) subject: String,
}

/// Every object is claimed before the first write; each object's error is its own and the rest goes on.
pub(crate) async fn apply(
    run: &Run,
    cluster: &dyn Cluster,
    operator: &dyn OperatorClient,
    loaded: &Loaded,
    observed: Observed,
    mut plan: Plan<Approved>,
) -> Result<Applied, Stop> {
    let mut ledger = Ledger::new(&plan, &entries(&observed.inventory));
    claim(run, &plan, &mut ledger).await?;
    if !plan.is_empty() {
        run.step(SyncStep::Apply, Some(ledger.counts()));
    }
    objects::carry_out(run, operator, &plan.stages().first, &mut ledger).await?;
    let first = first_stage(&plan, &ledger);
    plan.settle(&first);
    ledger.settle(&plan);
    objects::carry_out(run, operator, &plan.stages().second, &mut ledger).await?;
    watch_new_kinds(cluster, &observed).await;
    let (changes, inventory) = ledger.close(&plan, observed.inventory);
    Ok(Applied {
        changes,
        left_out: observed.resolved.left_out,
        warnings: observed.resolved.warnings,
        inventory,
        proof: observed.proof,
        observer: observed.observer,
        tree_id: loaded.tree_id.clone(),
        subject: loaded.subject.clone(),
    })
}

/// Notes the intent; objects that another configuration manages are not touched.
async fn claim(run: &Run, plan: &Plan<Approved>, ledger: &mut Ledger) -> Result<(), Stop> {
    let intended: Vec<IntendedObject> =
        plan.steps().iter().filter(|step| step.costs_a_call()).map(intended).collect();
    if intended.is_empty() {
        return Ok(());
    }
    let foreign = run.ports.storage.record_intent(&run.lease, &intended).await?;
    crate::abort::abort_at("intent");
    ledger.foreign(foreign);
    Ok(())
}

fn intended(step: &Step) -> IntendedObject {
    IntendedObject {
        object: step.desired.key.clone(),
        kind: step.desired.kind.clone(),
        place: step.desired.place.clone(),
    }
}

/// What the first stage made known about the second.
fn first_stage(plan: &Plan<Approved>, ledger: &Ledger) -> FirstStage {
    let keys =
        plan.steps().iter().filter(|step| step.desired.rank.first_stage()).map(|step| &step.desired.key);
    let mut first = FirstStage::default();
    for key in keys {
        if ledger.created(key) {
            first.created.insert(key.clone());
        }
        if ledger.failed(key) {
            first.failed.insert(key.clone());
        }
    }
    first
}

/// Kinds that came with this very load are served now, and watched from here on.
async fn watch_new_kinds(cluster: &dyn Cluster, observed: &Observed) {
    let awaiting: &BTreeSet<ObjectKey> = &observed.resolved.awaiting;
    let kinds: BTreeSet<ResourceKind> = observed
        .resolved
        .desired
        .iter()
        .filter(|desired| awaiting.contains(&desired.key))
        .map(|desired| desired.kind.clone())
        .collect();
    if !kinds.is_empty() {
        cluster.observer().watch(&kinds).await;
    }
}
