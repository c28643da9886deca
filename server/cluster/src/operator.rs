//! What a configuration is inside its cluster: namespace, service account, binding, Lease.
//!
//! | object | name |
//! |---|---|
//! | Namespace | the operator namespace |
//! | `ServiceAccount`, Lease | the operator instance name, in that namespace |
//! | `RoleBinding` (namespace scope) | the operator instance name, in that namespace |
//! | `ClusterRoleBinding` (cluster scope) | `fairlead:<namespace>:<instance>` |
//!
//! All are made and removed with the kubeconfig's own identity, and only what carries our label is ever removed.

mod fence;
mod provision;
mod retire;

use std::collections::BTreeMap;

use domain::object::{ResourceKind, operator_binding_name};
use engine::marks::{MANAGED_BY, MANAGED_BY_LABEL};
use engine::port::cluster::Operator;
use http::HeaderValue;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

pub(crate) use self::fence::fence;
pub(crate) use self::provision::provision;
pub(crate) use self::retire::retire;
use crate::call::{Call, CallError, object_path};

/// On a namespace that we made: only such a namespace is ever deleted.
pub(crate) const CREATED: &str = "fairlead/created";

/// The role that the service account is bound to, as Arc's operator is.
pub(crate) const ROLE: &str = "cluster-admin";
/// API group of roles and bindings.
pub(crate) const RBAC: &str = "rbac.authorization.k8s.io";

/// A service account, to be impersonated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ServiceAccountName {
    namespace: String,
    name: String,
}

impl ServiceAccountName {
    pub(crate) fn of(operator: &Operator) -> Self {
        Self {
            namespace: operator.namespace.as_str().to_owned(),
            name: operator.instance.as_str().to_owned(),
        }
    }

    pub(crate) fn namespace(&self) -> &str {
        &self.namespace
    }

    /// The user name that Kubernetes gives the account.
    pub(crate) fn user_header(&self) -> HeaderValue {
        let user = format!("system:serviceaccount:{}:{}", self.namespace, self.name);
        // Both names are lower-case letters, digits and hyphens. Were they not, nobody is the safe one to be.
        HeaderValue::try_from(user).unwrap_or(HeaderValue::from_static("system:anonymous"))
    }
}

/// Where an operator object is.
pub(crate) struct Place {
    kind: ResourceKind,
    namespace: Option<String>,
    name: String,
}

impl Place {
    fn namespace(operator: &Operator) -> Self {
        Self::new(("", "v1", "Namespace", "namespaces"), None, operator.namespace.as_str())
    }

    fn service_account(operator: &Operator) -> Self {
        Self::inside(("", "v1", "ServiceAccount", "serviceaccounts"), operator)
    }

    fn lease(operator: &Operator) -> Self {
        Self::inside(("coordination.k8s.io", "v1", "Lease", "leases"), operator)
    }

    fn role_binding(operator: &Operator) -> Self {
        Self::inside((RBAC, "v1", "RoleBinding", "rolebindings"), operator)
    }

    fn cluster_role_binding(operator: &Operator) -> Self {
        let kind = (RBAC, "v1", "ClusterRoleBinding", "clusterrolebindings");
        let name = operator_binding_name(operator.namespace.as_str(), operator.instance.as_str());
        Self::new(kind, None, &name)
    }

    fn inside(kind: (&str, &str, &str, &str), operator: &Operator) -> Self {
        Self::new(kind, Some(operator.namespace.as_str()), operator.instance.as_str())
    }

    fn new(
        (group, version, kind, plural): (&str, &str, &str, &str),
        namespace: Option<&str>,
        name: &str,
    ) -> Self {
        let kind = ResourceKind {
            group: group.to_owned(),
            version: version.to_owned(),
            kind: kind.to_owned(),
            plural: plural.to_owned(),
            namespaced: namespace.is_some(),
        };
        Self { kind, namespace: namespace.map(str::to_owned), name: name.to_owned() }
    }

    /// The path of the object itself.
    fn path(&self) -> Result<String, CallError> {
        object_path(&self.kind, self.namespace.as_deref(), &self.name)
    }

    /// The path that it is created at.
    fn collection(&self) -> Result<String, CallError> {
        crate::call::collection_path(&self.kind, self.namespace.as_deref())
    }

    fn get(&self) -> Result<Call, CallError> {
        self.path().map(Call::get)
    }

    /// Metadata of an object of ours at this place.
    fn metadata(&self) -> ObjectMeta {
        ObjectMeta {
            name: Some(self.name.clone()),
            namespace: self.namespace.clone(),
            labels: Some(BTreeMap::from([(MANAGED_BY_LABEL.to_owned(), MANAGED_BY.to_owned())])),
            ..ObjectMeta::default()
        }
    }

    /// As it is called in messages.
    fn title(&self) -> String {
        match &self.namespace {
            Some(namespace) => format!("{} {namespace}/{}", self.kind.kind, self.name),
            None => format!("{} {}", self.kind.kind, self.name),
        }
    }
}

/// Whether an object carries our label.
pub(crate) fn is_ours(metadata: &ObjectMeta) -> bool {
    has_label(metadata, MANAGED_BY_LABEL, MANAGED_BY)
}

fn has_label(metadata: &ObjectMeta, label: &str, value: &str) -> bool {
    metadata.labels.as_ref().and_then(|labels| labels.get(label)).is_some_and(|found| found == value)
}
