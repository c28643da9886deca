//! Where a quota leaves no room, for the pages that say so before anybody fills in a form.

use domain::id::ResourceGroupId;
use domain::quota::{Quota, QuotaKind, QuotaReached};
use storage::{Storage, StorageError};

/// The quota of this kind that leaves no room for one more; whether it does is decided again when it is written.
pub(crate) async fn reached(
    storage: &Storage,
    group: ResourceGroupId,
    quota: &Quota,
    kind: QuotaKind,
) -> Result<Option<QuotaReached>, StorageError> {
    if quota.limit(kind).is_none() {
        return Ok(None);
    }
    let usage = storage.quota_use(group).await?;
    Ok(QuotaReached::of(quota, &usage, kind))
}
