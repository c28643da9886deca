//! Which hosts a subscription's configurations and clusters may lead to.

use domain::cluster::ClusterUid;
use domain::id::{ClusterId, SubscriptionId};
use domain::outbound::Narrowing;

use crate::Storage;
use crate::column;
use crate::error::StorageError;
use crate::unit::UnitOfWork;

/// A list as stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OutboundRecord {
    /// The list.
    pub hosts: Narrowing,
    /// Grows with every change.
    pub version: i64,
}

const OUTBOUND: &str = "SELECT outbound_hosts, outbound_version FROM subscriptions WHERE id = $1";

const OF_CLUSTER: &str = "SELECT u.outbound_hosts, u.outbound_version, k.uid FROM clusters k \
    JOIN resource_groups g ON g.id = k.resource_group_id JOIN subscriptions u ON u.id = g.subscription_id \
    WHERE k.id = $1";

impl Storage {
    /// The list of a subscription; `None` when there is no such subscription. One that cannot be read is an error:
    /// nobody leads to more than was meant.
    #[tracing::instrument(name = "db.outbound.get", skip_all, err(level = "debug"))]
    pub async fn outbound(&self, id: SubscriptionId) -> Result<Option<OutboundRecord>, StorageError> {
        let row: Option<OutboundRow> =
            sqlx::query_as(OUTBOUND).bind(id.to_string()).fetch_optional(self.database().read()).await?;
        row.map(|row| row.read(&id.to_string())).transpose()
    }

    /// The list of the subscription that a cluster is in, and which cluster is meant; `None` when there is no such
    /// cluster.
    #[tracing::instrument(name = "db.outbound.of_cluster", skip_all, err(level = "debug"))]
    pub async fn outbound_of_cluster(
        &self,
        id: ClusterId,
    ) -> Result<Option<(OutboundRecord, ClusterUid)>, StorageError> {
        let row: Option<(String, i64, String)> =
            sqlx::query_as(OF_CLUSTER).bind(id.to_string()).fetch_optional(self.database().read()).await?;
        let Some((outbound_hosts, outbound_version, uid)) = row else { return Ok(None) };
        let record = OutboundRow { outbound_hosts, outbound_version }.read(&id.to_string())?;
        Ok(Some((record, ClusterUid(uid))))
    }
}

impl UnitOfWork {
    /// The list as this transaction sees it; nobody else changes it until the end.
    #[tracing::instrument(name = "db.outbound.lock", skip_all, err(level = "debug"))]
    pub async fn lock_outbound(
        &mut self,
        id: SubscriptionId,
    ) -> Result<Option<OutboundRecord>, StorageError> {
        // Writing takes the row's lock in every database; reading it does not.
        sqlx::query("UPDATE subscriptions SET outbound_version = outbound_version WHERE id = $1")
            .bind(id.to_string())
            .execute(self.connection())
            .await?;
        let row: Option<OutboundRow> =
            sqlx::query_as(OUTBOUND).bind(id.to_string()).fetch_optional(self.connection()).await?;
        row.map(|row| row.read(&id.to_string())).transpose()
    }

    /// Replaces a list that was read with [`UnitOfWork::lock_outbound`]. Returns the new version.
    #[tracing::instrument(name = "db.outbound.set", skip_all, err(level = "debug"))]
    pub async fn set_outbound(&mut self, id: SubscriptionId, hosts: &Narrowing) -> Result<i64, StorageError> {
        let version = sqlx::query_scalar(
            "UPDATE subscriptions SET outbound_hosts = $1, outbound_version = outbound_version + 1 WHERE id = $2 \
             RETURNING outbound_version",
        )
        .bind(column::to_json(hosts)?)
        .bind(id.to_string())
        .fetch_one(self.connection())
        .await?;
        Ok(version)
    }
}

#[derive(sqlx::FromRow)]
struct OutboundRow {
    outbound_hosts: String,
    outbound_version: i64,
}

impl OutboundRow {
    fn read(self, id: &str) -> Result<OutboundRecord, StorageError> {
        let hosts = column::json("outbound_hosts", &self.outbound_hosts);
        let hosts = hosts.map_err(|error| error.of("allowed hosts of", id))?;
        Ok(OutboundRecord { hosts, version: self.outbound_version })
    }
}
