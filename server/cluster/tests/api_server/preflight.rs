//! What the kubeconfig's user may do.

use std::collections::BTreeMap;

use domain::cluster::{CheckOutcome, Permission, Preflight};
use k8s_openapi::api::rbac::v1::{ClusterRole, ClusterRoleBinding};
use kube::api::{Api, PostParams};
use serde_json::Value;

use crate::support::{connection, testbed};

fn outcomes(preflight: &Preflight) -> BTreeMap<Permission, CheckOutcome> {
    preflight.items.iter().map(|item| (item.permission, item.outcome.clone())).collect()
}

#[tokio::test]
async fn an_administrator_may_everything() {
    let preflight = connection(&testbed().await.kubeconfig()).preflight().await;
    assert!(preflight.items.iter().all(|item| item.outcome == CheckOutcome::Passed), "{:?}", preflight.items);
    assert_eq!(preflight.items.len(), 12);
    assert!(preflight.passed() && preflight.missing_rbac.is_none());
    assert!(preflight.uid.is_some());
    let facts = preflight.facts.expect("facts");
    assert!(
        facts.kubernetes_version.starts_with("v1.") && facts.node_count >= 1 && facts.core_count >= 1,
        "{facts:?}"
    );
}

#[tokio::test]
async fn a_restricted_user_is_told_what_is_missing_and_passes_with_exactly_that() {
    let user = "preflight: \"restricted\"";
    let connection = connection(&testbed().await.kubeconfig_for_user(user).expect("a kubeconfig"));
    let preflight = connection.preflight().await;
    assert!(!preflight.passed());
    let found = outcomes(&preflight);
    assert_eq!(found[&Permission::Authenticate], CheckOutcome::Passed);
    assert!(
        matches!(&found[&Permission::ReadIdentity], CheckOutcome::Failed { detail } if detail.contains("kube-system"))
    );
    assert!(
        matches!(&found[&Permission::ImpersonateServiceAccounts], CheckOutcome::Failed { detail } if detail == "the user may not impersonate serviceaccounts")
    );
    assert_eq!(found[&Permission::ListNodes], CheckOutcome::Missing);

    let text =
        preflight.missing_rbac.expect("a role to copy").replace("name: fairlead", "name: fairlead-preflight");
    let documents: Vec<Value> = serde_saphyr::from_multiple(&text).expect("YAML");
    let client = testbed().await.client().expect("a client");
    let [role, binding] = documents.try_into().expect("a role and a binding");
    let role: ClusterRole = serde_json::from_value(role).expect("a role");
    let binding: ClusterRoleBinding = serde_json::from_value(binding).expect("a binding");
    Api::all(client.clone()).create(&PostParams::default(), &role).await.expect("made");
    Api::all(client).create(&PostParams::default(), &binding).await.expect("made");
    crate::support::eventually("the role is in force", || async {
        let preflight = connection.preflight().await;
        preflight.items.iter().all(|item| item.outcome == CheckOutcome::Passed)
    })
    .await;
}

#[tokio::test]
async fn what_depends_on_a_failed_check_is_skipped() {
    let refused = connection(&testbed().await.kubeconfig_for_token("no-such-token")).preflight().await;
    let found = outcomes(&refused);
    assert_eq!(found.len(), 12);
    assert_eq!(found[&Permission::Reach], CheckOutcome::Passed);
    assert!(matches!(found[&Permission::Authenticate], CheckOutcome::Failed { .. }));
    assert_eq!(found[&Permission::WatchObjects], CheckOutcome::Skipped);
    assert!(!refused.passed() && refused.missing_rbac.is_none());
}
