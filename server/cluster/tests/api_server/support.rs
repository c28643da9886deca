//! Connections, operators and objects for the tests.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use cluster::kubeconfig::Kubeconfig;
use cluster::{Connection, Credential};
use domain::cluster::ClusterUid;
use domain::configuration::OperatorScope;
use domain::name::{OperatorInstanceName, OperatorNamespace};
use domain::object::{ObjectKey, ResourceKind};
use engine::desired::{Desired, Rank};
use engine::marks::GC_MARK_LABEL;
use engine::port::cluster::{Cluster as _, Operator, OperatorClient};
use k8s_openapi::api::core::v1::ConfigMap;
use kube::api::Api;
use serde_json::{Value, json};
use testbed::{AuditEvent, Cluster};

/// Bounds a wait for something that takes a second; only a failure waits this long.
const LIMIT: Duration = Duration::from_mins(1);

pub(crate) async fn testbed() -> &'static Cluster {
    Cluster::shared().await.expect("a control plane")
}

/// The testbed listens on the loopback interface, which the policy refuses by itself.
pub(crate) fn policy() -> outbound::Policy {
    outbound::Policy::allowing(&["127.0.0.0/8"]).expect("entries")
}

pub(crate) fn credential(kubeconfig: &str) -> Credential {
    Kubeconfig::parse(kubeconfig).expect("a kubeconfig").choose("default").expect("a credential")
}

pub(crate) fn connection(kubeconfig: &str) -> Connection {
    Connection::open(&credential(kubeconfig), &policy(), &relay(), None).expect("a connection")
}

/// What programs are led by.
pub(crate) fn relay() -> outbound::Relay {
    outbound::Relay::start(outbound::Proxies::default()).expect("a relay")
}

/// As the administrator of the testbed.
pub(crate) async fn administrator() -> Connection {
    connection(&testbed().await.kubeconfig())
}

/// Of the testbed's control plane.
pub(crate) async fn uid() -> ClusterUid {
    administrator().await.identify(true).await.expect("a UID")
}

/// A name that no other test has, short enough for an operator.
pub(crate) async fn unique(prefix: &str) -> String {
    let name = testbed().await.namespace(prefix).await.expect("a namespace");
    assert!(name.len() <= 21, "{name} leaves no room for a suffix");
    name
}

/// An operator in a namespace that is not there yet.
pub(crate) async fn operator(prefix: &str, scope: OperatorScope) -> Operator {
    named(&format!("{}-o", unique(prefix).await), scope).await
}

pub(crate) async fn named(namespace: &str, scope: OperatorScope) -> Operator {
    Operator {
        namespace: OperatorNamespace::parse(namespace).expect("a namespace name"),
        instance: OperatorInstanceName::parse("op").expect("a name"),
        scope,
        cluster: uid().await,
    }
}

/// A provisioned operator of the whole cluster and the connection it works through.
pub(crate) async fn provisioned(prefix: &str) -> (Connection, Operator) {
    let connection = administrator().await;
    let operator = operator(prefix, OperatorScope::Cluster).await;
    connection.provision(&operator).await.expect("provisioned");
    // The API server's authorizer learns of a binding a moment after it was made.
    let key = config_map("default", "nothing", &json!({})).key;
    let client: Arc<dyn OperatorClient> = connection.operator(&operator);
    eventually("the binding counts", async || client.look(&key, &config_maps()).await.is_ok()).await;
    (connection, operator)
}

pub(crate) fn kind(group: &str, kind: &str, plural: &str) -> ResourceKind {
    ResourceKind {
        group: group.to_owned(),
        version: "v1".to_owned(),
        kind: kind.to_owned(),
        plural: plural.to_owned(),
        namespaced: !matches!(kind, "Namespace" | "CustomResourceDefinition"),
    }
}

pub(crate) fn config_maps() -> ResourceKind {
    kind("", "ConfigMap", "configmaps")
}

/// A wanted object, with a mark.
pub(crate) fn desired(kind: &ResourceKind, namespace: Option<&str>, name: &str, fields: &Value) -> Desired {
    let mut manifest = json!({
        "apiVersion": kind.api_version(),
        "kind": kind.kind,
        "metadata": {"name": name, "labels": {GC_MARK_LABEL: "sha256.test"}},
    });
    if let Some(namespace) = namespace {
        manifest["metadata"]["namespace"] = json!(namespace);
    }
    for (field, value) in fields.as_object().expect("fields") {
        manifest[field] = value.clone();
    }
    Desired {
        key: ObjectKey {
            group: kind.group.clone(),
            kind: kind.kind.clone(),
            namespace: namespace.map(str::to_owned),
            name: name.to_owned(),
        },
        kind: kind.clone(),
        manifest,
        manifest_hash: String::new(),
        checksum: String::new(),
        rank: Rank::Rest,
        place: "test.yaml:1".to_owned(),
    }
}

pub(crate) fn config_map(namespace: &str, name: &str, data: &Value) -> Desired {
    desired(&config_maps(), Some(namespace), name, &json!({"data": data}))
}

/// The administrator's view of the config maps of a namespace.
pub(crate) async fn config_maps_of(namespace: &str) -> Api<ConfigMap> {
    Api::namespaced(testbed().await.client().expect("a client"), namespace)
}

/// What was asked about a namespace (or about the namespace itself, or by a name that contains it).
pub(crate) fn about<'a>(events: &'a [AuditEvent], name: &str) -> Vec<&'a AuditEvent> {
    events
        .iter()
        .filter(|event| event.request_uri.contains(name) && !event.user.starts_with("system:"))
        .collect()
}

/// Writes among them, as `verb resource`.
pub(crate) fn writes(events: &[&AuditEvent]) -> Vec<String> {
    let writes = events.iter().filter(|event| event.is_write());
    let mut writes: Vec<_> = writes.map(|event| format!("{} {}", event.verb, event.resource)).collect();
    writes.sort();
    writes
}

/// Asks until it holds.
pub(crate) async fn eventually<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    let wait = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    assert!(tokio::time::timeout(LIMIT, wait).await.is_ok(), "waited in vain until {what}");
}
