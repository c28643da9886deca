//! What has come of each object so far: the one place from which changes, counts and inventory are read.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::change::{Action, Change};
use domain::health::Health;
use domain::object::ObjectKey;
use domain::reason::ObjectReason;
use domain::status::ObjectCounts;
use engine::plan::{Approved, InventoryEntry, Plan, Step, Verdict, action};
use engine::port::cluster::{Live, ObjectError};
use storage::{AppliedObject, ForeignClaim, InventoryItem, InventoryState};

/// What came of one object.
#[derive(Clone, Debug)]
pub(super) enum Result {
    /// Applied; `before` is its dry-run.
    Applied { before: Option<Live>, applied: Live },
    /// Left alone.
    Skipped(ObjectReason),
    /// The API server refused it.
    Refused(ObjectError),
}

/// One wanted object's state.
struct Line {
    action: Action,
    reason: Option<ObjectReason>,
    detail: Option<String>,
    /// What is there, as applied now or earlier.
    entry: Option<InventoryEntry>,
    /// Whether anything came of it yet.
    done: bool,
}

/// All wanted objects.
pub(super) struct Ledger {
    lines: HashMap<ObjectKey, Line>,
    /// Objects that another configuration manages.
    foreign: BTreeMap<ObjectKey, ForeignClaim>,
}

impl Ledger {
    /// As the plan has it, with what was applied before.
    pub(super) fn new(plan: &Plan<Approved>, entries: &[InventoryEntry]) -> Self {
        let mut before: HashMap<&ObjectKey, &InventoryEntry> =
            entries.iter().map(|entry| (&entry.key, entry)).collect();
        let line = |step: &Step| {
            let mut entry = before.remove(&step.desired.key).cloned();
            if let (Some(entry), Verdict::Unchanged) = (&mut entry, &step.verdict) {
                // Known from what was sent also where it was not noted then.
                entry.mark = step.desired.mark().map(str::to_owned);
            }
            let (action, reason, done) = match &step.verdict {
                Verdict::Unchanged => (Action::Unchanged, None, true),
                Verdict::Skip(reason) => (Action::Skip, Some(reason.clone()), true),
                // what it would be, should the API server refuse it
                Verdict::Absent | Verdict::Look(_) if entry.is_none() => (Action::Create, None, false),
                Verdict::Absent | Verdict::Look(_) => (Action::Configure, None, false),
            };
            (step.desired.key.clone(), Line { action, reason, detail: None, entry, done })
        };
        Self { lines: plan.steps().iter().map(line).collect(), foreign: BTreeMap::new() }
    }

    /// Another configuration has these: an error of the object, its owner's id kept for those who may see it.
    pub(super) fn foreign(&mut self, claims: Vec<ForeignClaim>) {
        for claim in claims {
            if let Some(line) = self.lines.get_mut(&claim.object) {
                line.reason = Some(ObjectReason::ManagedByOther {
                    configuration: Some(claim.configuration.to_string()),
                });
                line.done = true;
            }
            self.foreign.insert(claim.object.clone(), claim);
        }
    }

    pub(super) fn is_foreign(&self, key: &ObjectKey) -> bool {
        self.foreign.contains_key(key)
    }

    pub(super) fn created(&self, key: &ObjectKey) -> bool {
        self.lines
            .get(key)
            .is_some_and(|line| line.done && line.action == Action::Create && line.reason.is_none())
    }

    pub(super) fn failed(&self, key: &ObjectKey) -> bool {
        self.lines
            .get(key)
            .is_some_and(|line| line.done && line.action != Action::Skip && line.reason.is_some())
    }

    /// Takes over what the first stage decided about the second.
    pub(super) fn settle(&mut self, plan: &Plan<Approved>) {
        for step in plan.steps() {
            let Verdict::Skip(reason) = &step.verdict else { continue };
            if let Some(line) = self.lines.get_mut(&step.desired.key).filter(|line| !line.done) {
                line.action = Action::Skip;
                line.reason = Some(reason.clone());
                line.done = true;
            }
        }
    }

    /// Notes a batch, and gives what of it is to be stored at once.
    pub(super) fn note(&mut self, results: Vec<(&Step, Result)>) -> Vec<AppliedObject> {
        results.into_iter().filter_map(|(step, result)| self.note_one(step, result)).collect()
    }

