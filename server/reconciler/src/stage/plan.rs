//! What has to happen to each object.

use engine::plan::{Plan, Proposed};

use super::observe::{Observed, entries};
use crate::run::Run;

/// From hashes and watches alone; nothing is asked for an object that is as it was left.
pub(crate) fn plan(run: &Run, observed: &Observed) -> Plan<Proposed> {
    let inventory = entries(&observed.inventory);
    let plan = engine::plan::plan(&observed.resolved.desired, &inventory, |key| observed.observation(key));
    tracing::debug!(configuration.id = %run.id(), "plan of configuration {}:\n{plan}", run.id());
    plan
}
