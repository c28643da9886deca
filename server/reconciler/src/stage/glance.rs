//! A look at Git alone: when nothing else is wanted, an unchanged branch costs one question to its host, and a
//! revision that does not touch this configuration's files costs the comparison of a few object ids.

use domain::status::{Compliance, ConfigurationStatus};
use storage::RunRecord;

use super::fetch::{Fetched, open, resolve};
use super::load;
use super::record::next_look;
use super::tag::{self, Tagged};
use crate::run::{Run, Stop};

/// What a look at Git told.
pub(crate) enum Glance {
    /// Nothing is left to do; the next look is noted.
    Done,
    /// The run goes on, with what was fetched on the way.
    Run(Option<Box<Fetched>>),
}

/// Skipped whenever anything but the branch may have changed: a new spec, a wish, a failure, drift, or the
/// time of a whole run has come.
pub(crate) async fn glance(run: &Run) -> Result<Glance, Stop> {
    if run.whole || !branch_alone_decides(run) {
        return Ok(Glance::Run(None));
    }
    let (request, revision) = resolve(run).await?;
    if run.work.status.revision.as_deref() == Some(revision.as_str()) {
        look_again_later(run).await?;
        return Ok(Glance::Done);
    }
    let fetched = open(run, request, revision).await?;
    if !same_files(run, &fetched).await? {
        return Ok(Glance::Run(Some(Box::new(fetched))));
    }
    let tagged = tag::tag(run, &fetched).await?;
    if tagged.failure.is_some() {
        // A whole run tries once more and says it.
        return Ok(Glance::Run(Some(Box::new(fetched))));
    }
    move_revision(run, &fetched, tagged).await?;
    Ok(Glance::Done)
}

fn branch_alone_decides(run: &Run) -> bool {
    let status = &run.work.status;
    let settled = status.observed_generation == run.work.generation
        && status.compliance == Compliance::Installed
        && run.work.failures == 0;
    let now = run.ports.clock.now();
    settled && status.last_sync.is_some_and(|last| next_look(run, now, last) > now)
}

/// Whether everything this configuration reads is the same object in Git.
async fn same_files(run: &Run, fetched: &Fetched) -> Result<bool, Stop> {
    let tree_id = load::tree_id(&run.ports, &run.work, fetched).await?;
    Ok(run.work.tree_id.as_ref() == Some(&tree_id))
}

async fn look_again_later(run: &Run) -> Result<(), Stop> {
    let last = run.work.status.last_sync.unwrap_or(run.started_at);
    let next = next_look(run, run.ports.clock.now(), last);
    Ok(run.ports.storage.postpone(&run.lease, next).await?)
}

/// The objects are those of the new revision too: it is the one shown from now on.
async fn move_revision(run: &Run, fetched: &Fetched, tagged: Tagged) -> Result<(), Stop> {
    let subject = fetched.tree.subject();
    let now = run.ports.clock.now();
    let status = ConfigurationStatus {
        revision: Some(fetched.revision.to_string()),
        revision_subject: Some(subject).filter(|subject| !subject.is_empty()),
        ..run.work.status.clone()
    };
    let record = RunRecord {
        generation: run.work.generation,
        tree_id: run.work.tree_id.clone(),
        left_out: None,
        inventory: None,
        basis: None,
        proven_revision: None,
        tagged: tagged.mark,
        prune_lists: None,
        releases: None,
        change_set: None,
        next_due_at: next_look(run, now, status.last_sync.unwrap_or(now)),
        failures: 0,
        status,
    };
    Ok(run.ports.storage.record(&run.lease, &record).await?)
}