    fn note_one(&mut self, step: &Step, result: Result) -> Option<AppliedObject> {
        let line = self.lines.get_mut(&step.desired.key)?;
        line.done = true;
        let outcome = match result {
            Result::Applied { before, applied } => {
                line.action = action(before.as_ref(), &applied);
                Some(line.take(step, &applied))
            }
            Result::Skipped(reason) => {
                line.action = Action::Skip;
                line.reason = Some(reason);
                None
            }
            Result::Refused(ObjectError { reason, detail }) => {
                line.reason = Some(reason.clone());
                line.detail = Some(detail.clone());
                Some(storage::Applied::Refused { reason, detail: Some(detail) })
            }
        };
        outcome.map(|outcome| AppliedObject { object: step.desired.key.clone(), outcome })
    }

    /// How far it is.
    pub(super) fn counts(&self) -> ObjectCounts {
        let of = |wanted: Action| {
            let lines = self.lines.values().filter(|line| line.done && line.action == wanted);
            lines.filter(|line| wanted == Action::Skip || line.reason.is_none()).count()
        };
        let refused = self
            .lines
            .values()
            .filter(|line| line.done && line.reason.is_some() && line.action != Action::Skip);
        ObjectCounts {
            total: number(self.lines.len()),
            created: number(of(Action::Create)),
            configured: number(of(Action::Configure)),
            unchanged: number(of(Action::Unchanged)),
            refused: number(refused.count()),
            left_out: number(of(Action::Skip)),
        }
    }

    /// The end: changes in the order of application, and the inventory.
    pub(super) fn close(
        mut self,
        plan: &Plan<Approved>,
        before: Vec<InventoryItem>,
    ) -> (Vec<Change>, Vec<InventoryItem>) {
        let mut changes = Vec::with_capacity(plan.steps().len());
        let mut inventory = Vec::with_capacity(before.len());
        for step in plan.steps() {
            let Some(line) = self.lines.remove(&step.desired.key) else { continue };
            changes.push(line.change(step));
            if !self.foreign.contains_key(&step.desired.key)
                && (line.entry.is_some() || step_was_claimed(&line))
            {
                inventory.push(line.item(step));
            }
        }
        let wanted: BTreeSet<&ObjectKey> = plan.steps().iter().map(|step| &step.desired.key).collect();
        // No longer in Git, kept in the cluster and in the inventory: the page lists it as left behind.
        let leftover = before.into_iter().filter(|item| !wanted.contains(&item.object));
        inventory.extend(leftover.map(left));
        (changes, inventory)
    }
}

/// What was said about it while it was in Git no longer holds.
fn left(item: InventoryItem) -> InventoryItem {
    if item.place.is_empty() {
        return item;
    }
    InventoryItem { place: String::new(), reason: None, detail: None, ..item }
}

/// What was to be applied and was not keeps its row: it may be there after all.
fn step_was_claimed(line: &Line) -> bool {
    line.reason.as_ref() != Some(&ObjectReason::Ignored)
}

impl Line {
    /// What is there now is what was wanted.
    fn take(&mut self, step: &Step, live: &Live) -> storage::Applied {
        let entry = InventoryEntry::applied(&step.desired, live);
        let outcome = storage::Applied::Accepted {
            uid: entry.uid.clone(),
            manifest_hash: entry.manifest_hash.clone(),
            own_fields_hash: entry.own_fields.clone(),
            checksum: entry.checksum.clone(),
            mark: entry.mark.clone(),
            health: Some(live.health),
        };
        self.entry = Some(entry);
        outcome
    }

    fn change(&self, step: &Step) -> Change {
        Change {
            object: step.desired.key.clone(),
            action: self.action,
            place: step.desired.place.clone(),
            reason: self.reason.clone(),
            detail: self.detail.clone(),
        }
    }

    fn item(&self, step: &Step) -> InventoryItem {
        let entry = self.entry.as_ref();
        InventoryItem {
            object: step.desired.key.clone(),
            kind: step.desired.kind.clone(),
            state: if entry.is_some() { InventoryState::Applied } else { InventoryState::Intent },
            place: step.desired.place.clone(),
            uid: entry.map(|entry| entry.uid.clone()),
            manifest_hash: entry.map(|entry| entry.manifest_hash.clone()),
            own_fields_hash: entry.map(|entry| entry.own_fields.clone()),
            checksum: entry.map(|entry| entry.checksum.clone()),
            mark: entry.and_then(|entry| entry.mark.clone()),
            left_behind: false,
            // health is the watches' to write; it is not stored from here
            health: Health::Unknown,
            message: None,
            reason: self.reason.clone(),
            detail: self.detail.clone(),
        }
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
