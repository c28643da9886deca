//! The one sentence about a configuration.

use domain::reason::Reason;
use domain::service::ConfigurationState;
use domain::status::{Compliance, SyncStep};

use crate::services::put_off_sentence;
use crate::{Locale, text, time};

/// How long a revision is for people.
const SHORT_REVISION: usize = 7;

/// The sentence above everything: how the configuration stands now and, if it is not all right, what to do.
/// `now` is in milliseconds since the epoch.
pub fn state_sentence(locale: Locale, state: &ConfigurationState, branch: &str, now: i64) -> String {
    if state.deleting {
        return text::sentence_deleting(locale).to_owned();
    }
    if let Some(since) = &state.offline_since
        && !is_kept_from_the_cluster(&state.reason)
    {
        return text::sentence_offline(locale, &time::absolute(&since.iso));
    }
    if let (Some(since), None) = (&state.suspended_since, state.syncing) {
        return text::sentence_suspended(locale, &time::absolute(&since.iso));
    }
    if let Some(step) = state.syncing {
        return syncing_sentence(locale, step, state);
    }
    if let Some(put_off) = &state.put_off {
        let waits = put_off_sentence(locale, put_off);
        // What failed is still so, and somebody has to do something about it.
        return match state.compliance {
            Compliance::Failed => format!("{} {waits}", reason_sentence(locale, &state.reason)),
            _ => waits,
        };
    }
    if state.compliance == Compliance::Installed
        && state.reason == Reason::Installed
        && let (Some(revision), Some(last_sync)) = (&state.revision, &state.last_sync)
    {
        let age = time::age(locale, now - last_sync.at.0);
        return text::sentence_installed(locale, short(revision), branch, state.counts.total, &age);
    }
    reason_sentence(locale, &state.reason)
}

/// The cluster was not even asked, or is not the one that is meant: waiting for its answer would be in vain.
fn is_kept_from_the_cluster(reason: &Reason) -> bool {
    matches!(
        reason,
        Reason::ClusterAddressRefused
            | Reason::ClusterAddressNotListed
            | Reason::ClusterCredentialUnreadable
            | Reason::ClusterReplaced
    )
}

fn syncing_sentence(locale: Locale, step: SyncStep, state: &ConfigurationState) -> String {
    match step {
        SyncStep::Prepare => text::sentence_syncing_prepare(locale).to_owned(),
        SyncStep::Fetch => text::sentence_syncing_fetch(locale).to_owned(),
        SyncStep::Read => text::sentence_syncing_read(locale).to_owned(),
        SyncStep::Compare => text::sentence_syncing_compare(locale).to_owned(),
        SyncStep::Apply => text::sentence_syncing_apply(locale, state.counts.total),
        SyncStep::Prune => text::sentence_syncing_prune(locale).to_owned(),
        SyncStep::Tag => text::sentence_syncing_tag(locale).to_owned(),
        SyncStep::Record => text::sentence_syncing_record(locale).to_owned(),
    }
}

