//! `HelmRelease` of the Flux Helm operator v1.

use super::view::View;
use super::{Judgement, degraded, healthy, progressing};

/// Conditions whose being false is the end of an attempt, in the order of a release.
const STEPS: [&str; 4] = ["ChartFetched", "Deployed", "Tested", "Released"];

pub(super) fn helm_release(object: View<'_>) -> Judgement {
    let released = object.condition("Released");
    if let Some(rolled_back) = object.condition("RolledBack").filter(|back| back.is_true()) {
        return degraded(rolled_back.words("rolled back"));
    }
    // An ignored failure of the tests leaves Released true.
    if released.is_some_and(super::view::Condition::is_true) {
        return healthy();
    }
    for step in STEPS {
        if let Some(failed) = object.condition(step).filter(|condition| condition.is_false()) {
            return degraded(failed.words("the release failed"));
        }
    }
    progressing(object.text("/status/phase").unwrap_or("not released yet"))
}
