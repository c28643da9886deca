//! Why one object was not applied or not looked at.

use domain::prune::PruneGuard;
use domain::reason::{ObjectReason, RetirementState};

use crate::{Locale, text};

/// One sentence; what the API server said stands beside it, verbatim.
pub fn object_reason_sentence(locale: Locale, reason: &ObjectReason) -> String {
    match reason {
        ObjectReason::UnknownKind => text::object_unknown_kind(locale).to_owned(),
        ObjectReason::GroupUnavailable { group } => text::object_group_unavailable(locale, group),
        ObjectReason::ForeignNamespace { allowed } => text::object_foreign_namespace(locale, allowed),
        ObjectReason::ClusterScoped => text::object_cluster_scoped(locale).to_owned(),
        ObjectReason::OperatorObject => text::object_of_operator(locale).to_owned(),
        ObjectReason::ManagedByOther { configuration: Some(configuration) } => {
            text::object_managed_by(locale, configuration)
        }
        ObjectReason::ManagedByOther { configuration: None } => {
            text::object_managed_by_other(locale).to_owned()
        }
        ObjectReason::Ignored => text::object_ignored(locale).to_owned(),
        ObjectReason::Replaced => text::object_replaced(locale).to_owned(),
        ObjectReason::NotMarked => text::object_not_marked(locale).to_owned(),
        ObjectReason::Owned => text::object_owned(locale).to_owned(),
        ObjectReason::Terminating => text::object_terminating(locale).to_owned(),
        ObjectReason::Forbidden => text::object_forbidden(locale).to_owned(),
        ObjectReason::Invalid => text::object_invalid(locale).to_owned(),
        ObjectReason::AdmissionRefused => text::object_admission_refused(locale).to_owned(),
        ObjectReason::NamespaceTerminating => text::object_namespace_terminating(locale).to_owned(),
        ObjectReason::Unavailable => text::object_unavailable(locale).to_owned(),
        ObjectReason::NotEstablished => text::object_not_established(locale).to_owned(),
        ObjectReason::EarlierStageFailed => text::object_earlier_stage_failed(locale).to_owned(),
        ObjectReason::Refused => text::object_refused(locale).to_owned(),
    }
}

/// What speaks against deleting objects that left Git.
pub fn prune_guard_sentence(locale: Locale, guard: &PruneGuard) -> String {
    match guard {
        PruneGuard::Many { count, total } => text::prune_many(locale, *count, &total.to_string()),
        PruneGuard::NothingLeft => text::prune_nothing_left(locale).to_owned(),
        PruneGuard::Rewritten => text::prune_rewritten(locale).to_owned(),
        PruneGuard::Holds { kind, instances: None } => text::prune_holds(locale, kind),
        PruneGuard::Holds { kind, instances: Some(count) } => {
            text::prune_holds_instances(locale, kind, *count)
        }
    }
}

/// How the removal of an operator stands, in one sentence.
pub fn retirement_sentence(locale: Locale, state: &RetirementState) -> &'static str {
    match state {
        RetirementState::Waiting => text::retirement_waiting(locale),
        RetirementState::WishTooOld => text::retirement_wish_too_old(locale),
        RetirementState::Gone => text::retirement_gone(locale),
        RetirementState::InUse => text::retirement_in_use(locale),
        RetirementState::NamespaceKept => text::retirement_namespace_kept(locale),
        RetirementState::NamespaceInUse => text::retirement_namespace_in_use(locale),
    }
}
