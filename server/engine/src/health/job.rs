//! Job and `CronJob`.

use super::view::View;
use super::{Judgement, degraded, healthy, progressing, suspended};

/// A Job that runs does what its spec says; it is not waited for.
pub(super) fn job(object: View<'_>) -> Judgement {
    let condition = |name| object.condition(name).filter(|condition| condition.is_true());
    if let Some(failed) = condition("Failed") {
        return degraded(failed.words("the job failed"));
    }
    if condition("Complete").is_some() {
        return healthy();
    }
    if object.is_true("/spec/suspend") {
        return suspended("the job is suspended");
    }
    if object.text("/status/startTime").is_none() {
        return progressing("the job has not started yet");
    }
    healthy()
}

pub(super) fn cron_job(object: View<'_>) -> Judgement {
    if object.is_true("/spec/suspend") { suspended("the cron job is suspended") } else { healthy() }
}
