//! The one node. kwok plays its kubelet by the rules of `stages.yaml`.

use k8s_openapi::api::core::v1::{Node, ServiceAccount};
use kube::Client;
use kube::api::{Api, ObjectMeta};

use super::access::ensure;
use crate::TestbedError;

const NAME: &str = "node-1";

/// The labels that a kubelet sets; node selectors of ordinary workloads ask for them.
const LABELS: [(&str, &str); 6] = [
    ("kubernetes.io/os", "linux"),
    ("beta.kubernetes.io/os", "linux"),
    ("kubernetes.io/arch", "amd64"),
    ("beta.kubernetes.io/arch", "amd64"),
    ("kubernetes.io/hostname", NAME),
    ("node.kubernetes.io/instance-type", "testbed"),
];

/// Registers the node, as a kubelet does.
pub(super) async fn create(client: &Client) -> Result<(), TestbedError> {
    let labels = LABELS.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())).collect();
    let metadata = ObjectMeta { name: Some(NAME.into()), labels: Some(labels), ..ObjectMeta::default() };
    ensure(&Api::all(client.clone()), &Node { metadata, ..Node::default() }).await
}

/// Whether the node says that it is ready.
pub(super) async fn is_ready(client: &Client) -> bool {
    let Ok(node) = Api::<Node>::all(client.clone()).get(NAME).await else { return false };
    let conditions = node.status.and_then(|status| status.conditions).unwrap_or_default();
    conditions.iter().any(|condition| condition.type_ == "Ready" && condition.status == "True")
}

/// Pods need the service account that the controller manager makes, and a node without the taint of a new one.
pub(super) async fn takes_pods(client: &Client) -> bool {
    let accounts = Api::<ServiceAccount>::namespaced(client.clone(), "default");
    let Ok(node) = Api::<Node>::all(client.clone()).get(NAME).await else { return false };
    let tainted = node.spec.and_then(|spec| spec.taints).is_some_and(|taints| !taints.is_empty());
    !tainted && matches!(accounts.get_opt("default").await, Ok(Some(_)))
}
