//! What does the load mean in this cluster, and what is there already?

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use domain::configuration::OperatorScope;
use domain::object::{ObjectKey, ResourceKind};
use domain::reason::ObjectReason;
use domain::status::SyncStep;
use engine::plan::InventoryEntry;
use engine::port::cluster::{Cluster, Observation, Observer, OperatorClient};
use engine::prune::{Doubt, Proof, Reading};
use engine::resolve::{Resolved, ScopePolicy, resolve};
use storage::{InventoryItem, InventoryState};

use super::fetch::Fetched;
use super::load::Loaded;
use crate::run::{Run, Stop};

/// Wanted objects, what was applied before, and the watches.
pub(crate) struct Observed {
    pub(crate) resolved: Resolved,
    pub(crate) inventory: Vec<InventoryItem>,
    pub(crate) observer: Arc<dyn Observer>,
    pub(crate) listed: Listed,
    /// That what the load does not have is really gone from Git, or why nobody can say so.
    pub(crate) proof: Result<Proof, Doubt>,
}

/// Resolves the load with the kinds the operator may discover, and sees to it that those are watched.
pub(crate) async fn observe(
    run: &Run,
    cluster: &dyn Cluster,
    operator: &dyn OperatorClient,
    source: &Fetched,
    loaded: &Loaded,
) -> Result<Observed, Stop> {
    run.step(SyncStep::Compare, None);
    let policy = ScopePolicy::of(&run.work.spec);
    let mut kinds = operator.kinds(false).await?;
    let mut resolved = resolve(&loaded.load, kinds.as_ref(), &policy)?;
    if resolved.left_out.iter().any(|left| left.reason == ObjectReason::UnknownKind) {
        // The kind may have come since discovery was last read: ask again before an object is left out.
        kinds = operator.kinds(true).await?;
        resolved = resolve(&loaded.load, kinds.as_ref(), &policy)?;
    }
    let proof = Proof::of(&Reading {
        head: &source.revision,
        tree: source.tree.as_ref(),
        load: &loaded.load,
        resolved: &resolved,
        kinds: &kinds,
        set_name: &policy.set_name,
    });
    let observer = cluster.observer();
    let inventory = run.ports.storage.inventory(run.id()).await?;
    observer.watch(&served_kinds(&resolved, &inventory)).await;
    let listed = list_unwatched(run, operator, &inventory, observer.as_ref()).await;
    Ok(Observed { resolved, inventory, observer, listed, proof })
}

/// One list for each kind that nothing watches, so that its objects cost no dry-run each. A list that is refused leaves
/// them unwatched.
async fn list_unwatched(
    run: &Run,
    operator: &dyn OperatorClient,
    inventory: &[InventoryItem],
    observer: &dyn Observer,
) -> Listed {
    let unwatched: BTreeSet<&ResourceKind> = inventory
        .iter()
        .filter(|item| item.uid.is_some() && observer.observation(&item.object) == Observation::Unwatched)
        .map(|item| &item.kind)
        .collect();
    let namespace = match run.work.spec.operator_scope {
        OperatorScope::Cluster => None,
        OperatorScope::Namespace => Some(run.work.spec.operator_namespace.as_str()),
    };
    let mut listed = Listed::default();
    for kind in unwatched {
        if let Ok(objects) = operator.list(kind, namespace).await {
            listed.kinds.insert((kind.group.clone(), kind.kind.clone()));
            listed.objects.extend(objects);
        }
    }
    listed
}

/// What was listed where nothing watches.
#[derive(Default)]
pub(crate) struct Listed {
    /// Group and kind.
    kinds: BTreeSet<(String, String)>,
    objects: HashMap<ObjectKey, engine::port::cluster::Observed>,
}

impl Observed {
    /// What is known of an object: by its watch, else by the list of this very sync.
    pub(crate) fn observation(&self, key: &ObjectKey) -> Observation {
        match self.observer.observation(key) {
            Observation::Unwatched if self.listed.kinds.contains(&(key.group.clone(), key.kind.clone())) => {
                match self.listed.objects.get(key) {
                    Some(seen) => Observation::Present(seen.clone()),
                    None => Observation::Absent,
                }
            }
            observation => observation,
        }
    }
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

/// As it was applied, if it ever was.
pub(super) fn entry(item: &InventoryItem) -> Option<InventoryEntry> {
    Some(InventoryEntry {
        key: item.object.clone(),
        kind: item.kind.clone(),
        uid: item.uid.clone()?,
        manifest_hash: item.manifest_hash.clone()?,
        own_fields: item.own_fields_hash.clone()?,
        checksum: item.checksum.clone()?,
        place: item.place.clone(),
        mark: item.mark.clone(),
    })
}
