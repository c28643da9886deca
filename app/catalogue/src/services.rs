//! Why a use case did not do it.

use domain::quota::{PutOff, QuotaReached};
use domain::service::{Conflict, ServiceError};

use crate::reasons::reason_sentence;
use crate::{Locale, field_label, text, time};

/// What happened and what to do next.
pub fn service_error_sentence(locale: Locale, error: &ServiceError) -> String {
    match error {
        ServiceError::Invalid { violations } => {
            text::error_invalid(locale, u32::try_from(violations.0.len()).unwrap_or(u32::MAX))
        }
        ServiceError::Unauthenticated => text::error_unauthenticated(locale).to_owned(),
        ServiceError::NotFound => text::error_not_found(locale).to_owned(),
        ServiceError::Denied => text::error_denied(locale).to_owned(),
        ServiceError::Stale => text::error_stale(locale).to_owned(),
        ServiceError::Conflict { conflict } => conflict_sentence(locale, conflict),
        ServiceError::Busy => text::error_busy(locale).to_owned(),
        ServiceError::Internal { id } => text::error_internal(locale, id),
    }
}

/// What stands in the way.
pub fn conflict_sentence(locale: Locale, conflict: &Conflict) -> String {
    match conflict {
        Conflict::ClusterHasConfigurations { count } => {
            text::conflict_cluster_has_configurations(locale, *count)
        }
        Conflict::ClusterConnectedAlready { name: Some(name) } => {
            text::conflict_cluster_connected_as(locale, name)
        }
        Conflict::ClusterConnectedAlready { name: None } => {
            text::conflict_cluster_connected_already(locale).to_owned()
        }
        Conflict::DraftExpired => text::conflict_draft_expired(locale).to_owned(),
        Conflict::KubeconfigOfAnotherCluster { uid } => {
            text::conflict_kubeconfig_of_another_cluster(locale, uid)
        }
        Conflict::PreflightFailed => text::conflict_preflight_failed(locale).to_owned(),
        Conflict::LinkUsed => text::conflict_link_used(locale).to_owned(),
        Conflict::Suspended => text::conflict_suspended(locale).to_owned(),
        Conflict::ReleasesAtRest => text::conflict_releases_at_rest(locale).to_owned(),
        Conflict::EmbedCodeUsed => text::conflict_embed_code_used(locale).to_owned(),
        Conflict::TooManyParents { max } => text::conflict_too_many_parents(locale, &max.to_string()),
        Conflict::QuotaExceeded { reached } => quota_sentence(locale, reached),
        Conflict::SyncPutOff { put_off } => {
            text::conflict_sync_put_off(locale, put_off.limit, &time::absolute(&put_off.until.iso))
        }
        Conflict::TooManyTokens { max } => text::conflict_too_many_tokens(locale, &max.to_string()),
        Conflict::PlaceNotEmpty => text::conflict_place_not_empty(locale).to_owned(),
        Conflict::Oneself => text::conflict_oneself(locale).to_owned(),
        Conflict::SignsInElsewhere => text::conflict_signs_in_elsewhere(locale).to_owned(),
        Conflict::PlanFailed { reason, detail: None } => reason_sentence(locale, reason),
        Conflict::PlanFailed { reason, detail: Some(detail) } => {
            text::conflict_plan_failed(locale, &reason_sentence(locale, reason), detail)
        }
    }
}

/// Which quota leaves no room, how much of it is used, and who may change it.
pub fn quota_sentence(locale: Locale, reached: &QuotaReached) -> String {
    let QuotaReached { quota, limit, used } = reached;
    let name = field_label(locale, quota.field());
    text::conflict_quota_exceeded(locale, name, &used.to_string(), &limit.to_string())
}

/// When a sync that waits for its turn begins, and why.
pub fn put_off_sentence(locale: Locale, put_off: &PutOff) -> String {
    let PutOff { until, limit } = put_off;
    text::sentence_put_off(locale, &time::absolute(&until.iso), *limit)
}
