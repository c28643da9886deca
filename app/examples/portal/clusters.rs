//! Clusters of the made-up world.

use async_trait::async_trait;
use domain::access::{Actor, Role};
use domain::cluster::{CheckOutcome, ClusterType, Permission, Preflight, PreflightItem};
use domain::id::{ClusterDraftId, ClusterId, RetirementId};
use domain::page::{Page, PageQuery};
use domain::reason::RetirementState;
use domain::service::{
    ClusterDetail, ClusterList, ClusterRow, ClusterService, Conflict, ConnectDraft, ConnectView, ContextView,
    PlaceChoice, RefusedField, RetirementRow, ServiceError,
};
use domain::violation::{Field, KubeconfigRefusal, Rule, Violations};
use uuid::Uuid;

use crate::sample::Sample;
use crate::world;

#[async_trait]
impl ClusterService for Sample {
    async fn list(&self, _actor: &Actor, query: &PageQuery) -> Result<ClusterList, ServiceError> {
        let mut items = world::clusters();
        items.retain(|item| item.name.to_lowercase().contains(&query.filter.to_lowercase()));
        let total = u32::try_from(items.len()).unwrap_or(0);
        Ok(ClusterList { page: Page { items, total, page: 1 }, now: world::moment(0), may_connect: true })
    }

    async fn get(&self, _actor: &Actor, id: ClusterId) -> Result<ClusterDetail, ServiceError> {
        Ok(ClusterDetail {
            row: world::cluster(id)?,
            server: "https://10.0.0.7:6443".to_owned(),
            uid: "8d1f6a52-8d39-4b7e-9c0f-1b7a5e0a9f11".to_owned(),
            connected_at: world::moment(90_000_000),
            preflight: Some(preflight(CheckOutcome::Missing)),
            retirements: vec![
                retirement("old-config", RetirementState::Waiting, 20_000),
                retirement("older-config", RetirementState::WishTooOld, 100_000_000),
            ],
            now: world::moment(0),
            role: Role::Owner,
        })
    }

    async fn rows(&self, _actor: &Actor, _ids: &[ClusterId]) -> Result<Vec<ClusterRow>, ServiceError> {
        Ok(Vec::new())
    }

    async fn begin_connect(&self, _actor: &Actor, kubeconfig: &str) -> Result<ConnectView, ServiceError> {
        if !kubeconfig.contains("apiVersion") {
            let mut violations = Violations::default();
            let detail = "line 1: a mapping was expected".to_owned();
            violations.push(Field::Kubeconfig, Rule::KubeconfigFormat { detail });
            return Err(ServiceError::Invalid { violations });
        }
        Ok(connect_view(None))
    }

    async fn draft(
        &self,
        _actor: &Actor,
        _draft: ClusterDraftId,
        context: Option<&str>,
    ) -> Result<ConnectView, ServiceError> {
        Ok(connect_view(context))
    }

    async fn connect(
        &self,
        _actor: &Actor,
        _draft: ClusterDraftId,
        _context: &str,
        connect: &ConnectDraft,
    ) -> Result<ClusterId, ServiceError> {
        if connect.cluster_name == "taken" {
            let conflict = Conflict::ClusterConnectedAlready { name: Some("AzureArcTest1".to_owned()) };
            return Err(ServiceError::Conflict { conflict });
        }
        Ok(world::cluster_id(1))
    }

    async fn disconnect(&self, _actor: &Actor, _id: ClusterId) -> Result<(), ServiceError> {
        Err(ServiceError::Conflict { conflict: Conflict::ClusterHasConfigurations { count: 3 } })
    }

    async fn replace_kubeconfig(
        &self,
        _actor: &Actor,
        _id: ClusterId,
        _kubeconfig: &str,
        _context: &str,
    ) -> Result<(), ServiceError> {
        let uid = "11111111-2222-3333-4444-555555555555".to_owned();
        Err(ServiceError::Conflict { conflict: Conflict::KubeconfigOfAnotherCluster { uid } })
    }

    async fn confirm_replaced(&self, _actor: &Actor, _id: ClusterId, _uid: &str) -> Result<(), ServiceError> {
        Ok(())
    }

    async fn renew_retirement(
        &self,
        _actor: &Actor,
        _id: ClusterId,
        _retirement: RetirementId,
    ) -> Result<(), ServiceError> {
        Ok(())
    }

    async fn check(&self, actor: &Actor, id: ClusterId) -> Result<ClusterDetail, ServiceError> {
        ClusterService::get(self, actor, id).await
    }
}

fn retirement(name: &str, state: RetirementState, milliseconds_ago: i64) -> RetirementRow {
    RetirementRow {
        id: RetirementId(Uuid::from_u128(8)),
        configuration: name.to_owned(),
        operator: format!("{name}/{name}"),
        state,
        detail: None,
        requested_at: world::moment(milliseconds_ago),
        requested_by: Some("ada".to_owned()),
    }
}

fn connect_view(context: Option<&str>) -> ConnectView {
    let refused = |field: &str, reason| RefusedField { field: field.to_owned(), reason };
    let view = |name: &str, user: &str, refused| ContextView {
        name: name.to_owned(),
        server: "https://10.0.0.7:6443".to_owned(),
        user: user.to_owned(),
        namespace: None,
        refused,
    };
    let outcome = match context {
        Some("weak") => {
            CheckOutcome::Failed { detail: "namespaces is forbidden: User \"weak\" cannot create".to_owned() }
        }
        _ => CheckOutcome::Passed,
    };
    ConnectView {
        draft: ClusterDraftId(Uuid::from_u128(7)),
        contexts: vec![
            view("admin@test1", "admin", Vec::new()),
            view("weak", "weak", Vec::new()),
            view(
                "exec user",
                "ada",
                vec![
                    refused("users[ada].user.exec", KubeconfigRefusal::RunsProgram),
                    refused("clusters[test1].cluster.proxy-url", KubeconfigRefusal::Proxy),
                ],
            ),
        ],
        context: context.map(str::to_owned),
        preflight: context.map(|_| preflight(outcome)),
        proposed_name: "test1".to_owned(),
        places: vec![PlaceChoice {
            value: format!("{}/AzureArcTest", world::SUBSCRIPTION),
            subscription_name: "Demo".to_owned(),
            resource_group: "AzureArcTest".to_owned(),
            reached: None,
        }],
    }
}

fn preflight(create_namespaces: CheckOutcome) -> Preflight {
    let item = |permission, outcome| PreflightItem { permission, outcome };
    let passed = create_namespaces == CheckOutcome::Passed;
    Preflight {
        items: vec![
            item(Permission::Reach, CheckOutcome::Passed),
            item(Permission::Authenticate, CheckOutcome::Passed),
            item(Permission::ReadIdentity, CheckOutcome::Passed),
            item(Permission::ListNodes, CheckOutcome::Passed),
            item(Permission::CreateNamespaces, create_namespaces),
            item(Permission::ImpersonateServiceAccounts, CheckOutcome::Skipped),
        ],
        uid: None,
        facts: Some(world::facts()),
        missing_rbac: (!passed).then(|| "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n  name: fairlead\nrules:\n  - apiGroups: [\"\"]\n    resources: [namespaces]\n    verbs: [create]\n".to_owned()),
    }
}

/// The types a cluster may have, as the samples spread them.
pub(crate) fn cluster_type(number: u128) -> ClusterType {
    if number == 3 { ClusterType::ManagedClusters } else { ClusterType::ConnectedClusters }
}
