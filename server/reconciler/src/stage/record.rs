//! Writes down how it stands: status, inventory and history in one transaction, refused when the lease is lost.

use domain::change::{Action, Change, ChangeSet};
use domain::clock::Timestamp;
use domain::reason::Reason;
use domain::release::ReleaseKey;
use domain::status::{Compliance, ConfigurationStatus, MessageLevel, SyncStep};
use engine::assess::Assessment;
use engine::port::release::{HELM_RELEASE_GROUP, HELM_RELEASE_KIND};
use storage::{FollowedReleases, InventoryItem, LeftOut, NewChangeSet, RunRecord, StorageError};

use super::apply::Applied;
use super::fetch::Fetched;
use super::prune::Pruned;
use super::tag::Tagged;
use crate::backoff::delay_milliseconds;
use crate::run::{Run, Stop};

/// A run that came to its end, whatever its objects say.
pub(crate) async fn record(
    run: &Run,
    source: &Fetched,
    applied: Applied,
    pruned: Pruned,
    tagged: Tagged,
    assessment: Assessment,
) -> Result<(), Stop> {
    run.step(SyncStep::Record, None);
    let now = run.ports.clock.now();
    let wrote = applied.changes.iter().any(written);
    let before = &run.work.status;
    let failed = assessment.compliance == Compliance::Failed;
    let status = ConfigurationStatus {
        observed_generation: run.work.generation,
        compliance: assessment.compliance,
        level: assessment.level,
        reason: assessment.reason,
        detail: assessment.detail,
        revision: Some(source.revision.to_string()),
        revision_subject: Some(applied.subject).filter(|subject| !subject.is_empty()),
        last_config_applied: if wrote { Some(now) } else { before.last_config_applied.or(Some(now)) },
        last_sync: Some(now),
        syncing: None,
        counts: assessment.counts,
    };
    let failures = if failed { run.work.failures.saturating_add(1) } else { 0 };
    let releases = followed_releases(run, &applied.changes);
    let remember = wrote || tells_something_new(before, &status);
    let record = RunRecord {
        generation: run.work.generation,
        tree_id: Some(applied.tree_id),
        left_out: Some(left_out(&applied.changes, &applied.inventory, applied.left_out)),
        inventory: Some(applied.inventory),
        basis: Some(pruned.basis),
        proven_revision: pruned.proven.then(|| source.revision.to_string()),
        tagged: tagged.mark,
        prune_lists: pruned.lists,
        releases: Some(releases),
        change_set: remember.then(|| change_set(run, &status, applied.changes)),
        next_due_at: if failed { retry_at(run, now, failures) } else { next_look(run, now, now) },
        failures,
        status,
    };
    Ok(run.ports.storage.record(&run.lease, &record).await?)
}

/// A run that ended early. What was applied and is known stays as it is.
pub(crate) async fn failure(
    run: &Run,
    reason: Reason,
    detail: Option<String>,
    revision: Option<String>,
) -> Result<(), StorageError> {
    let now = run.ports.clock.now();
    let failures = run.work.failures.saturating_add(1);
    let before = &run.work.status;
    tracing::info!(
        configuration.id = %run.id(),
        reason = ?reason,
        detail = detail.as_deref().unwrap_or_default(),
        revision = revision.as_deref().unwrap_or_default(),
        "a sync of configuration {} ended early: {reason:?}",
        run.id()
    );
    if reason == Reason::ProvisionDenied {
        tell_what_is_missing(run).await?;
    }
    let status = after_failure(run, before, reason, detail, now);
    let remember = tells_something_new(before, &status);
    let record = RunRecord {
        generation: run.work.generation,
        tree_id: run.work.tree_id.clone(),
        left_out: None,
        inventory: None,
        basis: None,
        proven_revision: None,
        tagged: None,
        prune_lists: None,
        releases: None,
        change_set: remember.then(|| change_set(run, &status, Vec::new())),
        next_due_at: if awaits_host(&status.reason) {
            look_at(run, now, failures)
        } else {
            retry_at(run, now, failures)
        },
        failures,
        status,
    };
    run.ports.storage.record(&run.lease, &record).await
}

/// The API server refused the kubeconfig's identity: the cluster's page shows which rights are missing now. Asked
/// here alone, never in a sync that works.
async fn tell_what_is_missing(run: &Run) -> Result<(), StorageError> {
    match run.ports.clusters.preflight(run.work.cluster).await {
        Some(preflight) => run.ports.storage.set_preflight(run.work.cluster, &preflight).await,
        None => Ok(()),
    }
}

