//! Deletes what left Git: with a proof that it did, within the guard, after a last look at each object. Everything else
//! is kept and listed.

mod deletions;
mod look;

use std::collections::BTreeSet;

use domain::clock::Timestamp;
use domain::object::ObjectKey;
use domain::prune::PruneCause;
use domain::reason::ObjectReason;
use domain::repository::Revision;
use domain::status::SyncStep;
use engine::port::cluster::{Cluster, ClusterError, Observation, OperatorClient};
use engine::prune::{
    Doubt, EarlierList, Fate, Leftover, Mode, Proof, Proposal, PruneList, Question, basis, propose,
};
use engine::warning::Warning;
use storage::{InventoryItem, NewPruneList};

use self::deletions::delete_all;
use self::look::{gone, look_at_all};
use super::apply::Applied;
use super::fence::Fenced;
use super::fetch::Fetched;
use super::observe::entry;
use crate::abort::abort_at;
use crate::run::{Run, Stop};

/// How long a person's word holds. What could not be deleted by then is asked for again.
const CONFIRMATION_MILLISECONDS: i64 = 24 * 60 * 60 * 1000;

/// Definitions of a list whose objects are counted.
const COUNTED_MAX: usize = 100;

/// What came of it, beside what is in [`Applied`].
#[derive(Debug)]
pub(crate) struct Pruned {
    /// [`engine::prune::basis`] of what was applied.
    pub(crate) basis: String,
    /// Whether it was decided what left Git.
    pub(crate) proven: bool,
    /// To be kept for the page; `None` keeps those that are there.
    pub(crate) lists: Option<Vec<NewPruneList>>,
    /// Objects that wait for a person because of the guard.
    pub(crate) waits: usize,
}

/// Notes what is gone and what is left behind; deletes when it is asked to.
pub(crate) async fn prune(
    run: &Run,
    cluster: &dyn Cluster,
    operator: &dyn OperatorClient,
    source: &Fetched,
    fenced: &mut Fenced,
    applied: &mut Applied,
) -> Result<Pruned, Stop> {
    let basis = basis(&run.work.spec);
    forget_gone(operator, applied).await;
    leave_behind(applied, run.work.basis.as_ref() == Some(&basis));
    let mode = Mode::of(run.work.spec.operator_params.flags());
    if mode == Mode::Off {
        for item in applied.inventory.iter_mut().filter(|item| is_leftover(item)) {
            (item.reason, item.detail) = (None, None);
        }
        return Ok(Pruned { basis, proven: false, lists: Some(Vec::new()), waits: 0 });
    }
    let earlier = earlier(run).await?;
    let mut lists = None;
    let attempt = Attempt { run, cluster, operator, source, mode, earlier: &earlier };
    let proven = match attempt.carry_out(fenced, applied, &mut lists).await {
        Ok(()) => true,
        Err(Held::Doubt(doubt)) => {
            let count = applied.inventory.iter().filter(|item| is_leftover(item)).count();
            if count > 0 {
                applied.warnings.push(Warning::PruneHeld { count, doubt: doubt.to_string() });
            }
            lists.is_some()
        }
        Err(Held::Stop(stop)) => return Err(stop),
    };
    let waits = match &lists {
        Some(lists) => waiting(lists.iter()),
        None => waiting(earlier.iter().map(|earlier| &earlier.list)),
    };
    let stored = |list: PruneList| NewPruneList {
        hash: list.hash(),
        cause: list.cause,
        guards: list.guards,
        objects: list.objects,
    };
    let lists = lists.map(|lists| lists.into_iter().map(stored).collect());
    Ok(Pruned { basis, proven, lists, waits })
}

fn waiting<'list>(lists: impl Iterator<Item = &'list PruneList>) -> usize {
    lists.filter(|list| list.cause == PruneCause::Guard).map(|list| list.objects.len()).sum()
}

/// No longer in the load.
fn is_leftover(item: &InventoryItem) -> bool {
    item.place.is_empty()
}

/// What is gone is nothing to keep. A watch may not have seen yet what the sync before this one made: what it does not
/// know is looked at before it is forgotten, or it would stay in the cluster for ever.
async fn forget_gone(operator: &dyn OperatorClient, applied: &mut Applied) {
    let unseen: Vec<&InventoryItem> = applied
        .inventory
        .iter()
        .filter(|item| is_leftover(item) && applied.observer.observation(&item.object) == Observation::Absent)
        .collect();
    let gone = gone(operator, &unseen).await;
    applied.inventory.retain(|item| !gone.contains(&item.object));
}

/// The first sync of another source deletes nothing: what it does not have stays until a person decides. So does what
/// was about to be applied and perhaps was: without a UID nobody knows that it is ours.
fn leave_behind(applied: &mut Applied, same_source: bool) {
    for item in applied.inventory.iter_mut().filter(|item| is_leftover(item)) {
        item.left_behind |= !same_source || item.uid.is_none();
    }
}

/// What the last sync left for a person, and what persons said.
async fn earlier(run: &Run) -> Result<Vec<EarlierList>, Stop> {
    let oldest: Timestamp = run.ports.clock.now().plus_milliseconds(-CONFIRMATION_MILLISECONDS);
    let lists = run.ports.storage.prune_lists(run.id()).await?;
    let earlier = |stored: storage::PruneList| EarlierList {
        confirmed: stored.confirmed.is_some_and(|(_, at)| at >= oldest),
        list: PruneList {
            cause: stored.list.cause,
            guards: stored.list.guards,
            objects: stored.list.objects,
        },
    };
    Ok(lists.into_iter().map(earlier).collect())
}

/// Why it goes no further.
pub(super) enum Held {
    Doubt(Doubt),
    Stop(Stop),
}

