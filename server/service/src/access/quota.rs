//! How much a resource group may hold and do.

use domain::access::{Actor, Permit, Place, authorize};
use domain::id::ResourceGroupId;
use domain::quota::{Quota, QuotaDraft, QuotaKind};
use domain::service::{GroupRef, QuotaView, ServiceError};
use storage::{FieldChange, QuotaRecord};

use super::{Access, change, entry};
use crate::error::{refused, stored, violated};

/// A resource group that the actor sees all of.
struct Group {
    id: ResourceGroupId,
    name: String,
    place: Place,
}

impl Access {
    pub(super) async fn view_quota(
        &self,
        actor: &Actor,
        group: &GroupRef,
    ) -> Result<QuotaView, ServiceError> {
        let group = self.find_group(actor, group).await?;
        let record = self.storage.quota(group.id).await.map_err(stored)?.ok_or(ServiceError::NotFound)?;
        self.view(actor, &group, record).await
    }

    pub(super) async fn change_quota(
        &self,
        actor: &Actor,
        group: &GroupRef,
        draft: &QuotaDraft,
        version: Option<i64>,
    ) -> Result<QuotaView, ServiceError> {
        let group = self.find_group(actor, group).await?;
        // An owner of the group alone sees it: whoever could change it would be bounded by nobody.
        if !may_change(actor, &group) {
            return Err(ServiceError::Denied);
        }
        let quota = draft.validate().map_err(violated)?;
        let mut unit = self.storage.begin().await.map_err(stored)?;
        let before = unit.lock_quota(group.id).await.map_err(stored)?.ok_or(ServiceError::NotFound)?;
        if version.is_some_and(|version| version != before.version) {
            return Err(ServiceError::Stale);
        }
        let mut record = before;
        // Saved as it is: nothing to remember, and nobody else's page becomes stale.
        if before.quota != quota {
            let version = unit.set_quota(group.id, &quota).await.map_err(stored)?;
            record = QuotaRecord { quota, version };
            let mut entry = entry(actor, "quota.set", "resource group", group.id, &group.name, group.place);
            entry.changes = changes(&before.quota, &quota);
            unit.audit(&entry).await.map_err(stored)?;
        }
        unit.commit().await.map_err(stored)?;
        self.view(actor, &group, record).await
    }

    async fn view(
        &self,
        actor: &Actor,
        group: &Group,
        QuotaRecord { quota, version }: QuotaRecord,
    ) -> Result<QuotaView, ServiceError> {
        let usage = self.storage.quota_use(group.id).await.map_err(stored)?;
        Ok(QuotaView { quota, version, usage, may_change: may_change(actor, group) })
    }

    async fn find_group(&self, actor: &Actor, group: &GroupRef) -> Result<Group, ServiceError> {
        let found = match group {
            GroupRef::Id(id) => {
                let record = self.storage.place(id.0).await.map_err(stored)?;
                let record = record.filter(|record| matches!(record.place, Place::ResourceGroup(..)));
                record.map(|record| Group {
                    id: *id,
                    name: record.resource_group_name.unwrap_or_default(),
                    place: record.place,
                })
            }
            GroupRef::Named { subscription, name } => {
                let record =
                    self.storage.resource_group_by_name(*subscription, name).await.map_err(stored)?;
                record.map(|record| Group { id: record.id, place: record.place(), name: record.name })
            }
        };
        let group = found.ok_or(ServiceError::NotFound)?;
        authorize(actor, Permit::Read, &group.place).map_err(refused)?;
        Ok(group)
    }
}

fn may_change(actor: &Actor, group: &Group) -> bool {
    authorize(actor, Permit::WriteAccess, &Place::Subscription(group.place.subscription())).is_ok()
}

/// The limits that differ, by their names in REST bodies.
fn changes(before: &Quota, after: &Quota) -> Vec<FieldChange> {
    let text = |quota: &Quota, kind| quota.limit(kind).map(|limit| limit.to_string());
    QuotaKind::ALL
        .into_iter()
        .filter(|kind| before.limit(*kind) != after.limit(*kind))
        .map(|kind| change(kind.field().json_path(), text(before, kind), text(after, kind)))
        .collect()
}
