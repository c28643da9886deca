//! Making, fencing and removing the operator objects.

use domain::configuration::OperatorScope;
use domain::id::InstallationId;
use domain::reason::Reason;
use engine::port::cluster::{Cluster as _, Fence, HeldLease, NamespaceFate, Operator, Provisioned};
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::{Namespace, ServiceAccount};
use k8s_openapi::api::rbac::v1::{ClusterRoleBinding, RoleBinding};
use kube::Resource;
use kube::api::{Api, ObjectMeta, Patch, PatchParams, PostParams};
use serde::de::DeserializeOwned;
use serde_json::json;
use testbed::{FaultProxy, Rule};

use crate::support::{
    about, administrator, config_maps_of, connection, eventually, named, operator, testbed, unique, writes,
};

fn installation(last: char) -> InstallationId {
    format!("01980000-0000-7000-8000-00000000000{last}").parse().expect("an id")
}

/// A database that has begun these terms.
fn fence(terms: &[&str]) -> Fence {
    let terms = terms.iter().map(|term| (*term).to_owned()).collect();
    Fence { installation: installation('1'), terms }
}

async fn all<K>() -> Api<K>
where
    K: Resource<DynamicType = ()> + Clone + std::fmt::Debug + DeserializeOwned,
{
    Api::all(testbed().await.client().expect("a client"))
}

async fn inside<K>(operator: &Operator) -> Api<K>
where
    K: Resource<DynamicType = (), Scope = kube::core::NamespaceResourceScope>
        + Clone
        + std::fmt::Debug
        + DeserializeOwned,
{
    Api::namespaced(testbed().await.client().expect("a client"), operator.namespace.as_str())
}

fn metadata(name: &str) -> ObjectMeta {
    ObjectMeta { name: Some(name.to_owned()), ..ObjectMeta::default() }
}

fn cluster_binding(operator: &Operator) -> String {
    format!("fairlead:{}:{}", operator.namespace, operator.instance)
}

#[tokio::test]
async fn an_operator_is_made_once_and_then_costs_no_write() {
    let (connection, operator) = (administrator().await, operator("once", OperatorScope::Cluster).await);
    let mark = testbed().await.audit_mark().await.expect("a mark");
    let made = connection.provision(&operator).await.expect("provisioned");
    connection.begin_term(&operator, &fence(&["one"]), None, "one").await.expect("taken");
    assert_eq!(made, Provisioned { namespace_is_ours: true });
    let (events, mark) = testbed().await.audit_and_mark(mark).await.expect("events");
    assert_eq!(
        writes(&about(&events, operator.namespace.as_str())),
        ["create leases", "create serviceaccounts"],
        "what is outside of the namespace is created without its name in the path"
    );
    let bindings = all::<ClusterRoleBinding>().await;
    let binding = bindings.get(&cluster_binding(&operator)).await.expect("a binding");
    assert_eq!(binding.metadata.labels.expect("labels")["app.kubernetes.io/managed-by"], "fairlead");

    assert_eq!(connection.provision(&operator).await, Ok(Provisioned { namespace_is_ours: true }));
    eventually("the watch has seen the Lease", || async {
        connection.fence(&operator, &fence(&["one"]), false).await.expect("an answer").is_some()
    })
    .await;
    let events = testbed().await.audit(mark).await.expect("events");
    let mut again = about(&events, operator.namespace.as_str());
    again.retain(|event| event.user_agent.starts_with("fairlead/"));
    assert_eq!(writes(&again), Vec::<String>::new());
    let asked: Vec<String> = again.iter().map(|event| format!("{} {}", event.verb, event.resource)).collect();
    assert_eq!(asked, ["get leases"], "the rest is known from watches");
}

#[tokio::test]
async fn a_namespace_and_a_service_account_that_are_there_are_used_and_not_claimed() {
    let operator = named(&unique("there").await, OperatorScope::Namespace).await;
    let accounts = inside::<ServiceAccount>(&operator).await;
    let account = ServiceAccount { metadata: metadata("op"), ..ServiceAccount::default() };
    accounts.create(&PostParams::default(), &account).await.expect("made");
    let connection = administrator().await;
    assert_eq!(connection.provision(&operator).await, Ok(Provisioned { namespace_is_ours: false }));
    assert!(inside::<RoleBinding>(&operator).await.get("op").await.is_ok());

    assert_eq!(connection.retire(&operator, true).await, Ok(NamespaceFate::KeptForeign));
    assert!(accounts.get("op").await.is_ok());
    assert!(inside::<RoleBinding>(&operator).await.get("op").await.is_err());
}

