//! The run, stage by stage. Read this first.

use crate::abort::abort_at;
use crate::run::{Run, Stop};
use crate::stage::glance::{self, Glance};
use crate::stage::{
    apply, assess, fence, fetch, gate, identify, load, observe, plan, provision, prune, record, tag, turn,
};

/// Brings one configuration's cluster to what its branch says, once.
///
/// Whatever ends a run early is recorded as its status; an interrupted run begins again from a fresh read.
pub(crate) async fn reconcile(run: &Run) -> Result<(), StorageFailure> {
    match stages(run).await {
        Ok(()) | Err(Stop::PutOff) => Ok(()),
        Err(Stop::Failed { reason, detail, revision }) => {
            record::failure(run, reason, detail, revision).await
        }
        Err(Stop::Storage(error)) => Err(error),
    }
}

/// Only what cannot be recorded leaves a run as an error.
pub(crate) type StorageFailure = storage::StorageError;

async fn stages(run: &Run) -> Result<(), Stop> {
    turn::wait(run).await?; // IO: not before its turn, where the resource group has so many per hour
    let Glance::Run(fetched) = glance::glance(run).await? else { return Ok(()) }; // IO: Git alone, when that is all
    abort_at("glance");
    let cluster = identify::identify(run).await?; // IO: the cluster is the one we know
    abort_at("identify");
    let mut fenced = fence::fence(run, cluster.as_ref()).await?; // IO: nobody else writes with the operator's Lease
    let operator = provision::provision(run, cluster.as_ref()).await?; // IO: namespace, account, binding
    fence::take(run, cluster.as_ref(), &mut fenced).await?; // IO: a Lease where there is none
    abort_at("fence");
    abort_at("provision");
    let source = fetch::fetch(run, fetched).await?; // IO: the branch's head and its files
    abort_at("fetch");
    let load = load::load(run, &source).await?; // pure, blocking: files to objects
    abort_at("load");
    let observed = observe::observe(run, cluster.as_ref(), operator.as_ref(), &source, &load).await?; // IO: kinds, watches
    abort_at("observe");
    let proposed = plan::plan(run, &observed); // pure: what has to happen
    abort_at("plan");
    let approved = gate::gate(proposed); // pure: may it happen
    abort_at("gate");
    turn::take_to_apply(run, &approved).await?; // IO: what is applied counts
    fence::begin_to_apply(run, cluster.as_ref(), &mut fenced, &approved).await?; // IO: it is told before the first write
    let mut outcome =
        apply::apply(run, cluster.as_ref(), operator.as_ref(), &load, observed, approved).await?; // IO
    abort_at("apply");
    let pruned =
        prune::prune(run, cluster.as_ref(), operator.as_ref(), &source, &mut fenced, &mut outcome).await?; // IO, proven
    abort_at("prune");
    let tagged = tag::tag(run, &source).await?; // IO: the sync tag at the host
    abort_at("tag");
    let verdict = assess::assess(&outcome, &pruned, &tagged); // pure: how it stands now
    abort_at("assess");
    record::record(run, &source, outcome, pruned, tagged, verdict).await?; // IO: one transaction
    abort_at("record");
    Ok(())
}