/// The sentence of a recorded reason, with what to do next.
pub fn reason_sentence(locale: Locale, reason: &Reason) -> String {
    match reason {
        Reason::WaitingForFirstSync => text::reason_waiting_for_first_sync(locale).to_owned(),
        Reason::Installed => text::reason_installed(locale).to_owned(),
        Reason::SyncTagNotPushed { tag } => text::reason_sync_tag_not_pushed(locale, tag),
        Reason::ReleasesFailed { failed, total } => {
            text::reason_releases_failed(locale, *failed, &total.to_string())
        }
        Reason::ObjectsLeftOut { count } => text::reason_objects_left_out(locale, *count),
        Reason::PruneWaits { count } => text::reason_prune_waits(locale, *count),
        Reason::NothingToApply => text::reason_nothing_to_apply(locale).to_owned(),
        Reason::ObjectsRefused { refused, total } => {
            text::reason_objects_refused(locale, &refused.to_string(), *total)
        }
        Reason::RepositoryUnreachable => text::reason_repository_unreachable(locale).to_owned(),
        Reason::RepositoryAddressRefused => text::reason_repository_address_refused(locale).to_owned(),
        Reason::RepositoryAddressNotListed => text::reason_repository_address_not_listed(locale).to_owned(),
        Reason::RepositoryNotFound => text::reason_repository_not_found(locale).to_owned(),
        Reason::RepositoryNotGit => text::reason_repository_not_git(locale).to_owned(),
        Reason::RepositoryCredentialRefused => text::reason_repository_credential_refused(locale).to_owned(),
        Reason::RepositoryKeyNotAccepted => text::reason_repository_key_not_accepted(locale).to_owned(),
        Reason::RepositoryUserNotAccepted => text::reason_repository_user_not_accepted(locale).to_owned(),
        Reason::RepositoryCredentialUnreadable => {
            text::reason_repository_credential_unreadable(locale).to_owned()
        }
        Reason::RepositoryHostKeyUnknown { host, fingerprint, key: _ } => {
            text::reason_repository_host_key_unknown(locale, host, fingerprint)
        }
        Reason::RepositoryHostKeyChanged { host, expected, fingerprint, key: _ } => {
            text::reason_repository_host_key_changed(locale, host, expected, fingerprint)
        }
        Reason::RepositoryEmpty => text::reason_repository_empty(locale).to_owned(),
        Reason::BranchMissing { branch } => text::reason_branch_missing(locale, branch),
        Reason::PathMissing { path } => text::reason_path_missing(locale, path),
        Reason::RepositoryLimit => text::reason_repository_limit(locale).to_owned(),
        Reason::RepositoryQuota { mebibytes } => {
            text::reason_repository_quota(locale, &mebibytes.to_string())
        }
        Reason::RepositoryDamaged => text::reason_repository_damaged(locale).to_owned(),
        Reason::ManifestInvalid { file, line: Some(line) } => {
            text::reason_manifest_invalid_line(locale, file, &line.to_string())
        }
        Reason::ManifestInvalid { file, line: None } => text::reason_manifest_invalid(locale, file),
        Reason::DuplicateObject { object, first, second } => {
            text::reason_duplicate_object(locale, object, first, second)
        }
        Reason::LinkLeavesRepository { path } => text::reason_link_leaves_repository(locale, path),
        Reason::LoadLimit { limit } => text::reason_load_limit(locale, limit),
        Reason::ObjectQuota { count, limit } => {
            text::reason_object_quota(locale, &count.to_string(), &limit.to_string())
        }
        Reason::GenerationRefused { file, command } => text::reason_generation_refused(locale, command, file),
        Reason::GenerationFailed { file, command } => text::reason_generation_failed(locale, command, file),
        Reason::GenerationNotIsolated { file, command } => {
            text::reason_generation_not_isolated(locale, command, file)
        }
        Reason::ClusterUnreachable => text::reason_cluster_unreachable(locale).to_owned(),
        Reason::ClusterAddressRefused => text::reason_cluster_address_refused(locale).to_owned(),
        Reason::ClusterAddressNotListed => text::reason_cluster_address_not_listed(locale).to_owned(),
        Reason::ClusterCredentialRefused => text::reason_cluster_credential_refused(locale).to_owned(),
        Reason::ClusterCredentialExpired => text::reason_cluster_credential_expired(locale).to_owned(),
        Reason::ClusterCredentialUnreadable => text::reason_cluster_credential_unreadable(locale).to_owned(),
        Reason::ClusterReplaced => text::reason_cluster_replaced(locale).to_owned(),
        Reason::ProvisionDenied => text::reason_provision_denied(locale).to_owned(),
        Reason::ProvisionFailed => text::reason_provision_failed(locale).to_owned(),
        Reason::OperatorDenied => text::reason_operator_denied(locale).to_owned(),
        Reason::DiscoveryFailed => text::reason_discovery_failed(locale).to_owned(),
        Reason::ManagedElsewhere => text::reason_managed_elsewhere(locale).to_owned(),
        Reason::ConfigurationUnreadable { id } => text::reason_configuration_unreadable(locale, id),
        Reason::Internal { id } => text::reason_internal(locale, id),
    }
}

/// The first digits of a commit id.
fn short(revision: &str) -> &str {
    revision.get(..SHORT_REVISION).unwrap_or(revision)
}
