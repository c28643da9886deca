//! Records as programs see them.

use domain::configuration::ConfigurationDraft;
use domain::service::{
    ClusterPath, ClusterResource, ConfigurationPath, ConfigurationResource, FIRST_ERRORS, SpecTag, Standing,
    StandingError,
};
use storage::{ClusterRecord, ConfigurationRecord, LeftOut};

pub(super) fn cluster(record: ClusterRecord) -> ClusterResource {
    ClusterResource {
        path: cluster_path(&record),
        status: record.status,
        last_seen: record.last_seen,
        connected_at: record.created_at,
    }
}

/// `refused` are the first objects of its inventory that are not as wanted; what was left out comes after them.
pub(super) fn configuration(
    cluster: &ClusterRecord,
    record: ConfigurationRecord,
    refused: Vec<LeftOut>,
) -> ConfigurationResource {
    let errors = refused.into_iter().chain(record.left_out).take(FIRST_ERRORS);
    let state = record.summary.state;
    ConfigurationResource {
        path: ConfigurationPath { cluster: cluster_path(cluster), configuration: record.summary.name },
        tag: SpecTag { id: state.id, version: record.spec_version },
        draft: ConfigurationDraft::from_spec(&record.spec),
        repository_public_key: record.repository_public_key,
        standing: Standing {
            compliance: state.compliance,
            level: state.level,
            reason: state.reason,
            detail: record.detail,
            revision: state.revision,
            last_sync: state.last_sync,
            last_config_applied: record.last_config_applied,
            counts: state.counts,
            first_errors: errors.map(error).collect(),
            suspended_since: state.suspended_since,
        },
        created_at: record.created_at,
        updated_at: record.updated_at,
    }
}

fn cluster_path(record: &ClusterRecord) -> ClusterPath {
    ClusterPath {
        subscription: record.subscription,
        resource_group: record.resource_group_name.clone(),
        cluster_type: Some(record.cluster_type),
        cluster: record.name.clone(),
    }
}

fn error(left: LeftOut) -> StandingError {
    StandingError { object: left.object.to_string(), reason: left.reason, detail: left.detail }
}
