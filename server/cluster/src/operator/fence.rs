//! The operator's Lease: which installation, in which epoch, may write with it.
//!
//! The database gives out leases in growing epochs. What is in the cluster guards against what the database cannot
//! see: a second installation, or an old copy of the database that came to life again.

use std::collections::BTreeMap;

use domain::reason::Reason;
use engine::port::cluster::{ClusterError, Fence, Observation, Operator};
use http::{Method, StatusCode};
use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};

use super::{Place, Seen, is_ours};
use crate::call::{ApiServer, Call, CallError};

/// Where the epoch is written; `leaseTransitions` has too few bits for it.
const EPOCH: &str = "fairlead/epoch";

/// Lost races before giving up; each is another writer of the same installation.
const ATTEMPTS: usize = 4;

/// Takes the Lease: by compare-and-swap, and without a write when it says already what it should. It is read each time:
/// what a watch saw last is not what it says now. Only that there is none may be believed, for making one tells.
pub(crate) async fn fence(
    server: &ApiServer,
    seen: &Seen,
    operator: &Operator,
    fence: &Fence,
) -> Result<(), ClusterError> {
    let place = Place::lease(operator);
    for attempt in 0..ATTEMPTS {
        let found: Option<Lease> = if attempt == 0 && seen.lease == Observation::Absent {
            None
        } else {
            server.find(&place.get().map_err(error)?).await.map_err(error)?
        };
        let call = match found {
            None => Call::new(Method::POST, place.collection().map_err(error)?).json(&fresh(&place, fence)),
            Some(lease) => match judge(&lease, fence) {
                Verdict::Held => return Ok(()),
                Verdict::Foreign(detail) => {
                    return Err(ClusterError { reason: Reason::ManagedElsewhere, detail: Some(detail) });
                }
                Verdict::Free => {
                    Call::new(Method::PUT, place.path().map_err(error)?).json(&taken(lease, &place, fence))
                }
            },
        };
        match server.send(&call.map_err(error)?).await {
            Ok(_) => return Ok(()),
            Err(refused) if refused.has_status(StatusCode::CONFLICT) => {}
            Err(refused) => return Err(error(refused)),
        }
    }
    let detail = format!("{} changes faster than it can be taken", place.title());
    Err(ClusterError { reason: Reason::ManagedElsewhere, detail: Some(detail) })
}

#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    /// It says what it should.
    Held,
    /// It may be taken.
    Free,
    /// It belongs to somebody else.
    Foreign(String),
}

fn judge(lease: &Lease, fence: &Fence) -> Verdict {
    let holder = lease.spec.as_ref().and_then(|spec| spec.holder_identity.as_deref()).unwrap_or_default();
    let annotations = lease.metadata.annotations.as_ref();
    let epoch = annotations.and_then(|annotations| annotations.get(EPOCH));
    let epoch = epoch.and_then(|epoch| epoch.parse::<i64>().ok());
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
    match epoch {
        Some(epoch) if epoch == fence.epoch => Verdict::Held,
        Some(epoch) if epoch > fence.epoch => {
            foreign(format!("is held in epoch {epoch}, by a newer copy of this installation's database"))
        }
        _ => Verdict::Free,
    }
}

fn fresh(place: &Place, fence: &Fence) -> Lease {
    taken(Lease { metadata: place.metadata(), spec: None }, place, fence)
}

/// The Lease as ours; its resource version makes the write a compare-and-swap.
fn taken(mut lease: Lease, place: &Place, fence: &Fence) -> Lease {
    let labels: BTreeMap<_, _> = place.metadata().labels.unwrap_or_default();
    lease.metadata.labels.get_or_insert_default().extend(labels);
    lease.metadata.annotations.get_or_insert_default().insert(EPOCH.to_owned(), fence.epoch.to_string());
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

    fn installation(last: char) -> InstallationId {
        format!("01980000-0000-7000-8000-00000000000{last}").parse().expect("an id")
    }

    fn at(epoch: i64) -> Fence {
        Fence { installation: installation('1'), epoch }
    }

    fn lease(fence: &Fence) -> Lease {
        let operator = Operator {
            namespace: domain::name::OperatorNamespace::parse("ns").expect("a name"),
            instance: domain::name::OperatorInstanceName::parse("op").expect("a name"),
            scope: domain::configuration::OperatorScope::Cluster,
        };
        fresh(&Place::lease(&operator), fence)
    }

    #[test]
    fn a_lease_that_says_the_same_needs_no_write() {
        assert_eq!(judge(&lease(&at(7)), &at(7)), Verdict::Held);
    }

    #[test]
    fn a_newer_epoch_of_the_same_installation_takes_over() {
        assert_eq!(judge(&lease(&at(7)), &at(8)), Verdict::Free);
    }

    #[test]
    fn an_older_epoch_and_another_installation_are_kept_out() {
        assert!(matches!(judge(&lease(&at(7)), &at(6)), Verdict::Foreign(_)));
        let other = Fence { installation: installation('2'), epoch: 100 };
        assert!(matches!(judge(&lease(&at(7)), &other), Verdict::Foreign(_)));
    }

    #[test]
    fn a_lease_that_somebody_else_made_is_not_taken() {
        let mut foreign = lease(&at(7));
        foreign.metadata.labels = None;
        foreign.spec = None;
        assert!(matches!(judge(&foreign, &at(7)), Verdict::Foreign(_)));
    }
}
