//! Configurations as lists and live pages show them.

use domain::quota::PutOff;
use domain::service::{ConfigurationRow, ConfigurationState};
use storage::{ConfigurationSummary, StoredPutOff, StoredState};

use crate::moment::moment;

pub(super) fn row(summary: ConfigurationSummary) -> ConfigurationRow {
    ConfigurationRow {
        id: summary.state.id,
        cluster: summary.state.cluster,
        cluster_name: summary.cluster_name,
        name: summary.name,
        repository_url: summary.repository_url,
        branch: summary.branch,
        operator_instance_name: summary.operator_instance_name,
        operator_namespace: summary.operator_namespace,
        operator_scope: summary.operator_scope.as_str().to_owned(),
        state: state(summary.state),
    }
}

pub(super) fn put_off(StoredPutOff { until, limit }: StoredPutOff) -> PutOff {
    PutOff { until: moment(until), limit }
}

pub(super) fn state(state: StoredState) -> ConfigurationState {
    ConfigurationState {
        id: state.id,
        version: state.version,
        compliance: state.compliance,
        level: state.level,
        reason: state.reason,
        health: state.health,
        revision: state.revision,
        last_sync: state.last_sync.map(moment),
        syncing: state.syncing,
        counts: state.counts,
        offline_since: state.offline_since.map(moment),
        suspended_since: state.suspended_since.map(moment),
        put_off: state.put_off.map(put_off),
        // a deleted one has no row any more: the live stream tells that it is gone
        deleting: false,
    }
}
