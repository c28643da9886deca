//! How does the configuration stand after what was done?

use engine::assess::{Assessment, Outcome};

use super::apply::Applied;
use super::prune::Pruned;
use super::tag::Tagged;

/// Compliance, level, the one sentence and the counts.
pub(crate) fn assess(applied: &Applied, pruned: &Pruned, tagged: &Tagged) -> Assessment {
    let failure = tagged.failure.as_ref();
    engine::assess::assess(&Outcome {
        changes: &applied.changes,
        left_out: &applied.left_out,
        warnings: &applied.warnings,
        prune_waits: pruned.waits,
        tag_not_pushed: failure.map(|(tag, said)| (tag.as_str(), said.as_deref())),
    })
}
