//! What a sync would do, told before it does it.

use serde::{Deserialize, Serialize};

use crate::change::Action;
use crate::object::ObjectKey;
use crate::reason::ObjectReason;

/// The plan of one revision for one cluster, as it stands now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanView {
    /// The commit that was read.
    pub revision: String,
    /// In the order of application; what stays as it is comes with [`Action::Unchanged`].
    pub steps: Vec<PlanStep>,
    /// What the reading had to remark, for instance marks written in Git.
    pub warnings: Vec<String>,
}

/// What would happen to one object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanStep {
    pub action: Action,
    pub object: ObjectKey,
    /// File and line in Git.
    pub place: String,
    /// Why it would be left out or refused.
    pub reason: Option<ObjectReason>,
    /// What the API server said.
    pub detail: Option<String>,
    /// Fields that would change, with values of Secrets masked.
    pub fields: Vec<FieldDifference>,
}

/// A field of an object that would change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldDifference {
    /// For instance `spec.replicas`.
    pub path: String,
    /// As JSON; `None` when it is not there.
    pub before: Option<String>,
    /// As JSON; `None` when it would go.
    pub after: Option<String>,
}

impl PlanView {
    /// Whether a sync would write anything, or be refused something.
    pub fn changes(&self) -> bool {
        let quiet = |step: &PlanStep| step.action == Action::Unchanged || step.action == Action::Skip;
        !self.steps.iter().all(quiet)
    }
}
