//! How does the configuration stand after what was done?

use engine::assess::{Assessment, Outcome};

use super::apply::Applied;
use crate::run::Run;

/// Compliance, level, the one sentence and the counts.
pub(crate) fn assess(run: &Run, applied: &Applied) -> Assessment {
    engine::assess::assess(&Outcome {
        changes: &applied.changes,
        left_out: &applied.left_out,
        warnings: &applied.warnings,
        helm_switched_on: run.work.spec.helm_operator.is_some(),
    })
}