/// An offline cluster says nothing about the configuration: the last state stands, with its age. Before the
/// first sync there is none, and it is still pending. Everything else is a failure of this very spec.
fn after_failure(
    run: &Run,
    before: &ConfigurationStatus,
    reason: Reason,
    detail: Option<String>,
    now: Timestamp,
) -> ConfigurationStatus {
    let End { compliance, level, observed } = match standing(&reason, before, run.work.generation) {
        Standing::AsBefore => return before.clone(),
        Standing::Ended(end) => end,
    };
    ConfigurationStatus {
        observed_generation: if observed { run.work.generation } else { before.observed_generation },
        compliance,
        level,
        reason,
        detail,
        last_sync: Some(now),
        syncing: None,
        ..before.clone()
    }
}

/// What an early end means.
#[derive(Debug, PartialEq, Eq)]
enum Standing {
    /// Nothing about the configuration: what was said stands, with its age.
    AsBefore,
    Ended(End),
}

#[derive(Debug, PartialEq, Eq)]
struct End {
    compliance: Compliance,
    level: MessageLevel,
    /// Whether it says something of this very spec.
    observed: bool,
}

/// Pure: an offline cluster says nothing once this generation was synced; before, the configuration is pending. So it
/// is while the host of the repository has never taken its credential. Everything else failed.
fn standing(reason: &Reason, before: &ConfigurationStatus, generation: i64) -> Standing {
    let waits = matches!(
        reason,
        Reason::ClusterUnreachable | Reason::ClusterAddressRefused | Reason::ClusterAddressNotListed
    );
    if waits && before.observed_generation == generation {
        return Standing::AsBefore;
    }
    let (compliance, level) = if waits || awaits_host(reason) {
        (Compliance::Pending, MessageLevel::Warning)
    } else {
        (Compliance::Failed, MessageLevel::Error)
    };
    Standing::Ended(End { compliance, level, observed: !waits })
}

/// The host has to be told to take the credential: nothing is wrong with what was asked for.
fn awaits_host(reason: &Reason) -> bool {
    matches!(reason, Reason::RepositoryKeyNotAccepted | Reason::RepositoryUserNotAccepted)
}

/// Whoever has just added a key to a host is watching.
const LOOK_AGAIN_MILLISECONDS: i64 = 30_000;

fn look_at(run: &Run, now: Timestamp, failures: u32) -> Timestamp {
    retry_at(run, now, failures).min(now.plus_milliseconds(LOOK_AGAIN_MILLISECONDS))
}

/// Whether the history would show more than the entry before it.
fn tells_something_new(before: &ConfigurationStatus, after: &ConfigurationStatus) -> bool {
    (before.compliance, &before.reason, &before.revision)
        != (after.compliance, &after.reason, &after.revision)
}

fn written(change: &Change) -> bool {
    matches!(change.action, Action::Create | Action::Configure | Action::Delete) && change.reason.is_none()
}

/// Releases of objects that were written are looked at at once.
fn followed_releases(run: &Run, changes: &[Change]) -> FollowedReleases {
    let written = changes
        .iter()
        .filter(|change| written(change) && change.action != Action::Delete)
        .filter(|change| change.object.group == HELM_RELEASE_GROUP && change.object.kind == HELM_RELEASE_KIND)
        .filter_map(|change| {
            let namespace = change.object.namespace.clone()?;
            Some(ReleaseKey { namespace, name: change.object.name.clone() })
        });
    FollowedReleases { switched_on: run.work.spec.helm_operator.is_some(), written: written.collect() }
}

fn change_set(run: &Run, status: &ConfigurationStatus, changes: Vec<Change>) -> NewChangeSet {
    let revision = status.revision.as_deref().unwrap_or("none");
    let changes =
        changes.into_iter().filter(|change| change.action != Action::Unchanged || change.reason.is_some());
    NewChangeSet {
        run_key: format!("generation {} revision {revision}", run.work.generation),
        started_at: run.started_at,
        change_set: ChangeSet { changes: changes.collect() },
    }
}

/// What the load had and the inventory has not: left out by its scope or kind, ignored, or another's.
fn left_out(
    changes: &[Change],
    inventory: &[InventoryItem],
    resolved: Vec<engine::resolve::LeftOut>,
) -> Vec<LeftOut> {
    let owned: std::collections::BTreeSet<_> = inventory.iter().map(|item| &item.object).collect();
    let others = changes.iter().filter(|change| !owned.contains(&change.object)).filter_map(|change| {
        Some(LeftOut {
            object: change.object.clone(),
            place: change.place.clone(),
            reason: change.reason.clone()?,
            detail: change.detail.clone(),
        })
    });
    let resolved = resolved.into_iter().map(|left| LeftOut {
        object: left.key,
        place: left.place,
        reason: left.reason,
        detail: None,
    });
    resolved.chain(others).collect()
}