impl From<Doubt> for Held {
    fn from(doubt: Doubt) -> Self {
        Self::Doubt(doubt)
    }
}

impl From<Stop> for Held {
    fn from(stop: Stop) -> Self {
        Self::Stop(stop)
    }
}

impl From<ClusterError> for Held {
    fn from(error: ClusterError) -> Self {
        Self::Stop(error.into())
    }
}

struct Attempt<'run> {
    run: &'run Run,
    cluster: &'run dyn Cluster,
    operator: &'run dyn OperatorClient,
    source: &'run Fetched,
    mode: Mode,
    earlier: &'run [EarlierList],
}

impl Attempt<'_> {
    /// Fills `lists` as soon as it is decided what waits, so that a deletion that fails does not lose them.
    async fn carry_out(
        &self,
        fenced: &mut Fenced,
        applied: &mut Applied,
        lists: &mut Option<Vec<PruneList>>,
    ) -> Result<(), Held> {
        let proof = applied.proof.clone()?;
        let leftover = self.unsettled(&proof, applied).await?;
        let mut proposal = propose(
            &proof,
            &Question {
                mode: self.mode,
                leftover: &leftover,
                n_inventory: applied.inventory.len(),
                rewritten: !leftover.is_empty() && self.is_rewritten().await,
                earlier: self.earlier,
            },
        );
        for list in &mut proposal.lists {
            self.tell_instances(list).await;
        }
        *lists = Some(proposal.lists.clone());
        if proposal.delete.is_empty() {
            return Ok(());
        }
        let gone = self.delete(fenced, &proof, &proposal, applied).await?;
        *lists = Some(proposal.lists_without(&gone));
        Ok(())
    }

    /// How many objects would go with the definitions of a list. Who may not count them decides without a number.
    async fn tell_instances(&self, list: &mut PruneList) {
        let definitions: Vec<&str> = list.definitions().take(COUNTED_MAX).collect();
        if definitions.is_empty() {
            return;
        }
        // A definition may be younger than what was asked minutes ago.
        let Ok(kinds) = self.operator.kinds(true).await else { return };
        let mut number: u32 = 0;
        for definition in definitions {
            let Some(kind) = kinds.defined_by(definition) else { return };
            let Ok(of_kind) = self.operator.count(kind).await else { return };
            number = number.saturating_add(of_kind);
        }
        list.tell_instances(number);
    }

    /// Looks first, at all of them, and deletes only when every look was answered.
    async fn delete(
        &self,
        fenced: &mut Fenced,
        proof: &Proof,
        proposal: &Proposal,
        applied: &mut Applied,
    ) -> Result<BTreeSet<ObjectKey>, Held> {
        let warrant = proof.warrant(&applied.changes)?;
        // Another cluster may answer since the run began.
        if self.cluster.identify(true).await? != self.run.work.cluster_uid {
            return Err(Doubt::OtherCluster.into());
        }
        self.run.step(SyncStep::Prune, None);
        self.run.check_lease().await?;
        fenced.begin(self.run, self.cluster).await?;
        let judged = look_at_all(self.operator, proof, &proposal.delete).await?;
        abort_at("looked");
        delete_all(self.run, self.operator, (proof, &warrant), judged, applied).await
    }

    /// Those about which nothing is decided yet. What was kept for a reason of its own, or is going already, is looked
    /// at again: the reason may be gone, and so may the object.
    async fn unsettled(&self, proof: &Proof, applied: &mut Applied) -> Result<Vec<Leftover>, Held> {
        let (mut unsettled, mut settled) = (Vec::new(), Vec::new());
        for item in applied.inventory.iter().filter(|item| is_leftover(item)) {
            let Some(entry) = entry(item) else { continue };
            let leftover = Leftover { entry, left_behind: item.left_behind };
            if is_settled(item) { settled.push(leftover) } else { unsettled.push(leftover) }
        }
        if settled.is_empty() {
            return Ok(unsettled);
        }
        for (leftover, fate) in look_at_all(self.operator, proof, &settled).await? {
            match fate {
                Fate::Delete(_) => unsettled.push(leftover),
                Fate::Gone => applied.inventory.retain(|item| item.object != leftover.entry.key),
                Fate::Terminating => note(applied, &leftover.entry.key, &ObjectReason::Terminating),
                Fate::Keep(reason) => note(applied, &leftover.entry.key, &reason),
            }
        }
        Ok(unsettled)
    }

    /// Whether the head does not follow the commit of which it was last decided what left Git. Who cannot tell says
    /// that it does not.
    async fn is_rewritten(&self) -> bool {
        let work = &self.run.work;
        let Some(earlier) = work.proven_revision.as_deref().or(work.status.revision.as_deref()) else {
            return false;
        };
        if earlier == self.source.revision.as_str() {
            return false;
        }
        let Ok(earlier) = Revision::parse(earlier) else { return true };
        let follows =
            self.run.ports.source.descends(&self.source.request, &self.source.revision, &earlier).await;
        !matches!(follows, Ok(Some(true)))
    }
}

fn is_settled(item: &InventoryItem) -> bool {
    matches!(
        item.reason,
        Some(
            ObjectReason::Terminating
                | ObjectReason::Ignored
                | ObjectReason::Replaced
                | ObjectReason::NotMarked
                | ObjectReason::Owned
        )
    )
}

/// Says at the object why it is still there.
pub(super) fn note(applied: &mut Applied, key: &ObjectKey, reason: &ObjectReason) {
    for item in applied.inventory.iter_mut().filter(|item| item.object == *key) {
        (item.reason, item.detail) = (Some(reason.clone()), None);
    }
}
