//! Dry-runs and applies of one stage.

use std::collections::HashMap;

use domain::object::ObjectKey;
use domain::status::SyncStep;
use engine::desired::Rank;
use engine::plan::{Batch, Decision, Step, Verdict, Why, decide};
use engine::port::cluster::{Live, ObjectError, OperatorClient};
use futures::StreamExt;
use futures::stream;

use super::ledger::{Ledger, Result as ObjectResult};
use crate::abort::abort_at;
use crate::run::{Run, Stop};

/// Requests of one run at once; the connection bounds all runs of its cluster together.
const AT_ONCE: usize = 16;

type DryRuns = HashMap<ObjectKey, Result<Live, ObjectError>>;

/// All dry-runs of the stage side by side, then rank by rank what they allow, side by side inside a rank. What
/// came of a rank is stored before the next begins, so that an interrupted run does not do it again.
pub(super) async fn carry_out(
    run: &Run,
    operator: &dyn OperatorClient,
    batches: &[Batch<'_>],
    ledger: &mut Ledger,
) -> Result<(), Stop> {
    let dry_runs = dry_runs(operator, batches, ledger).await;
    for batch in batches {
        let mut work = Vec::with_capacity(batch.steps.len());
        for step in batch.steps.iter().copied().filter(|step| !ledger.is_foreign(&step.desired.key)) {
            work.push(one(operator, step, dry_runs.get(&step.desired.key)));
        }
        let results: Vec<(&Step, ObjectResult)> =
            stream::iter(work).buffer_unordered(AT_ONCE).collect().await;
        abort_at("applied");
        let stored = ledger.note(results);
        run.ports.storage.record_applied(&run.lease, &stored).await?;
        run.step(SyncStep::Apply, Some(ledger.counts()));
        abort_at("batch");
    }
    Ok(())
}

async fn dry_runs(operator: &dyn OperatorClient, batches: &[Batch<'_>], ledger: &Ledger) -> DryRuns {
    let mut asked = Vec::new();
    for step in batches.iter().flat_map(|batch| batch.steps.iter()) {
        if matches!(step.verdict, Verdict::Look(_)) && !ledger.is_foreign(&step.desired.key) {
            asked.push(dry_run(operator, step));
        }
    }
    stream::iter(asked).buffer_unordered(AT_ONCE).filter_map(std::future::ready).collect().await
}

/// None for an object that was never applied and is not there: its apply tells the same. Whoever may not look is told
/// so by the dry-run.
async fn dry_run(
    operator: &dyn OperatorClient,
    step: &Step,
) -> Option<(ObjectKey, Result<Live, ObjectError>)> {
    let desired = &step.desired;
    let is_new = step.verdict == Verdict::Look(Why::New);
    if is_new && operator.is_absent(desired).await.unwrap_or(false) {
        return None;
    }
    Some((desired.key.clone(), operator.dry_run(desired).await))
}

/// One object: what its dry-run says, what kubectl owned of it before our first apply, then its apply; a CRD is waited
/// for.
async fn one<'step>(
    operator: &dyn OperatorClient,
    step: &'step Step,
    dry_run: Option<&Result<Live, ObjectError>>,
) -> (&'step Step, ObjectResult) {
    (step, apply_one(operator, step, dry_run).await)
}

async fn apply_one(
    operator: &dyn OperatorClient,
    step: &Step,
    dry_run: Option<&Result<Live, ObjectError>>,
) -> ObjectResult {
    let before = match dry_run {
        None => None,
        Some(Err(error)) => return ObjectResult::Refused(error.clone()),
        Some(Ok(live)) => match decide(live) {
            Decision::Apply => Some(live.clone()),
            Decision::Skip(reason) => return ObjectResult::Skipped(reason),
        },
    };
    let is_first = matches!(step.verdict, Verdict::Look(Why::New | Why::Replaced));
    if is_first
        && before.as_ref().is_some_and(|live| live.existed && live.kubectls)
        && let Err(error) = operator.take_over(&step.desired).await
    {
        return ObjectResult::Refused(error);
    }
    let applied = match operator.apply(&step.desired).await {
        Ok(applied) => applied,
        Err(error) => return ObjectResult::Refused(error),
    };
    if step.desired.rank == Rank::Definition
        && let Err(error) = operator.established(&step.desired).await
    {
        return ObjectResult::Refused(error);
    }
    ObjectResult::Applied { before, applied }
}
