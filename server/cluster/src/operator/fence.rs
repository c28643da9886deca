//! The operator's Lease: which installation may write with it, and whether it is the one that wrote last.
//!
//! The database gives out leases in growing epochs. What is in the cluster guards against what the database cannot
//! see: a second installation, or an old copy of the database that came to life again.

use std::collections::BTreeMap;

use domain::reason::Reason;
use engine::port::cluster::{ClusterError, Fence, HeldLease, Operator};
use http::{Method, StatusCode};
use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};

use super::{Place, is_ours};
use crate::call::{ApiServer, Call, CallError};

/// Where the term is written. It is a word that nobody can guess, not a number: copies would count alike.
const TERM: &str = "fairlead/term";

/// Lost races before giving up; each is another writer of the same installation.
const ATTEMPTS: usize = 4;

/// Reads it each time: what a watch saw last is not what it says now.
pub(crate) async fn fence(
    server: &ApiServer,
    operator: &Operator,
    fence: &Fence,
) -> Result<Option<HeldLease>, ClusterError> {
    let place = Place::lease(operator);
    let found: Option<Lease> = server.find(&place.get().map_err(error)?).await.map_err(error)?;
    match found.map(|lease| judge(&lease, fence)) {
        None | Some(Verdict::Free) => Ok(None),
        Some(Verdict::Held(held)) => Ok(Some(held)),
        Some(Verdict::Foreign(detail)) => Err(elsewhere(detail)),
    }
}

/// Makes it where `found` is none, else changes what was found; only when somebody else was there before it is read again.
pub(crate) async fn begin_term(
    server: &ApiServer,
    operator: &Operator,
    fence: &Fence,
    found: Option<&HeldLease>,
    term: &str,
) -> Result<(), ClusterError> {
    let place = Place::lease(operator);
    let first = match found {
        Some(found) => {
            let read = serde_json::from_value(found.object.clone());
            let read = read.map_err(|unread| error(CallError::Unreadable(unread.to_string())))?;
            Call::new(Method::PUT, place.path().map_err(error)?).json(&taken(read, &place, fence, term))
        }
        None => Call::new(Method::POST, place.collection().map_err(error)?).json(&fresh(&place, fence, term)),
    };
    match server.send(&first.map_err(error)?).await {
        Ok(_) => return Ok(()),
        // What is there instead tells why.
        Err(CallError::Refused(_)) => {}
        Err(failed) => return Err(error(failed)),
    }
    for _ in 0..ATTEMPTS {
        let lease: Option<Lease> = server.find(&place.get().map_err(error)?).await.map_err(error)?;
        let call = match lease.map(|lease| (judge(&lease, fence), lease)) {
            Some((Verdict::Foreign(detail), _)) => return Err(elsewhere(detail)),
            // An answer that was lost.
            Some((Verdict::Held(held), _)) if held.term == term => return Ok(()),
            Some((_, lease)) => {
                let taken = taken(lease, &place, fence, term);
                Call::new(Method::PUT, place.path().map_err(error)?).json(&taken)
            }
            None if found.is_some() => return Err(gone(&place)),
            None => {
                let fresh = fresh(&place, fence, term);
                Call::new(Method::POST, place.collection().map_err(error)?).json(&fresh)
            }
        };
        match server.send(&call.map_err(error)?).await {
            Ok(_) => return Ok(()),
            Err(refused) if refused.has_status(StatusCode::CONFLICT) => {}
            Err(refused) => return Err(error(refused)),
        }
    }
    Err(elsewhere(format!("{} changes faster than it can be taken", place.title())))
}

fn gone(place: &Place) -> ClusterError {
    elsewhere(format!("{} is gone since this sync began", place.title()))
}

fn elsewhere(detail: String) -> ClusterError {
    ClusterError { reason: Reason::ManagedElsewhere, detail: Some(detail) }
}

#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    /// It says a term of ours.
    Held(HeldLease),
    /// It may be taken.
    Free,
    /// It belongs to somebody else.
    Foreign(String),
}

