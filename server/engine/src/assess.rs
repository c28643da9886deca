//! What a sync means: compliance, level, the one sentence and the counts.

use domain::change::{Action, Change};
use domain::reason::{ObjectReason, Reason};
use domain::status::{Compliance, MessageLevel, ObjectCounts};

use crate::resolve::LeftOut;
use crate::warning::Warning;

/// How many lines of errors, left out objects or warnings are kept: enough to see a pattern, all of them are listed
/// with the resources.
const MAX_DETAIL_LINES: usize = 5;
/// Longest line of them, in characters: an API server's answer may quote a whole manifest.
const MAX_DETAIL_LINE: usize = 300;

/// What a sync that came to its end left behind.
#[derive(Clone, Copy, Debug)]
pub struct Outcome<'sync> {
    /// One per wanted object, the unchanged ones too, and one per object deleted or not to be deleted.
    pub changes: &'sync [Change],
    /// Objects of the load that were not wanted.
    pub left_out: &'sync [LeftOut],
    /// Of load and resolve.
    pub warnings: &'sync [Warning],
    /// Objects that left Git and wait for a person.
    pub prune_waits: usize,
    /// The sync tag that could not be pushed, and what the host said.
    pub tag_not_pushed: Option<(&'sync str, Option<&'sync str>)>,
}

/// The state a sync gives its configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assessment {
    /// In ARM's words.
    pub compliance: Compliance,
    /// How loud.
    pub level: MessageLevel,
    /// The one sentence.
    pub reason: Reason,
    /// The first lines of what stands behind it.
    pub detail: Option<String>,
    /// Of all objects of the load.
    pub counts: ObjectCounts,
}

/// Failed when the API server refused anything; else Installed, with a warning when something is missing.
pub fn assess(outcome: &Outcome<'_>) -> Assessment {
    let counts = counts(outcome);
    let missing = missing(outcome);
    let (compliance, level, reason) = if counts.refused > 0 {
        let reason = Reason::ObjectsRefused { refused: counts.refused, total: counts.total };
        (Compliance::Failed, MessageLevel::Error, reason)
    } else if outcome.prune_waits > 0 {
        // Before what nobody can do anything about: this one wants a person.
        let reason = Reason::PruneWaits { count: count(outcome.prune_waits) };
        (Compliance::Installed, MessageLevel::Warning, reason)
    } else if let Some((tag, _)) = outcome.tag_not_pushed {
        let tag = tag.to_owned();
        (Compliance::Installed, MessageLevel::Warning, Reason::SyncTagNotPushed { tag })
    } else if !missing.is_empty() {
        let reason = Reason::ObjectsLeftOut { count: count(missing.len()) };
        (Compliance::Installed, MessageLevel::Warning, reason)
    } else if counts.total == 0 {
        (Compliance::Installed, MessageLevel::Warning, Reason::NothingToApply)
    } else {
        (Compliance::Installed, MessageLevel::Information, Reason::Installed)
    };
    Assessment { compliance, level, reason, detail: detail(outcome, missing), counts }
}

fn counts(outcome: &Outcome<'_>) -> ObjectCounts {
    let of = |wanted: Action| {
        count(outcome.changes.iter().filter(|change| change.action == wanted && !change.refused()).count())
    };
    ObjectCounts {
        total: count(
            outcome.changes.iter().filter(|change| in_load(change)).count() + outcome.left_out.len(),
        ),
        created: of(Action::Create),
        configured: of(Action::Configure),
        unchanged: of(Action::Unchanged),
        refused: count(outcome.changes.iter().filter(|change| change.refused()).count()),
        left_out: of(Action::Skip).saturating_add(count(outcome.left_out.len())),
    }
}

/// What was deleted is no longer an object of the load; what could not be is something to look at.
fn in_load(change: &Change) -> bool {
    change.action != Action::Delete || change.refused()
}

/// A line for each object that somebody may miss; what Git itself asks to ignore nobody misses.
fn missing(outcome: &Outcome<'_>) -> Vec<String> {
    let left_out =
        outcome.left_out.iter().map(|left| (&left.reason, left.place.as_str(), left.key.to_string()));
    let skipped =
        outcome.changes.iter().filter(|change| change.action == Action::Skip).filter_map(|change| {
            change.reason.as_ref().map(|reason| (reason, change.place.as_str(), change.object.to_string()))
        });
    left_out
        .chain(skipped)
        .filter(|(reason, ..)| **reason != ObjectReason::Ignored)
        .map(|(reason, place, object)| format!("{place}: {object}: {}", words(reason)))
        .collect()
}

/// Errors first, then what the tag's host said, then what is missing, then warnings.
fn detail(outcome: &Outcome<'_>, missing: Vec<String>) -> Option<String> {
    let refused = outcome.changes.iter().filter(|change| change.refused()).map(|change| {
        format!("{}: {}: {}", change.place, change.object, change.detail.as_deref().unwrap_or("refused"))
    });
    let tag = outcome
        .tag_not_pushed
        .map(|(tag, said)| format!("tag {tag}: {}", said.unwrap_or("the host did not take it")));
    let lines: Vec<String> =
        refused.chain(tag).chain(missing).chain(outcome.warnings.iter().map(ToString::to_string)).collect();
    let mut text: Vec<String> = lines.iter().take(MAX_DETAIL_LINES).map(|line| shortened(line)).collect();
    if lines.len() > MAX_DETAIL_LINES {
        text.push(format!("and {} more", lines.len() - MAX_DETAIL_LINES));
    }
    Some(text.join("\n")).filter(|text| !text.is_empty())
}

fn shortened(line: &str) -> String {
    match line.char_indices().nth(MAX_DETAIL_LINE) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

fn words(reason: &ObjectReason) -> String {
    match reason {
        ObjectReason::UnknownKind => "the cluster does not serve this kind".to_owned(),
        ObjectReason::GroupUnavailable { group } => format!("the API group {group} does not answer"),
        ObjectReason::ForeignNamespace { allowed } => format!("the operator works in {allowed} only"),
        ObjectReason::ClusterScoped => "the operator works in its own namespace only".to_owned(),
        ObjectReason::OperatorObject => "the operator itself works with this object".to_owned(),
        ObjectReason::EarlierStageFailed => "its namespace or definition was not applied".to_owned(),
        ObjectReason::ManagedByOther { .. }
        | ObjectReason::Ignored
        | ObjectReason::Replaced
        | ObjectReason::NotMarked
        | ObjectReason::Owned
        | ObjectReason::Terminating
        | ObjectReason::Forbidden
        | ObjectReason::Invalid
        | ObjectReason::AdmissionRefused
        | ObjectReason::NamespaceTerminating
        | ObjectReason::Unavailable
        | ObjectReason::NotEstablished
        | ObjectReason::Refused => "not applied".to_owned(),
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
