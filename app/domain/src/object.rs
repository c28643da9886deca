//! Kubernetes objects by name.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Which object of one cluster: unique there, whatever API version it is read by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ObjectKey {
    /// API group; empty for the core group.
    pub group: String,
    /// For instance `Deployment`.
    pub kind: String,
    /// `None` for cluster-scoped objects.
    pub namespace: Option<String>,
    /// `metadata.name`.
    pub name: String,
}

impl ObjectKey {
    /// The Flux v1 resource id: `<namespace>:<kind in lower case>/<name>`, `<cluster>` without a namespace.
    /// It carries no API group (Flux v1 behaviour).
    pub fn flux_id(&self) -> String {
        let namespace = self.namespace.as_deref().unwrap_or("<cluster>");
        format!("{namespace}:{}/{}", self.kind.to_lowercase(), self.name)
    }
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.kind)?;
        if !self.group.is_empty() {
            write!(formatter, ".{}", self.group)?;
        }
        match &self.namespace {
            Some(namespace) => write!(formatter, " {namespace}/{}", self.name),
            None => write!(formatter, " {}", self.name),
        }
    }
}

/// Name of the cluster role binding of an operator with cluster scope. Neither part can hold a colon, so two
/// operators never share one. With namespace scope the role binding is named as the operator instance.
pub fn operator_binding_name(operator_namespace: &str, operator_instance_name: &str) -> String {
    format!("fairlead:{operator_namespace}:{operator_instance_name}")
}

/// The operator namespace that an operator object belongs to; `None` for what is no operator object of ours.
pub fn operator_namespace_of(object: &ObjectKey) -> Option<&str> {
    match (object.kind.as_str(), &object.namespace) {
        (_, Some(namespace)) => Some(namespace),
        ("Namespace", None) => Some(&object.name),
        _ => object.name.strip_prefix("fairlead:")?.split_once(':').map(|(namespace, _)| namespace),
    }
}

/// How a kind is served: what is needed to address objects of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ResourceKind {
    /// API group; empty for the core group.
    pub group: String,
    /// For instance `v1`.
    pub version: String,
    /// For instance `Deployment`.
    pub kind: String,
    /// The path word, for instance `deployments`.
    pub plural: String,
    /// Whether its objects live in namespaces.
    pub namespaced: bool,
}

impl ResourceKind {
    /// `v1` or `apps/v1`.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.clone() } else { format!("{}/{}", self.group, self.version) }
    }
}
