//! `complianceStatus.message`: JSON in a text, with a sentence for people and the state for programs.

use catalogue::{Locale, object_reason_sentence, reason_sentence};
use domain::reason::Reason;
use domain::service::{Standing, StandingError};
use serde::Serialize;

/// Its two keys are the agent's, and so is what it says before anything was tried.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Message {
    operator_message: Option<String>,
    cluster_state: Option<ClusterState>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ClusterState {
    revision: Option<String>,
    objects: Counts,
    errors: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Counts {
    total: u32,
    created: u32,
    configured: u32,
    unchanged: u32,
    refused: u32,
    left_out: u32,
}

/// The text.
pub(super) fn message(standing: &Standing) -> String {
    let untried = standing.reason == Reason::WaitingForFirstSync;
    let message = if untried {
        Message { operator_message: None, cluster_state: None }
    } else {
        Message {
            operator_message: Some(reason_sentence(Locale::English, &standing.reason)),
            cluster_state: Some(state(standing)),
        }
    };
    // Texts and numbers only: writing them cannot fail.
    serde_json::to_string(&message).unwrap_or_default()
}

fn state(standing: &Standing) -> ClusterState {
    // no `..`: a new count must be told
    let domain::status::ObjectCounts { total, created, configured, unchanged, refused, left_out } =
        standing.counts;
    let said = standing.detail.iter().cloned();
    ClusterState {
        revision: standing.revision.clone(),
        objects: Counts { total, created, configured, unchanged, refused, left_out },
        errors: said.chain(standing.first_errors.iter().map(error)).collect(),
    }
}

fn error(error: &StandingError) -> String {
    let StandingError { object, reason, detail } = error;
    let sentence = object_reason_sentence(Locale::English, reason);
    match detail {
        Some(detail) => format!("{object}: {sentence} {detail}"),
        None => format!("{object}: {sentence}"),
    }
}
