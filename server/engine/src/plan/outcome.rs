//! What the answers of dry-run and apply mean.

use domain::change::Action;
use domain::reason::ObjectReason;

use crate::port::cluster::Live;

/// What follows a dry-run that the API server did not refuse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Apply it. Whether anything has changed is known from the apply's answer alone: a forced dry-run shows our
    /// fields as they would become, whoever holds them now.
    Apply,
    /// Leave it alone.
    Skip(ObjectReason),
}

/// What to do after a dry-run.
pub fn decide(dry_run: &Live) -> Decision {
    if dry_run.existed && dry_run.ignored { Decision::Skip(ObjectReason::Ignored) } else { Decision::Apply }
}

/// What an apply did: the API server keeps the resource version when it changed nothing.
pub fn action(dry_run: Option<&Live>, applied: &Live) -> Action {
    let before = dry_run.filter(|live| live.existed && !live.resource_version.is_empty());
    match before {
        Some(before) if before.resource_version == applied.resource_version => Action::Unchanged,
        Some(_) => Action::Configure,
        None if applied.existed => Action::Configure,
        None => Action::Create,
    }
}
