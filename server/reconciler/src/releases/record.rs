//! Writes down how a release stands: the object's status, and the row.

use domain::clock::Timestamp;
use domain::object::ObjectKey;
use domain::release::{ReleaseKey, ReleaseState, ReleasedChart};
use engine::helm::status::{Event, Phase, ReleaseStatus};
use engine::port::release::{HELM_RELEASE_GROUP, HELM_RELEASE_KIND};
use serde_json::Value;
use storage::{ReleaseRecord, ReleaseWork, StorageError};

use super::look::{Fault, words};
use super::pass::Pass;
use crate::backoff::delay_milliseconds;
use crate::run::{Ports, Stop};

/// How a look ended.
pub(super) enum End {
    /// There is nothing to tell.
    Postponed,
    /// The state says it.
    Recorded {
        /// What the chart tells whoever installs it.
        notes: Option<String>,
    },
    /// There is no release any more.
    Forgotten,
}

/// Looks begin at most so much earlier to begin together.
const GRID_MILLISECONDS_MAX: i64 = 30_000;

/// While a cluster does not answer.
const PAUSE_MILLISECONDS: i64 = 30_000;

/// Changes the stored status.
pub(super) fn status_of(state: &mut ReleaseState, change: impl FnOnce(&mut ReleaseStatus)) {
    let mut status: ReleaseStatus = serde_json::from_value(state.status.clone()).unwrap_or_default();
    change(&mut status);
    state.status = serde_json::to_value(status).unwrap_or_default();
}

/// This chart is the one that is released now.
pub(super) fn released(state: &mut ReleaseState, chart: &ReleasedChart, helm_status: &str) {
    status_of(state, |status| {
        status.revision.clone_from(&chart.revision);
        helm_status.clone_into(&mut status.release_status);
    });
}

/// The release is in this phase: told to the open pages and to the object.
pub(super) async fn enter(
    pass: &Pass,
    work: &ReleaseWork,
    state: &mut ReleaseState,
    phase: Phase,
    fault: Option<&str>,
    tests_ignored: bool,
) -> Result<(), Fault> {
    let at = rfc3339(pass.ports.clock.now());
    let (release, namespace) = (state.release_name.clone(), state.target_namespace.clone());
    let mut sentence = None;
    status_of(state, |status| {
        let event = Event { release: &release, namespace: &namespace, fault, tests_ignored, at: &at };
        status.enter(phase, &event);
        sentence = status.message("Released").map(str::to_owned);
    });
    if fault.is_none() && phase == Phase::Succeeded {
        state.message = sentence.unwrap_or_default();
    }
    pass.ports.storage.record_release_phase(&work.lease, phase.as_str()).await?;
    tell(pass, work, state).await;
    Ok(())
}

/// The status of the object. That it cannot be written ends nothing: our own record has it.
async fn tell(pass: &Pass, work: &ReleaseWork, state: &ReleaseState) {
    let key = &work.lease.key;
    if pass.object(key).is_none() {
        return;
    }
    if let Err(error) = pass.client.write_status(&object(key), &state.status).await {
        tracing::warn!(
            configuration.id = %pass.configuration.id,
            "the status of HelmRelease {key} cannot be written: {error}"
        );
    }
}

/// A look that ended early: the state says why, and the attempt is not forgotten.
pub(super) async fn failed(
    pass: &Pass,
    work: &ReleaseWork,
    state: &mut ReleaseState,
    phase: Phase,
    message: &str,
) -> End {
    let unchanged = state.failed && state.message == message && state.phase() == phase.as_str();
    state.failed = true;
    message.clone_into(&mut state.message);
    if unchanged {
        return End::Recorded { notes: None };
    }
    tracing::info!(
        configuration.id = %pass.configuration.id,
        "HelmRelease {} failed: {message}", work.lease.key
    );
    // A lost lease is told by the record that follows.
    let _ = enter(pass, work, state, phase, Some(message), false).await;
    End::Recorded { notes: None }
}

