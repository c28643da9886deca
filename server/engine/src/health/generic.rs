//! Rules for every kind.

use super::view::View;
use super::{Judgement, degraded, healthy, progressing};

/// What can be said of any object before its kind is asked.
pub(super) fn judge(object: View<'_>) -> Option<Judgement> {
    if object.text("/metadata/deletionTimestamp").is_some() {
        return Some(progressing("is being deleted"));
    }
    let generations = object.number("/metadata/generation").zip(object.number("/status/observedGeneration"));
    if let Some((generation, observed)) = generations
        && observed != generation
    {
        return Some(progressing(format!("generation {generation} is not observed yet, only {observed}")));
    }
    let condition = |name| object.condition(name).filter(|condition| condition.is_true());
    if let Some(stalled) = condition("Stalled") {
        return Some(degraded(stalled.words("stalled")));
    }
    condition("Reconciling").map(|reconciling| progressing(reconciling.words("being reconciled")))
}

/// Kinds without rules of their own: healthy unless a condition says otherwise.
pub(super) fn by_conditions(object: View<'_>) -> Judgement {
    if let Some(failed) = object.condition("Failed").filter(|failed| failed.is_true()) {
        return degraded(failed.words("failed"));
    }
    for name in ["Ready", "Available"] {
        if let Some(condition) = object.condition(name) {
            return if condition.is_true() {
                healthy()
            } else {
                progressing(condition.words("not ready yet"))
            };
        }
    }
    healthy()
}
