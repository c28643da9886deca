//! `PodDisruptionBudget`.

use super::view::View;
use super::{Judgement, healthy, progressing};

pub(super) fn disruption_budget(object: View<'_>) -> Judgement {
    let (current, desired) = (object.count("/status/currentHealthy"), object.count("/status/desiredHealthy"));
    if current >= desired { healthy() } else { progressing(format!("healthy: {current} of {desired}")) }
}
