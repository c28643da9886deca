//! Clusters as pages show them.

use domain::service::ClusterRow;
use storage::ClusterRecord;

use crate::moment::moment;

/// A row of the list.
pub(crate) fn row(record: ClusterRecord) -> ClusterRow {
    ClusterRow {
        id: record.id,
        name: record.name,
        cluster_type: record.cluster_type,
        subscription_name: record.subscription_name,
        subscription: record.subscription.to_string(),
        resource_group: record.resource_group_name,
        version: record.version,
        status: record.status,
        last_seen: record.last_seen.map(moment),
        configurations: record.configurations,
    }
}
