//! The origins that a subscription's owners allow.

use domain::access::{Actor, Permit, Place, authorize};
use domain::embed::ParentOrigin;
use domain::id::SubscriptionId;
use domain::service::{Conflict, EMBED_PARENTS_MAX, EmbedParentRow, ServiceError};
use domain::violation::{Field, Rule};
use storage::AuditEntry;

use super::Embedding;
use crate::error::{invalid, refused, stored};
use crate::moment::moment;

impl Embedding {
    pub(super) async fn list_parents(
        &self,
        actor: &Actor,
        id: SubscriptionId,
    ) -> Result<Vec<EmbedParentRow>, ServiceError> {
        self.decide(actor, Permit::Read, id).await?;
        let records = self.storage.embed_parents(id).await.map_err(stored)?;
        let row = |record: storage::EmbedParentRecord| {
            let storage::EmbedParentRecord { origin, created_at, created_by } = record;
            EmbedParentRow { origin, created_at: moment(created_at), created_by }
        };
        Ok(records.into_iter().map(row).collect())
    }

    pub(super) async fn add_parent(
        &self,
        actor: &Actor,
        id: SubscriptionId,
        origin: &str,
    ) -> Result<(), ServiceError> {
        self.decide(actor, Permit::WriteAccess, id).await?;
        let origin = ParentOrigin::parse(origin).map_err(|rule| invalid(Field::ParentOrigin, rule))?;
        let mut unit = self.storage.begin().await.map_err(stored)?;
        if unit.count_parents(id).await.map_err(stored)? >= EMBED_PARENTS_MAX {
            return Err(ServiceError::Conflict {
                conflict: Conflict::TooManyParents { max: EMBED_PARENTS_MAX },
            });
        }
        if !unit.allow_parent(id, &origin, &actor.name).await.map_err(stored)? {
            let name = origin.as_str().to_owned();
            return Err(invalid(Field::ParentOrigin, Rule::NameTaken { name }));
        }
        unit.audit(&entry(actor, "embed-parent.allow", id, &origin)).await.map_err(stored)?;
        unit.commit().await.map_err(stored)
    }

    pub(super) async fn remove_parent(
        &self,
        actor: &Actor,
        id: SubscriptionId,
        origin: &str,
    ) -> Result<(), ServiceError> {
        self.decide(actor, Permit::WriteAccess, id).await?;
        let origin = ParentOrigin::parse(origin).map_err(|_| ServiceError::NotFound)?;
        let mut unit = self.storage.begin().await.map_err(stored)?;
        // Somebody else was faster: it is as it was wanted.
        if !unit.disallow_parent(id, &origin).await.map_err(stored)? {
            return Ok(());
        }
        unit.audit(&entry(actor, "embed-parent.disallow", id, &origin)).await.map_err(stored)?;
        unit.commit().await.map_err(stored)
    }

    async fn decide(&self, actor: &Actor, permit: Permit, id: SubscriptionId) -> Result<(), ServiceError> {
        authorize(actor, permit, &Place::Subscription(id)).map_err(refused)?;
        let known = self.storage.subscription_name(id).await.map_err(stored)?;
        known.map(|_| ()).ok_or(ServiceError::NotFound)
    }
}

fn entry(actor: &Actor, action: &str, id: SubscriptionId, origin: &ParentOrigin) -> AuditEntry {
    let entry = AuditEntry::done(actor, action, "subscription", id.to_string(), origin.as_str());
    AuditEntry { place: Some(Place::Subscription(id)), ..entry }
}
