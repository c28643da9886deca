//! The last look at what would be deleted or forgotten.

use std::collections::BTreeSet;

use domain::object::ObjectKey;
use engine::port::cluster::OperatorClient;
use engine::prune::{Doubt, Fate, Leftover, Proof};
use futures::{StreamExt, TryStreamExt, stream};
use storage::InventoryItem;

/// Looks at once; the connection bounds all runs of its cluster together.
pub(super) const AT_ONCE: usize = 16;

/// All of them or none: one that cannot be read takes away the right to delete the others.
pub(super) async fn look_at_all(
    operator: &dyn OperatorClient,
    proof: &Proof,
    leftover: &[Leftover],
) -> Result<Vec<(Leftover, Fate)>, Doubt> {
    let mut looks = Vec::with_capacity(leftover.len());
    for left in leftover {
        looks.push(look_at(operator, proof, left.clone()));
    }
    stream::iter(looks).buffered(AT_ONCE).try_collect().await
}

/// One object.
async fn look_at(
    operator: &dyn OperatorClient,
    proof: &Proof,
    leftover: Leftover,
) -> Result<(Leftover, Fate), Doubt> {
    let object = leftover.entry.key.to_string();
    let Some(kind) = proof.served(&leftover.entry.kind) else { return Err(Doubt::KindGone { object }) };
    let live = operator
        .look(&leftover.entry.key, kind)
        .await
        .map_err(|error| Doubt::Unread { object, detail: error.detail })?;
    let fate = proof.judge(&leftover, kind, live.as_ref());
    Ok((leftover, fate))
}

/// Those that are not there, or not ours any more: without its mark an object is nobody's. What cannot be read is kept.
pub(super) async fn gone(operator: &dyn OperatorClient, items: &[&InventoryItem]) -> BTreeSet<ObjectKey> {
    let mut looks = Vec::with_capacity(items.len());
    for item in items {
        looks.push(async {
            let live = operator.look(&item.object, &item.kind).await.ok()?;
            live.is_none_or(|live| live.mark.is_none()).then(|| item.object.clone())
        });
    }
    stream::iter(looks).buffered(AT_ONCE).filter_map(std::future::ready).collect().await
}