/// The next look at the branch, or the next whole run, whichever is sooner.
pub(crate) fn next_look(run: &Run, now: Timestamp, last_whole_run: Timestamp) -> Timestamp {
    let flags = run.work.spec.operator_params.flags();
    let poll = now.plus_milliseconds(milliseconds(flags.git_poll_interval_seconds));
    let resync = last_whole_run.plus_milliseconds(milliseconds(flags.sync_interval_seconds));
    poll.min(resync)
}

/// A failed run is tried again later and later, but never later than a poll would look anyway.
fn retry_at(run: &Run, now: Timestamp, failures: u32) -> Timestamp {
    now.plus_milliseconds(delay_milliseconds(failures, random())).min(now.plus_milliseconds(milliseconds(
        run.work.spec.operator_params.flags().git_poll_interval_seconds.max(LEAST_RETRY_SECONDS),
    )))
}

/// A poll interval of a few seconds does not make failures hammer a host.
const LEAST_RETRY_SECONDS: u64 = 60;

fn milliseconds(seconds: u64) -> i64 {
    i64::try_from(seconds.saturating_mul(1000)).unwrap_or(i64::MAX)
}

/// Between 0 and 1; one half when the system has no randomness to give.
fn random() -> f64 {
    let mut bytes = [0_u8; 4];
    if getrandom::fill(&mut bytes).is_err() {
        return 0.5;
    }
    f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(compliance: Compliance, level: MessageLevel, observed: bool) -> Standing {
        Standing::Ended(End { compliance, level, observed })
    }

    /// What ends a sync early, row by row. What a sync that comes to its end means is the engine's table (`assess`).
    #[test]
    fn every_early_end_has_its_compliance() {
        let pending = || ended(Compliance::Pending, MessageLevel::Warning, true);
        let failed = || ended(Compliance::Failed, MessageLevel::Error, true);
        let offline = || ended(Compliance::Pending, MessageLevel::Warning, false);
        let text = String::new;
        let unknown = Reason::RepositoryHostKeyUnknown { host: text(), fingerprint: text(), key: text() };
        let changed = Reason::RepositoryHostKeyChanged {
            host: text(),
            expected: text(),
            fingerprint: text(),
            key: text(),
        };
        // (what ended it, before the first sync of the generation, after it)
        let table = [
            (Reason::ClusterUnreachable, offline(), Standing::AsBefore),
            (Reason::ClusterAddressRefused, offline(), Standing::AsBefore),
            (Reason::ClusterAddressNotListed, offline(), Standing::AsBefore),
            (Reason::RepositoryAddressNotListed, failed(), failed()),
            (Reason::RepositoryKeyNotAccepted, pending(), pending()),
            (Reason::RepositoryUserNotAccepted, pending(), pending()),
            (Reason::RepositoryCredentialRefused, failed(), failed()),
            (Reason::RepositoryCredentialUnreadable, failed(), failed()),
            (unknown, failed(), failed()),
            (changed, failed(), failed()),
            (Reason::RepositoryUnreachable, failed(), failed()),
            (Reason::RepositoryNotFound, failed(), failed()),
            (Reason::RepositoryEmpty, failed(), failed()),
            (Reason::BranchMissing { branch: text() }, failed(), failed()),
            (Reason::PathMissing { path: text() }, failed(), failed()),
            (Reason::ManifestInvalid { file: text(), line: None }, failed(), failed()),
            (Reason::DuplicateObject { object: text(), first: text(), second: text() }, failed(), failed()),
            (Reason::LoadLimit { limit: text() }, failed(), failed()),
            (Reason::ObjectQuota { count: 2, limit: 1 }, failed(), failed()),
            (Reason::RepositoryQuota { mebibytes: 1 }, failed(), failed()),
            (Reason::ClusterCredentialRefused, failed(), failed()),
            (Reason::ClusterCredentialExpired, failed(), failed()),
            (Reason::ClusterReplaced, failed(), failed()),
            (Reason::ProvisionDenied, failed(), failed()),
            (Reason::ProvisionFailed, failed(), failed()),
            (Reason::OperatorDenied, failed(), failed()),
            (Reason::DiscoveryFailed, failed(), failed()),
            (Reason::ManagedElsewhere, failed(), failed()),
            (Reason::Internal { id: text() }, failed(), failed()),
        ];
        let never = ConfigurationStatus::fresh();
        let synced = ConfigurationStatus {
            observed_generation: 1,
            compliance: Compliance::Installed,
            reason: Reason::Installed,
            ..ConfigurationStatus::fresh()
        };
        for (reason, before, after) in table {
            assert_eq!(standing(&reason, &never, 1), before, "{reason:?} before the first sync");
            assert_eq!(standing(&reason, &synced, 1), after, "{reason:?} after it");
            assert_eq!(standing(&reason, &synced, 2), before, "{reason:?} with another spec");
        }
    }
}
