//! A turn of the resource group, which may have so many syncs per hour: taken by a run that brings something, once.

use domain::repository::Revision;
use engine::plan::{Approved, Plan, Step, Verdict, Why};

use crate::run::{Run, Stop};

/// Before anything is asked: what was put off is not looked at again and again until its turn comes.
pub(crate) async fn wait(run: &Run) -> Result<(), Stop> {
    match run.work.put_off_until {
        Some(until) if until > run.ports.clock.now() => {
            run.ports.storage.wait_for_turn(&run.lease).await?;
            Err(Stop::PutOff)
        }
        _ => Ok(()),
    }
}

/// Counts a run that fetches a revision.
pub(crate) async fn take_to_fetch(run: &Run, revision: &Revision) -> Result<(), Stop> {
    if run.work.status.revision.as_deref() == Some(revision.as_str()) {
        return Ok(());
    }
    take(run, Some(revision)).await
}

/// Counts the run, or puts it off.
async fn take(run: &Run, revision: Option<&Revision>) -> Result<(), Stop> {
    let revision = revision.map(Revision::as_str);
    let Some(put_off) = run.ports.storage.take_turn(&run.lease, revision).await? else { return Ok(()) };
    tracing::info!(
        configuration.id = %run.id(),
        "a sync of configuration {} waits: the {} syncs per hour of its resource group are used up",
        run.id(),
        put_off.limit
    );
    metrics::counter!("fairlead_syncs_put_off_total").increment(1);
    Err(Stop::PutOff)
}

/// The same for a plan that makes, changes or puts right objects.
pub(crate) async fn take_to_apply(run: &Run, plan: &Plan<Approved>) -> Result<(), Stop> {
    if plan.steps().iter().any(brings_something) { take(run, None).await } else { Ok(()) }
}

/// What no watch sees is asked about at every whole run, and mostly found as it was: asking is free.
pub(super) fn brings_something(step: &Step) -> bool {
    match step.verdict {
        Verdict::Absent | Verdict::Look(Why::New | Why::Changed | Why::Drifted | Why::Replaced) => true,
        Verdict::Look(Why::Unwatched) | Verdict::Unchanged | Verdict::Skip(_) => false,
    }
}
