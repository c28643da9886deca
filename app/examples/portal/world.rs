//! The made-up world: three clusters and what flows into them.

use app::api::ApiOperation;
use domain::access::Role;
use domain::change::{Action, Change};
use domain::clock::{Moment, Timestamp};
use domain::cluster::{ClusterFacts, ClusterStatus, Connectivity};
use domain::configuration::{ConfigurationDraft, ParameterFields, StoredAccess};
use domain::health::Health;
use domain::id::{ChangeSetId, ClusterId, ConfigurationId, SessionId, TokenId};
use domain::object::ObjectKey;
use domain::prune::{PruneCause, PruneGuard};
use domain::reason::{ConnectionReason, ObjectReason, Reason};
use domain::service::{
    ChangeSetView, ClusterRow, ComplianceCounts, ConfigurationDetail, ConfigurationRow, ConfigurationState,
    DeletionPreview, HistoryRow, PruneListView, ResourceRow, ServiceError, SessionRow, TokenRow, WebhookView,
};
use domain::status::{Compliance, MessageLevel, ObjectCounts, SyncStep};
use uuid::Uuid;

use super::clusters;

pub(crate) const SUBSCRIPTION: &str = "00000000-0000-0000-0000-000000000001";
pub(crate) const SPEC_VERSION: i64 = 4;

const REVISION: &str = "4f2c1a9d6f3b0e8c7a5d4b3c2a1908f7e6d5c4b3";
/// 2026-11-23T14:02:07Z in milliseconds.
const NOW: i64 = 1_795_442_527_000;

/// So many milliseconds before now.
pub(crate) fn moment(before: i64) -> Moment {
    let seconds = (NOW - before) / 1000 % 86_400;
    let iso = format!("2026-11-23T{:02}:{:02}:{:02}Z", seconds / 3600, seconds / 60 % 60, seconds % 60);
    Moment { at: Timestamp(NOW - before), iso }
}

pub(crate) fn cluster_id(number: u128) -> ClusterId {
    ClusterId(Uuid::from_u128(0x100 + number))
}

pub(crate) fn configuration_id(number: u128) -> ConfigurationId {
    ConfigurationId(Uuid::from_u128(0x200 + number))
}

pub(crate) fn token() -> TokenRow {
    TokenRow {
        id: TokenId(Uuid::from_u128(0x300)),
        name: "deploy".to_owned(),
        prefix: "flp_AbC123".to_owned(),
        created_at: moment(86_400_000),
        expires_at: moment(-86_400_000),
        last_used_at: Some(moment(60_000)),
        role: Some(Role::Reader),
        place: crate::access::way(),
    }
}

pub(crate) fn session() -> SessionRow {
    SessionRow {
        id: SessionId(Uuid::from_u128(0x301)),
        present: false,
        created_at: moment(86_400_000),
        last_used_at: moment(60_000),
        expires_at: moment(-86_400_000),
        user_agent: Some("Mozilla/5.0".to_owned()),
        address: Some("192.0.2.7".to_owned()),
        parent: None,
    }
}

pub(crate) fn operations() -> Vec<ApiOperation> {
    let operation = |method: &str, path: &str, group: &str| ApiOperation {
        method: method.to_owned(),
        path: path.to_owned(),
        id: format!("{group}_{method}"),
        group: group.to_owned(),
        summary: "Reads it.".to_owned(),
    };
    vec![
        operation("GET", "/subscriptions/{subscriptionId}/providers/Microsoft.Kubernetes", "arm"),
        operation("POST", "/api/v1/sync", "portal"),
    ]
}

pub(crate) fn facts() -> ClusterFacts {
    ClusterFacts {
        kubernetes_version: "v1.35.4".to_owned(),
        node_count: 3,
        core_count: 12,
        distribution: "k3s".to_owned(),
    }
}

pub(crate) fn cluster(id: ClusterId) -> Result<ClusterRow, ServiceError> {
    clusters().into_iter().find(|row| row.id == id).ok_or(ServiceError::NotFound)
}

pub(crate) fn clusters() -> Vec<ClusterRow> {
    let row = |number: u128, name: &str, connectivity, reason, facts, failed| ClusterRow {
        id: cluster_id(number),
        name: name.to_owned(),
        cluster_type: clusters::cluster_type(number),
        subscription_name: "Demo".to_owned(),
        subscription: SUBSCRIPTION.to_owned(),
        resource_group: "AzureArcTest".to_owned(),
        resource_group_display_name: "Arc test".to_owned(),
        version: 1,
        status: ClusterStatus { connectivity, reason, detail: None, facts },
        last_seen: Some(moment(12_000)),
        configurations: ComplianceCounts { installed: 3, pending: 1, failed },
    };
    vec![
        row(1, "AzureArcTest1", Connectivity::Connected, ConnectionReason::Connected, Some(facts()), 1),
        row(2, "edge-shanghai", Connectivity::Offline, ConnectionReason::Unreachable, Some(facts()), 0),
        row(3, "aks-production", Connectivity::Connecting, ConnectionReason::NeverAsked, None, 0),
    ]
}

