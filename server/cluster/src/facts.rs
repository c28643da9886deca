//! What a cluster is made of: version, nodes, cores, distribution.

use std::collections::BTreeMap;

use domain::cluster::ClusterFacts;
use serde::Deserialize;

use crate::call::{ApiServer, Call, CallError, null_is_empty, query};

/// Nodes are large objects (they list images); so many are read at a time.
const PAGE: &str = "100";

/// Ten thousand nodes, more than Kubernetes supports: a server that never ends its list is left.
const PAGES_MAX: usize = 100;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Version {
    git_version: String,
}

#[derive(Deserialize)]
struct NodeList {
    #[serde(default)]
    metadata: ListMetadata,
    #[serde(default, deserialize_with = "null_is_empty")]
    items: Vec<Node>,
}

#[derive(Default, Deserialize)]
struct ListMetadata {
    #[serde(default, rename = "continue")]
    rest: String,
}

#[derive(Deserialize)]
struct Node {
    #[serde(default)]
    metadata: NodeMetadata,
    #[serde(default)]
    spec: NodeSpec,
    #[serde(default)]
    status: NodeStatus,
}

#[derive(Default, Deserialize)]
struct NodeMetadata {
    #[serde(default)]
    labels: BTreeMap<String, String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct NodeSpec {
    #[serde(default, rename = "providerID")]
    provider_id: String,
}

#[derive(Default, Deserialize)]
struct NodeStatus {
    #[serde(default)]
    capacity: BTreeMap<String, String>,
}

/// What is added up over the nodes.
#[derive(Default)]
struct Sum {
    nodes: u32,
    millicores: u64,
    distribution: Option<&'static str>,
}

/// Reads the facts. A user who may not list nodes gets zero of them.
pub(crate) async fn facts(server: &ApiServer) -> Result<ClusterFacts, CallError> {
    let Version { git_version } = server.fetch(&Call::get("/version".to_owned())).await?;
    let sum = match sum_of_nodes(server).await {
        Err(error) if error.is_forbidden() => Sum::default(),
        sum => sum?,
    };
    let distribution =
        distribution_of_version(&git_version).or(sum.distribution).unwrap_or("generic").to_owned();
    Ok(ClusterFacts {
        kubernetes_version: git_version,
        node_count: sum.nodes,
        core_count: u32::try_from(sum.millicores / 1000).unwrap_or(u32::MAX),
        distribution,
    })
}

async fn sum_of_nodes(server: &ApiServer) -> Result<Sum, CallError> {
    let mut sum = Sum::default();
    let mut rest = String::new();
    for _ in 0..PAGES_MAX {
        let mut pairs = vec![("limit", PAGE)];
        if !rest.is_empty() {
            pairs.push(("continue", &rest));
        }
        let list: NodeList = server.fetch(&Call::get(query("/api/v1/nodes", &pairs))).await?;
        list.items.iter().for_each(|node| sum.add(node));
        rest = list.metadata.rest;
        if rest.is_empty() {
            break;
        }
    }
    Ok(sum)
}

impl Sum {
    fn add(&mut self, node: &Node) {
        self.nodes = self.nodes.saturating_add(1);
        let cores = node.status.capacity.get("cpu").and_then(|cpu| millicores(cpu)).unwrap_or_default();
        self.millicores = self.millicores.saturating_add(cores);
        self.distribution = self.distribution.or_else(|| distribution_of_node(node));
    }
}

/// A quantity of processors: `4`, `3920m`, `0.5`.
fn millicores(quantity: &str) -> Option<u64> {
    if let Some(milli) = quantity.strip_suffix('m') {
        return milli.parse().ok();
    }
    let (whole, fraction) = quantity.split_once('.').unwrap_or((quantity, ""));
    let fraction: String = fraction.chars().chain("000".chars()).take(3).collect();
    Some(whole.parse::<u64>().ok()?.saturating_mul(1000).saturating_add(fraction.parse().ok()?))
}

/// Distributions that write their name into the version.
fn distribution_of_version(version: &str) -> Option<&'static str> {
    const MARKS: [(&str, &str); 4] = [("+k3s", "k3s"), ("+rke2", "rke2"), ("-gke.", "gke"), ("-eks-", "eks")];
    MARKS.iter().find(|(mark, _)| version.contains(mark)).map(|(_, name)| *name)
}

/// Distributions that mark their nodes.
fn distribution_of_node(node: &Node) -> Option<&'static str> {
    const LABELS: [(&str, &str); 8] = [
        ("kubernetes.azure.com/cluster", "aks"),
        ("eks.amazonaws.com/nodegroup", "eks"),
        ("cloud.google.com/gke-nodepool", "gke"),
        ("node.openshift.io/os_id", "openshift"),
        ("microk8s.io/cluster", "microk8s"),
        ("minikube.k8s.io/name", "minikube"),
        ("doks.digitalocean.com/node-id", "doks"),
        ("run.tanzu.vmware.com/kubernetesDistributionVersion", "tkg"),
    ];
    let by_label =
        LABELS.iter().find(|(label, _)| node.metadata.labels.contains_key(*label)).map(|(_, name)| *name);
    by_label.or_else(|| node.spec.provider_id.starts_with("kind://").then_some("kind"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processors_are_read_in_every_spelling_of_a_quantity() {
        let cases = [
            ("4", Some(4000)),
            ("3920m", Some(3920)),
            ("0.5", Some(500)),
            ("1.2345", Some(1234)),
            ("x", None),
        ];
        for (text, expected) in cases {
            assert_eq!(millicores(text), expected, "{text}");
        }
    }

    #[test]
    fn distributions_are_known_by_version_and_by_node() {
        assert_eq!(distribution_of_version("v1.34.2+k3s1"), Some("k3s"));
        assert_eq!(distribution_of_version("v1.33.5-gke.1080000"), Some("gke"));
        assert_eq!(distribution_of_version("v1.37.0"), None);
        let node = |json| distribution_of_node(&serde_json::from_value(json).expect("a node"));
        let aks = serde_json::json!({"metadata": {"labels": {"kubernetes.azure.com/cluster": "MC_x"}}});
        assert_eq!(node(aks), Some("aks"));
        assert_eq!(
            node(serde_json::json!({"spec": {"providerID": "kind://docker/kind/control-plane"}})),
            Some("kind")
        );
        assert_eq!(node(serde_json::json!({"metadata": {}})), None);
    }
}