fn judge(lease: &Lease, fence: &Fence) -> Verdict {
    let holder = lease.spec.as_ref().and_then(|spec| spec.holder_identity.as_deref()).unwrap_or_default();
    let annotations = lease.metadata.annotations.as_ref();
    let term = annotations.and_then(|annotations| annotations.get(TERM));
    let name = lease.metadata.name.as_deref().unwrap_or_default();
    let namespace = lease.metadata.namespace.as_deref().unwrap_or_default();
    let foreign = |what: String| {
        Verdict::Foreign(format!(
            "Lease {namespace}/{name} {what}; if that one is no longer in use, delete the Lease"
        ))
    };
    if holder.is_empty() && is_ours(&lease.metadata) {
        return Verdict::Free;
    }
    if holder != fence.installation.to_string() {
        return foreign(format!("is held by {}", if holder.is_empty() { "another program" } else { holder }));
    }
    match term {
        Some(term) if fence.terms.contains(term) => Verdict::Held(HeldLease {
            term: term.clone(),
            object: serde_json::to_value(lease).unwrap_or_default(),
        }),
        // What an earlier version of ours wrote has no term.
        None if fence.terms.is_empty() => Verdict::Free,
        _ => foreign(
            "was taken by another copy of this installation's database, which has changed something since"
                .into(),
        ),
    }
}

fn fresh(place: &Place, fence: &Fence, term: &str) -> Lease {
    taken(Lease { metadata: place.metadata(), spec: None }, place, fence, term)
}

/// The Lease as ours; its resource version makes the write a compare-and-swap.
fn taken(mut lease: Lease, place: &Place, fence: &Fence, term: &str) -> Lease {
    let labels: BTreeMap<_, _> = place.metadata().labels.unwrap_or_default();
    lease.metadata.labels.get_or_insert_default().extend(labels);
    lease.metadata.annotations.get_or_insert_default().insert(TERM.to_owned(), term.to_owned());
    lease.metadata.managed_fields = None;
    let spec = lease.spec.get_or_insert_with(LeaseSpec::default);
    spec.holder_identity = Some(fence.installation.to_string());
    spec.lease_transitions = Some(spec.lease_transitions.unwrap_or_default().saturating_add(1));
    lease
}

fn error(error: CallError) -> ClusterError {
    error.into_cluster_error(Reason::ProvisionDenied, Reason::ProvisionFailed)
}

#[cfg(test)]
mod tests {
    use domain::id::InstallationId;

    use super::*;

    fn of(last: char, terms: &[&str]) -> Fence {
        let installation: InstallationId =
            format!("01980000-0000-7000-8000-00000000000{last}").parse().expect("an id");
        Fence { installation, terms: terms.iter().map(|term| (*term).to_owned()).collect() }
    }

    fn lease(term: &str) -> Lease {
        let operator = Operator {
            namespace: domain::name::OperatorNamespace::parse("ns").expect("a name"),
            instance: domain::name::OperatorInstanceName::parse("op").expect("a name"),
            scope: domain::configuration::OperatorScope::Cluster,
            cluster: domain::cluster::ClusterUid("uid".to_owned()),
        };
        fresh(&Place::lease(&operator), &of('1', &[]), term)
    }

    #[test]
    fn the_present_term_and_one_that_was_about_to_begin_are_ours() {
        for term in ["a", "b"] {
            let verdict = judge(&lease(term), &of('1', &["a", "b"]));
            assert!(matches!(&verdict, Verdict::Held(held) if held.term == term), "{verdict:?}");
        }
    }

    #[test]
    fn a_term_that_this_database_did_not_begin_and_another_installation_are_kept_out() {
        for fence in [of('1', &["a"]), of('1', &[]), of('2', &["c"])] {
            assert!(matches!(judge(&lease("c"), &fence), Verdict::Foreign(_)), "{fence:?}");
        }
    }

    #[test]
    fn a_lease_without_a_term_is_free_until_this_database_has_begun_one() {
        let mut earlier = lease("a");
        earlier.metadata.annotations = None;
        assert_eq!(judge(&earlier, &of('1', &[])), Verdict::Free);
        assert!(matches!(judge(&earlier, &of('1', &["a"])), Verdict::Foreign(_)));
    }

    #[test]
    fn a_lease_that_somebody_else_made_is_not_taken() {
        let mut foreign = lease("a");
        foreign.metadata.labels = None;
        foreign.spec = None;
        assert!(matches!(judge(&foreign, &of('1', &["a"])), Verdict::Foreign(_)));
    }
}