pub(crate) fn configurations() -> Vec<ConfigurationRow> {
    let base = |number: u128, name: &str, scope: &str, state| ConfigurationRow {
        id: configuration_id(number),
        cluster: cluster_id(1),
        cluster_name: "AzureArcTest1".to_owned(),
        name: name.to_owned(),
        repository_url: format!("https://git.example.com/teams/platform/{name}.git"),
        branch: "main".to_owned(),
        operator_instance_name: name.to_owned(),
        operator_namespace: name.to_owned(),
        operator_scope: scope.to_owned(),
        state,
    };
    let installed = state(1, Compliance::Installed, Reason::Installed);
    let refused = Reason::ObjectsRefused { refused: 1, total: 6 };
    let failed = state(2, Compliance::Failed, refused);
    let pending = ConfigurationState {
        revision: None,
        last_sync: None,
        health: None,
        ..state(3, Compliance::Pending, Reason::WaitingForFirstSync)
    };
    let syncing = ConfigurationState {
        syncing: Some(SyncStep::Apply),
        ..state(4, Compliance::Installed, Reason::Installed)
    };
    let warned = ConfigurationState {
        level: MessageLevel::Warning,
        ..state(5, Compliance::Installed, Reason::ObjectsLeftOut { count: 2 })
    };
    let offline = ConfigurationState {
        offline_since: Some(moment(1_000_000)),
        ..state(6, Compliance::Installed, Reason::Installed)
    };
    let elsewhere = ConfigurationRow {
        cluster: cluster_id(2),
        cluster_name: "edge-shanghai".to_owned(),
        ..base(6, "edge", "cluster", offline)
    };
    vec![
        base(2, "team-b", "namespace", failed),
        base(3, "team-c", "namespace", pending),
        base(1, "cluster-config", "cluster", installed),
        base(4, "monitoring", "cluster", syncing),
        base(5, "team-a", "namespace", warned),
        elsewhere,
    ]
}

fn state(number: u128, compliance: Compliance, reason: Reason) -> ConfigurationState {
    ConfigurationState {
        id: configuration_id(number),
        version: 1,
        compliance,
        level: if compliance == Compliance::Failed { MessageLevel::Error } else { MessageLevel::Information },
        reason,
        health: Some(Health::Healthy),
        revision: Some(REVISION.to_owned()),
        last_sync: Some(moment(i64::try_from(number).unwrap_or(0) * 100_000)),
        syncing: None,
        counts: ObjectCounts { total: 6, created: 1, configured: 1, unchanged: 3, refused: 1, left_out: 0 },
        offline_since: None,
        suspended_since: None,
        put_off: None,
        deleting: false,
    }
}

pub(crate) fn configuration(id: ConfigurationId) -> Result<ConfigurationDetail, ServiceError> {
    let row = configurations().into_iter().find(|row| row.id == id).ok_or(ServiceError::NotFound)?;
    let failed = row.state.compliance == Compliance::Failed;
    let draft = ConfigurationDraft {
        name: row.name.clone(),
        operator_instance_name: row.operator_instance_name.clone(),
        operator_namespace: row.operator_namespace.clone(),
        operator_scope: row.operator_scope.clone(),
        repository_url: row.repository_url.clone(),
        operator_params: "--git-readonly --git-branch=main --git-path=releases,base".to_owned(),
        parameters: Some(ParameterFields {
            git_branch: "main".to_owned(),
            git_path: "releases,base".to_owned(),
            git_readonly: "true".to_owned(),
            ..ParameterFields::default()
        }),
        enable_helm_operator: "true".to_owned(),
        chart_version: "1.2.0".to_owned(),
        ..ConfigurationDraft::default()
    };
    Ok(ConfigurationDetail {
        draft,
        spec_version: SPEC_VERSION,
        access: StoredAccess::default(),
        repository_public_key: None,
        may_trust: true,
        detail: failed.then(|| {
            "Deployment.apps \"arc-k8s-demo\" is invalid: spec.replicas: Invalid value: -1".to_owned()
        }),
        revision_subject: Some("Scale the demo up · Ada Lovelace".to_owned()),
        last_config_applied: Some(moment(100_000)),
        created_at: moment(9_000_000),
        parameters_without_effect: vec!["--log-format=json".to_owned()],
        chart_values_without_effect: vec!["tillerNamespace".to_owned()],
        namespaces: vec!["itops".to_owned(), "team-a".to_owned(), "team-b".to_owned()],
        resources: resources(failed),
        last_change_set: Some(change_set(failed)),
        history: history(&row.state),
        deletion: DeletionPreview {
            removed: vec![
                object("", "ServiceAccount", Some(&row.operator_namespace), &row.name),
                object("rbac.authorization.k8s.io", "ClusterRoleBinding", None, &row.name),
                object("coordination.k8s.io", "Lease", Some(&row.operator_namespace), &row.name),
            ],
            namespace: row.operator_namespace.clone(),
            namespace_may_go: true,
            kept: resources(failed).into_iter().map(|row| row.object).collect(),
        },
        prune: prune(failed),
        has_releases: super::releases::has_releases(id),
        webhook: failed.then(|| WebhookView {
            address: "/webhooks/0123456789abcdef0123456789abcdef".to_owned(),
            made_at: moment(9_000_000),
            taken_at: Some(moment(60_000)),
            refused_at: None,
        }),
        now: moment(0),
        may_write: true,
        row,
    })
}

