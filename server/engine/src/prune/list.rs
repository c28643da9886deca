//! Lists that a person looks at and confirms: exactly these objects.

use std::collections::BTreeSet;

use domain::prune::{PruneCause, PruneGuard, PruneObject};

use super::Leftover;
use super::guard::DEFINITION;
use crate::canonical;
use crate::plan::InventoryEntry;

/// Objects that would go, and why they do not yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PruneList {
    /// Why there is a list.
    pub cause: PruneCause,
    /// What speaks against it, for [`PruneCause::Guard`].
    pub guards: Vec<PruneGuard>,
    /// Sorted; never empty.
    pub objects: Vec<PruneObject>,
}

/// A list of the sync before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarlierList {
    /// As it was shown.
    pub list: PruneList,
    /// A person confirmed it, not too long ago.
    pub confirmed: bool,
}

impl PruneList {
    pub(super) fn new(cause: PruneCause, guards: BTreeSet<PruneGuard>, leftover: &[&Leftover]) -> Self {
        let object =
            |left: &&Leftover| PruneObject { object: left.entry.key.clone(), uid: left.entry.uid.clone() };
        let objects: BTreeSet<PruneObject> = leftover.iter().map(object).collect();
        Self { cause, guards: guards.into_iter().collect(), objects: objects.into_iter().collect() }
    }

    /// Whether this very object is on it.
    pub(super) fn has(&self, entry: &InventoryEntry) -> bool {
        self.objects.iter().any(|object| object.object == entry.key && object.uid == entry.uid)
    }

    /// The definitions on it: what they define goes with them.
    pub fn definitions(&self) -> impl Iterator<Item = &str> {
        let is_definition =
            |object: &&PruneObject| (object.object.group.as_str(), object.object.kind.as_str()) == DEFINITION;
        self.objects.iter().filter(is_definition).map(|object| object.object.name.as_str())
    }

    /// Says how many objects go with its definitions.
    pub fn tell_instances(&mut self, number: u32) {
        for guard in &mut self.guards {
            if let PruneGuard::Holds { kind, instances } = guard
                && kind == DEFINITION.1
            {
                *instances = Some(number);
            }
        }
    }

    /// What a confirmation names.
    pub fn hash(&self) -> String {
        list_hash(&self.objects)
    }
}

/// Equal for the same objects with the same UIDs, whatever their order.
pub fn list_hash(objects: &[PruneObject]) -> String {
    let mut lines: Vec<String> =
        objects.iter().map(|object| format!("{} {:?}", object.uid, object.object)).collect();
    lines.sort();
    canonical::sha256(lines.join("\n").as_bytes())
}
