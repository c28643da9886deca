//! Clusters as pages show them.

use domain::service::{ClusterRow, RetirementRow};
use storage::{ClusterRecord, Retirement};

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
        resource_group_display_name: record.resource_group_display_name,
        version: record.version,
        status: record.status,
        last_seen: record.last_seen.map(moment),
        configurations: record.configurations,
    }
}

/// An operator that goes.
pub(super) fn retirement(retirement: Retirement) -> RetirementRow {
    RetirementRow {
        id: retirement.id,
        operator: operator(&retirement),
        configuration: retirement.configuration_name,
        state: retirement.state,
        detail: retirement.last_error,
        requested_at: moment(retirement.requested_at),
        requested_by: retirement.requested_by_name,
    }
}

/// As people call an operator.
pub(super) fn operator(retirement: &Retirement) -> String {
    format!("{}/{}", retirement.operator_namespace, retirement.operator_instance_name)
}
