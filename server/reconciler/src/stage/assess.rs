//! How does the configuration stand after what was done?

use domain::operator_params::Flags;
use engine::assess::{Assessment, Outcome};

use super::apply::Applied;
use super::prune::Pruned;
use crate::run::Run;

/// Compliance, level, the one sentence and the counts.
pub(crate) fn assess(run: &Run, applied: &Applied, pruned: &Pruned) -> Assessment {
    engine::assess::assess(&Outcome {
        changes: &applied.changes,
        left_out: &applied.left_out,
        warnings: &applied.warnings,
        helm_switched_on: run.work.spec.helm_operator.is_some(),
        prune_waits: pruned.waits,
        parameters_not_processed: &not_processed(run.work.spec.operator_params.flags()),
    })
}

/// Parameters that are stored and have no effect yet: whoever set them must not believe that they work.
fn not_processed(flags: &Flags) -> String {
    let set = [("--git-label", flags.git_label.is_some() && !flags.git_readonly)];
    let names: Vec<&str> = set.into_iter().filter(|(_, set)| *set).map(|(name, _)| name).collect();
    names.join(", ")
}