#[tokio::test]
async fn a_binding_that_says_something_else_is_neither_changed_nor_used() {
    let operator = named(&unique("other").await, OperatorScope::Namespace).await;
    let bindings = inside::<RoleBinding>(&operator).await;
    let foreign: RoleBinding = serde_json::from_value(json!({
        "metadata": {"name": "op"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"},
        "subjects": [{"kind": "ServiceAccount", "name": "op", "namespace": operator.namespace.as_str()}],
    }))
    .expect("a binding");
    bindings.create(&PostParams::default(), &foreign).await.expect("made");
    let error = administrator().await.provision(&operator).await.expect_err("refused");
    assert_eq!(error.reason, Reason::ProvisionFailed);
    assert!(error.detail.expect("words").contains("does not bind"));
    assert_eq!(bindings.get("op").await.expect("a binding").role_ref.name, "view");
}

#[tokio::test]
async fn an_operator_narrowed_to_its_namespace_loses_its_rights_in_the_cluster() {
    let (connection, wide) = (administrator().await, operator("narrow", OperatorScope::Cluster).await);
    connection.provision(&wide).await.expect("provisioned");
    let narrow = Operator { scope: OperatorScope::Namespace, ..wide.clone() };
    connection.provision(&narrow).await.expect("provisioned");
    let name = cluster_binding(&wide);
    assert!(all::<ClusterRoleBinding>().await.get_opt(&name).await.expect("an answer").is_none());
    assert!(inside::<RoleBinding>(&narrow).await.get("op").await.is_ok());
}

#[tokio::test]
async fn rights_in_the_cluster_that_the_watch_has_not_seen_yet_are_taken_away_too() {
    let proxy = FaultProxy::in_front_of(testbed().await).expect("a proxy");
    let silent = proxy.add(Rule::hang().path_contains("/clusterrolebindings?").path_contains("watch=true"));
    let connection = connection(&proxy.kubeconfig());
    let first = operator("listed", OperatorScope::Namespace).await;
    connection.provision(&first).await.expect("provisioned, and all kinds listed");
    let wide = operator("unseen", OperatorScope::Cluster).await;
    administrator().await.provision(&wide).await.expect("provisioned");

    let narrow = Operator { scope: OperatorScope::Namespace, ..wide.clone() };
    connection.provision(&narrow).await.expect("provisioned");
    let bindings = all::<ClusterRoleBinding>().await;
    assert!(bindings.get_opt(&cluster_binding(&wide)).await.expect("an answer").is_none());
    assert!(proxy.hits(silent) > 0);
}

#[tokio::test]
async fn the_lease_lets_in_whoever_began_its_term_and_nobody_else() {
    let (connection, operator) = (administrator().await, operator("lease", OperatorScope::Cluster).await);
    connection.provision(&operator).await.expect("provisioned");
    assert_eq!(connection.fence(&operator, &fence(&[]), false).await, Ok(None));
    connection.begin_term(&operator, &fence(&["one"]), None, "one").await.expect("made");
    let held = async |term: &str| {
        let held = connection.fence(&operator, &fence(&[term]), true).await.expect("an answer");
        held.filter(|held| held.term == term).expect("it says so")
    };
    let one = held("one").await;
    connection.begin_term(&operator, &fence(&["one", "two"]), Some(&one), "two").await.expect("written");
    held("two").await;
    let again = connection.begin_term(&operator, &fence(&["one", "two"]), Some(&one), "two").await;
    again.expect("an answer that was lost");
    let copy = fence(&["one", "three"]);
    let late = connection.begin_term(&operator, &copy, Some(&one), "three").await.expect_err("a copy");
    let copy = connection.fence(&operator, &copy, true).await.expect_err("a copy");
    let other = Fence { installation: installation('2'), terms: vec!["two".to_owned()] };
    let other = connection.fence(&operator, &other, true).await.expect_err("another installation");
    for error in [late, copy, other] {
        assert_eq!(error.reason, Reason::ManagedElsewhere);
    }
    let leases = inside::<Lease>(&operator).await;
    let lease = leases.get("op").await.expect("a lease");
    assert_eq!(lease.metadata.annotations.expect("annotations")["fairlead/term"], "two");
    assert_eq!(lease.spec.and_then(|spec| spec.holder_identity), Some(installation('1').to_string()));
}

#[tokio::test]
async fn a_lease_that_goes_in_the_middle_of_a_sync_is_not_made_anew_by_it() {
    let (connection, operator) = (administrator().await, operator("went", OperatorScope::Cluster).await);
    connection.provision(&operator).await.expect("provisioned");
    let fence = fence(&["one", "two"]);
    let object = json!({
        "metadata": {
            "name": "op", "namespace": operator.namespace.as_str(), "resourceVersion": "1",
            "uid": "01980000-0000-4000-8000-000000000000",
        },
    });
    let read = HeldLease { term: "one".to_owned(), object };
    let error = connection.begin_term(&operator, &fence, Some(&read), "two").await.expect_err("refused");
    assert_eq!(error.reason, Reason::ManagedElsewhere);
    assert!(inside::<Lease>(&operator).await.get_opt("op").await.expect("an answer").is_none());
}

#[tokio::test]
async fn an_operator_that_is_retired_takes_its_empty_namespace_along() {
    let (connection, operator) = (administrator().await, operator("empty", OperatorScope::Cluster).await);
    connection.provision(&operator).await.expect("provisioned");
    connection.begin_term(&operator, &fence(&["one"]), None, "one").await.expect("taken");
    assert_eq!(connection.retire(&operator, true).await, Ok(NamespaceFate::Deleted));
    let name = cluster_binding(&operator);
    assert!(all::<ClusterRoleBinding>().await.get_opt(&name).await.expect("an answer").is_none());
    let namespaces = all::<Namespace>().await;
    eventually("the namespace is gone", || async {
        namespaces.get_opt(operator.namespace.as_str()).await.expect("an answer").is_none()
    })
    .await;
    assert_eq!(connection.retire(&operator, true).await, Ok(NamespaceFate::Deleted), "a second time");
}

#[tokio::test]
async fn a_namespace_with_something_in_it_stays() {
    let (connection, operator) = (administrator().await, operator("used", OperatorScope::Cluster).await);
    connection.provision(&operator).await.expect("provisioned");
    let namespace = operator.namespace.as_str();
    let work = serde_json::from_value(json!({"metadata": {"name": "work"}})).expect("a config map");
    config_maps_of(namespace).await.create(&PostParams::default(), &work).await.expect("made");
    assert_eq!(connection.retire(&operator, true).await, Ok(NamespaceFate::KeptInUse));
    assert!(config_maps_of(namespace).await.get("work").await.is_ok());
    assert!(inside::<ServiceAccount>(&operator).await.get_opt("op").await.expect("an answer").is_none());
}

#[tokio::test]
async fn a_namespace_whose_label_was_taken_away_is_no_longer_ours() {
    let (connection, operator) = (administrator().await, operator("label", OperatorScope::Cluster).await);
    connection.provision(&operator).await.expect("provisioned");
    let namespaces = all::<Namespace>().await;
    let unlabel = Patch::Merge(json!({"metadata": {"labels": {"fairlead/created": null}}}));
    namespaces.patch(operator.namespace.as_str(), &PatchParams::default(), &unlabel).await.expect("patched");
    eventually("the watch has seen it", || async {
        connection.provision(&operator).await == Ok(Provisioned { namespace_is_ours: false })
    })
    .await;
    assert_eq!(connection.retire(&operator, true).await, Ok(NamespaceFate::KeptForeign));
    assert!(namespaces.get(operator.namespace.as_str()).await.is_ok());
}

#[tokio::test]
async fn a_user_who_may_not_is_told_so() {
    let kubeconfig = testbed().await.kubeconfig_for_user("nobody-special").expect("a kubeconfig");
    let connection = connection(&kubeconfig);
    let operator = operator("denied", OperatorScope::Cluster).await;
    let error = connection.provision(&operator).await.expect_err("refused");
    assert_eq!(error.reason, Reason::ProvisionDenied);
    assert!(error.detail.expect("words").contains("nobody-special"));
    let client = connection.operator(&operator);
    let error = client.kinds(true).await.expect_err("may not impersonate");
    assert_eq!(error.reason, Reason::ProvisionDenied);
}