/// The end of a look.
pub(super) async fn record(
    pass: &Pass,
    work: &ReleaseWork,
    state: ReleaseState,
    end: End,
) -> Result<(), StorageError> {
    let storage = &pass.ports.storage;
    let now = pass.ports.clock.now();
    let interval = milliseconds(pass.options.charts_sync_interval.as_secs());
    match end {
        End::Forgotten => storage.forget_release(&work.lease).await,
        End::Postponed => storage.postpone_release(&work.lease, together(now, interval)).await,
        End::Recorded { notes } => {
            condition_gauge(&state);
            let failures = if state.failed { work.failures.saturating_add(1) } else { 0 };
            let next_due_at = if state.failed {
                now.plus_milliseconds(delay_milliseconds(failures, 0.5).min(interval))
            } else {
                together(now, interval)
            };
            let record = ReleaseRecord { state, notes, next_due_at, failures };
            storage.record_release(&work.lease, &record).await
        }
    }
}

/// Nothing could be looked at: where that says something about the releases, each of them tells it.
pub(super) async fn stopped(ports: &Ports, claimed: &[ReleaseWork], stop: &Stop) -> Result<(), StorageError> {
    let next_due_at = ports.clock.now().plus_milliseconds(PAUSE_MILLISECONDS);
    for work in claimed {
        match words(stop) {
            Some(message) if !(work.state.failed && work.state.message == message) => {
                let state = ReleaseState { failed: true, message, ..work.state.clone() };
                let failures = work.failures.saturating_add(1);
                let record = ReleaseRecord { state, notes: None, next_due_at, failures };
                ports.storage.record_release(&work.lease, &record).await?;
            }
            _ => ports.storage.postpone_release(&work.lease, next_due_at).await?,
        }
    }
    Ok(())
}

/// The Helm operator's own metric: -1 false, 0 unknown, 1 true.
fn condition_gauge(state: &ReleaseState) {
    let conditions = state.status.get("conditions").and_then(Value::as_array);
    for condition in conditions.into_iter().flatten() {
        let text = |name: &str| condition.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let value = match text("status").as_str() {
            "True" => 1.0,
            "False" => -1.0,
            _ => 0.0,
        };
        metrics::gauge!(
            "flux_helm_operator_release_condition_info",
            "target_namespace" => state.target_namespace.clone(),
            "release_name" => state.release_name.clone(),
            "condition" => text("type")
        )
        .set(value);
    }
}

/// The next look after an interval, at a moment that others share: what all releases of a configuration need is read
/// once for those that are due together.
fn together(now: Timestamp, interval: i64) -> Timestamp {
    let grid = (interval / 5).clamp(1, GRID_MILLISECONDS_MAX);
    let due = now.0.saturating_add(interval);
    Timestamp(due.saturating_sub(due.rem_euclid(grid)).max(now.0.saturating_add(1)))
}

fn object(key: &ReleaseKey) -> ObjectKey {
    ObjectKey {
        group: HELM_RELEASE_GROUP.to_owned(),
        kind: HELM_RELEASE_KIND.to_owned(),
        namespace: Some(key.namespace.clone()),
        name: key.name.clone(),
    }
}

fn milliseconds(seconds: u64) -> i64 {
    i64::try_from(seconds.saturating_mul(1000)).unwrap_or(i64::MAX)
}

fn rfc3339(at: Timestamp) -> String {
    let second = jiff::Timestamp::from_second(at.0.div_euclid(1000)).unwrap_or_default();
    second.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_that_ended_apart_are_due_together_and_never_at_once() {
        let due = |now, interval| together(Timestamp(now), interval).0;
        assert_eq!((due(1_000, 20_000), due(2_900, 20_000)), (20_000, 20_000));
        assert_eq!((due(100_000, 180_000), due(119_000, 180_000)), (270_000, 270_000));
        assert!(due(1_000, 1_000) > 1_000);
    }
}
