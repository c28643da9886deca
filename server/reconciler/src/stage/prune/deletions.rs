//! The deletions, in the reverse of the order of application.

use std::collections::{BTreeMap, BTreeSet};

use domain::change::{Action, Change};
use domain::object::ObjectKey;
use domain::reason::ObjectReason;
use engine::desired::Rank;
use engine::order::rank;
use engine::port::cluster::{Deletion, ObjectError, OperatorClient};
use engine::prune::{Fate, Leftover, Proof, Victim, Warrant};
use futures::{StreamExt, stream};

use super::look::AT_ONCE;
use super::{Held, note};
use crate::abort::abort_at;
use crate::run::Run;
use crate::stage::apply::Applied;

/// Looks again at an object that changed between look and deletion. Controllers write status often; who changes faster
/// than this waits for the next sync.
const ATTEMPTS: usize = 3;

/// What came of one object.
enum End {
    Gone,
    Terminating,
    Kept(ObjectReason),
    Refused(ObjectError),
}

/// Rank by rank; before each the lease is checked. Gives what is gone or going.
pub(super) async fn delete_all(
    run: &Run,
    operator: &dyn OperatorClient,
    power: (&Proof, &Warrant),
    judged: Vec<(Leftover, Fate)>,
    applied: &mut Applied,
) -> Result<BTreeSet<ObjectKey>, Held> {
    let mut settled = BTreeSet::new();
    let mut ranks: BTreeMap<Rank, Vec<(Leftover, Box<Victim>)>> = BTreeMap::new();
    for (leftover, fate) in judged {
        let key = leftover.entry.key.clone();
        match fate {
            Fate::Delete(victim) => {
                ranks.entry(rank(&key.group, &key.kind)).or_default().push((leftover, victim));
                continue;
            }
            // Somebody else deleted it: no deed of ours.
            Fate::Gone => applied.inventory.retain(|item| item.object != key),
            Fate::Terminating => note(applied, &key, &ObjectReason::Terminating),
            Fate::Keep(reason) => note(applied, &key, &reason),
        }
        settled.insert(key);
    }
    for (_, victims) in ranks.into_iter().rev() {
        let mut work = Vec::with_capacity(victims.len());
        for (leftover, victim) in victims {
            work.push(delete_one(operator, power, leftover, victim));
        }
        let ends: Vec<(ObjectKey, End)> = stream::iter(work).buffer_unordered(AT_ONCE).collect().await;
        abort_at("deleted");
        for (key, end) in ends {
            if !matches!(end, End::Refused(_)) {
                settled.insert(key.clone());
            }
            write_down(applied, key, end);
        }
        run.check_lease().await?;
    }
    Ok(settled)
}

async fn delete_one(
    operator: &dyn OperatorClient,
    (proof, warrant): (&Proof, &Warrant),
    leftover: Leftover,
    mut victim: Box<Victim>,
) -> (ObjectKey, End) {
    let key = leftover.entry.key.clone();
    for _ in 0..ATTEMPTS {
        match operator.delete(warrant, &victim).await {
            Ok(Deletion::Gone) => return (key, End::Gone),
            Ok(Deletion::Terminating) => return (key, End::Terminating),
            Err(error) => return (key, End::Refused(error)),
            Ok(Deletion::Changed) => {}
        }
        let live = match operator.look(&key, victim.kind()).await {
            Ok(live) => live,
            Err(error) => return (key, End::Refused(error)),
        };
        match proof.judge(&leftover, victim.kind(), live.as_ref()) {
            Fate::Delete(again) => victim = again,
            Fate::Gone => return (key, End::Gone),
            Fate::Terminating => return (key, End::Terminating),
            Fate::Keep(reason) => return (key, End::Kept(reason)),
        }
    }
    let detail = format!("{key} changes faster than it can be deleted");
    (key, End::Refused(ObjectError { reason: ObjectReason::Unavailable, detail }))
}

fn write_down(applied: &mut Applied, key: ObjectKey, end: End) {
    let (reason, detail) = match end {
        End::Gone => {
            applied.inventory.retain(|item| item.object != key);
            (None, None)
        }
        End::Terminating => {
            note(applied, &key, &ObjectReason::Terminating);
            (None, None)
        }
        End::Kept(reason) => return note(applied, &key, &reason),
        End::Refused(ObjectError { reason, detail }) => {
            for item in applied.inventory.iter_mut().filter(|item| item.object == key) {
                (item.reason, item.detail) = (Some(reason.clone()), Some(detail.clone()));
            }
            (Some(reason), Some(detail))
        }
    };
    applied.changes.push(Change {
        object: key,
        action: Action::Delete,
        place: String::new(),
        reason,
        detail,
    });
}
