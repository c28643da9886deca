//! Which hosts a subscription's configurations and clusters may lead to.

use domain::access::{Actor, Permit, Place, authorize};
use domain::id::SubscriptionId;
use domain::outbound::Narrowing;
use domain::service::{OutboundView, ServiceError};
use domain::violation::Field;
use storage::OutboundRecord;

use super::{Access, change, entry};
use crate::error::{invalid, refused, stored};

impl Access {
    pub(super) async fn view_outbound(
        &self,
        actor: &Actor,
        id: SubscriptionId,
    ) -> Result<OutboundView, ServiceError> {
        authorize(actor, Permit::Read, &Place::Subscription(id)).map_err(refused)?;
        let record = self.storage.outbound(id).await.map_err(stored)?.ok_or(ServiceError::NotFound)?;
        Ok(view(actor, id, &record))
    }

    pub(super) async fn change_outbound(
        &self,
        actor: &Actor,
        id: SubscriptionId,
        hosts: &[String],
        version: Option<i64>,
    ) -> Result<OutboundView, ServiceError> {
        let place = Place::Subscription(id);
        authorize(actor, Permit::WriteAccess, &place).map_err(refused)?;
        let name = self.storage.subscription_name(id).await.map_err(stored)?.ok_or(ServiceError::NotFound)?;
        let hosts = Narrowing::parse(hosts).map_err(|rule| invalid(Field::OutboundHosts, rule))?;
        let mut unit = self.storage.begin().await.map_err(stored)?;
        let before = unit.lock_outbound(id).await.map_err(stored)?.ok_or(ServiceError::NotFound)?;
        if version.is_some_and(|version| version != before.version) {
            return Err(ServiceError::Stale);
        }
        // Saved as it is: nothing to remember, no connection to be made anew, and nobody else's page becomes stale.
        if before.hosts == hosts {
            return Ok(view(actor, id, &before));
        }
        let version = unit.set_outbound(id, &hosts).await.map_err(stored)?;
        let mut entry = entry(actor, "outbound.set", "subscription", id, &name, place);
        let field = Field::OutboundHosts.json_path();
        entry.changes = vec![change(field, text(&before.hosts), text(&hosts))];
        unit.audit(&entry).await.map_err(stored)?;
        unit.commit().await.map_err(stored)?;
        Ok(view(actor, id, &OutboundRecord { hosts, version }))
    }
}

fn view(actor: &Actor, id: SubscriptionId, record: &OutboundRecord) -> OutboundView {
    let may_change = authorize(actor, Permit::WriteAccess, &Place::Subscription(id)).is_ok();
    OutboundView { hosts: record.hosts.entries(), version: record.version, may_change }
}

/// As the activity shows it; nothing is no list.
fn text(hosts: &Narrowing) -> Option<String> {
    (!hosts.is_empty()).then(|| hosts.entries().join(", "))
}
