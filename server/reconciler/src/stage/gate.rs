//! May the plan be carried out?

use engine::plan::{Approved, Plan, Proposed};

/// A plan that only makes and changes objects needs nobody's consent. What deletes has a gate of its own: the proof
/// and the guard of [`engine::prune`].
pub(crate) fn gate(proposed: Plan<Proposed>) -> Plan<Approved> {
    proposed.approve()
}
