//! What does the load mean in this cluster, and what is there already?

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::object::ResourceKind;
use domain::status::SyncStep;
use engine::plan::InventoryEntry;
use engine::port::cluster::{Cluster, Observer, OperatorClient};
use engine::resolve::{Resolved, ScopePolicy, resolve};
use storage::{InventoryItem, InventoryState};

use super::load::Loaded;
use crate::run::{Run, Stop};

/// Wanted objects, what was applied before, and the watches.
pub(crate) struct Observed {
    pub(crate) resolved: Resolved,
    pub(crate) inventory: Vec<InventoryItem>,
    pub(crate) observer: Arc<dyn Observer>,
}

/// Resolves the load with the kinds the operator may discover, and sees to it that those are watched.
pub(crate) async fn observe(
    run: &Run,
    cluster: &dyn Cluster,
    operator: &dyn OperatorClient,
    loaded: &Loaded,
) -> Result<Observed, Stop> {
    run.step(SyncStep::Compare, None).await?;
    let policy = ScopePolicy::of(&run.work.spec);
    let mut resolved = resolve(&loaded.load, operator.kinds(false).await?.as_ref(), &policy)?;
    if resolved.left_out.iter().any(|left| left.reason == domain::reason::ObjectReason::UnknownKind) {
        // The kind may have come since discovery was last read: ask again before an object is left out.
        resolved = resolve(&loaded.load, operator.kinds(true).await?.as_ref(), &policy)?;
    }
    let observer = cluster.observer();
    let inventory = run.ports.storage.inventory(run.id()).await?;
    observer.watch(&served_kinds(&resolved, &inventory)).await;
    Ok(Observed { resolved, inventory, observer })
}

/// Kinds of the wanted objects that the cluster serves already, and of those applied before.
fn served_kinds(resolved: &Resolved, inventory: &[InventoryItem]) -> BTreeSet<ResourceKind> {
    let wanted = resolved.desired.iter().filter(|desired| !resolved.awaiting.contains(&desired.key));
    let applied = inventory.iter().filter(|item| item.state == InventoryState::Applied);
    wanted.map(|desired| desired.kind.clone()).chain(applied.map(|item| item.kind.clone())).collect()
}

/// What the engine compares with: objects that were applied at least once.
pub(crate) fn entries(inventory: &[InventoryItem]) -> Vec<InventoryEntry> {
    inventory.iter().filter_map(entry).collect()
}

fn entry(item: &InventoryItem) -> Option<InventoryEntry> {
    Some(InventoryEntry {
        key: item.object.clone(),
        kind: item.kind.clone(),
        uid: item.uid.clone()?,
        manifest_hash: item.manifest_hash.clone()?,
        own_fields: item.own_fields_hash.clone()?,
        checksum: item.checksum.clone()?,
        place: item.place.clone(),
    })
}