/// The hash of the list that waits.
pub(crate) const PRUNE_HASH: &str = "4d1f";

fn prune(failed: bool) -> Vec<PruneListView> {
    let list = PruneListView {
        cause: PruneCause::Guard,
        guards: vec![
            PruneGuard::Many { count: 12, total: 30 },
            PruneGuard::Holds { kind: "CustomResourceDefinition".to_owned(), instances: Some(3) },
        ],
        objects: vec![
            object("", "Namespace", None, "team-b"),
            object("", "ConfigMap", Some("team-b"), "old"),
        ],
        hash: PRUNE_HASH.to_owned(),
        since: moment(30_000),
        confirmed_at: None,
    };
    if failed { vec![list] } else { Vec::new() }
}

fn object(group: &str, kind: &str, namespace: Option<&str>, name: &str) -> ObjectKey {
    ObjectKey {
        group: group.to_owned(),
        kind: kind.to_owned(),
        namespace: namespace.map(str::to_owned),
        name: name.to_owned(),
    }
}

fn resources(failed: bool) -> Vec<ResourceRow> {
    let row = |object, health, place: &str| ResourceRow {
        object,
        health,
        message: None,
        place: place.to_owned(),
        reason: None,
        detail: None,
    };
    let mut deployment =
        row(object("apps", "Deployment", None, "arc-k8s-demo"), Health::Progressing, "releases/demo.yaml:1");
    deployment.object.namespace = Some("team-a".to_owned());
    deployment.message = Some("Available: 0/1".to_owned());
    if failed {
        deployment.reason = Some(ObjectReason::Invalid);
        deployment.detail =
            Some("spec.replicas: Invalid value: -1: must be greater than or equal to 0".to_owned());
    }
    vec![
        row(object("", "Namespace", None, "team-a"), Health::Healthy, "base/namespaces.yaml:1"),
        row(object("", "Namespace", None, "team-b"), Health::Healthy, "base/namespaces.yaml:6"),
        row(object("", "ConfigMap", Some("team-a"), "endpoints"), Health::Healthy, "base/endpoints.yaml:1"),
        deployment,
        row(object("", "Service", Some("team-a"), "arc-k8s-demo"), Health::Healthy, "releases/demo.yaml:24"),
    ]
}

fn change_set(failed: bool) -> ChangeSetView {
    let change = |object, action, reason: Option<ObjectReason>| Change {
        object,
        action,
        place: "releases/demo.yaml:1".to_owned(),
        detail: reason.as_ref().map(|_| "spec.replicas: Invalid value: -1".to_owned()),
        reason,
    };
    let deployment = object("apps", "Deployment", Some("team-a"), "arc-k8s-demo");
    ChangeSetView {
        id: ChangeSetId(Uuid::from_u128(1)),
        revision: Some(REVISION.to_owned()),
        ended_at: moment(100_000),
        changes: vec![
            change(object("", "Service", Some("team-a"), "arc-k8s-demo"), Action::Create, None),
            change(deployment, Action::Configure, failed.then_some(ObjectReason::Invalid)),
        ],
    }
}

fn history(state: &ConfigurationState) -> Vec<HistoryRow> {
    let row = |number: u128, before: i64| HistoryRow {
        id: ChangeSetId(Uuid::from_u128(number)),
        revision: Some(REVISION.to_owned()),
        subject: Some("Scale the demo up".to_owned()),
        compliance: state.compliance,
        reason: state.reason.clone(),
        ended_at: moment(before),
        duration_milliseconds: 1_240,
        counts: state.counts,
        resumed: number == 1,
    };
    vec![row(2, 100_000), row(1, 5_000_000)]
}
