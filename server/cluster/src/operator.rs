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
mod sight;

use std::collections::BTreeMap;

use domain::object::{ObjectKey, ResourceKind, operator_binding_name};
use engine::marks::{MANAGED_BY, MANAGED_BY_LABEL};
use engine::port::cluster::Operator;
use http::HeaderValue;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

pub(crate) use self::fence::{begin_term, fence};
pub(crate) use self::provision::provision;
pub(crate) use self::retire::retire;
pub(crate) use self::sight::{OPERATORS, Seen};
use crate::call::{Call, CallError, object_path};

/// On a namespace that we made: only such a namespace is ever deleted.
pub(crate) const CREATED: &str = "fairlead/created";

/// The role that the service account is bound to, as Arc's operator is.
pub(crate) const ROLE: &str = "cluster-admin";
/// API group of roles and bindings.
pub(crate) const RBAC: &str = "rbac.authorization.k8s.io";

/// Group, kind, plural, and whether it is namespaced; all in version `v1`.
type KindName = (&'static str, &'static str, &'static str, bool);

const NAMESPACE: KindName = ("", "Namespace", "namespaces", false);
const SERVICE_ACCOUNT: KindName = ("", "ServiceAccount", "serviceaccounts", true);
const LEASE: KindName = ("coordination.k8s.io", "Lease", "leases", true);
const ROLE_BINDING: KindName = (RBAC, "RoleBinding", "rolebindings", true);
const CLUSTER_ROLE_BINDING: KindName = (RBAC, "ClusterRoleBinding", "clusterrolebindings", false);

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
    pub(crate) fn user_name(&self) -> String {
        format!("system:serviceaccount:{}:{}", self.namespace, self.name)
    }

    /// The same, to be sent.
    pub(crate) fn user_header(&self) -> HeaderValue {
        let user = self.user_name();
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
        Self::new(kind(NAMESPACE), None, operator.namespace.as_str())
    }

    fn service_account(operator: &Operator) -> Self {
        Self::inside(kind(SERVICE_ACCOUNT), operator)
    }

    fn lease(operator: &Operator) -> Self {
        Self::inside(kind(LEASE), operator)
    }

    fn role_binding(operator: &Operator) -> Self {
        Self::inside(kind(ROLE_BINDING), operator)
    }

    fn cluster_role_binding(operator: &Operator) -> Self {
        let name = operator_binding_name(operator.namespace.as_str(), operator.instance.as_str());
        Self::new(kind(CLUSTER_ROLE_BINDING), None, &name)
    }

    fn inside(kind: ResourceKind, operator: &Operator) -> Self {
        Self::new(kind, Some(operator.namespace.as_str()), operator.instance.as_str())
    }

    fn new(kind: ResourceKind, namespace: Option<&str>, name: &str) -> Self {
        Self { kind, namespace: namespace.map(str::to_owned), name: name.to_owned() }
    }

    /// As watches know it.
    fn key(&self) -> ObjectKey {
        ObjectKey {
            group: self.kind.group.clone(),
            kind: self.kind.kind.clone(),
            namespace: self.namespace.clone(),
            name: self.name.clone(),
        }
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

/// The kinds of operator objects.
pub(crate) fn kinds() -> [ResourceKind; 5] {
    [NAMESPACE, SERVICE_ACCOUNT, LEASE, ROLE_BINDING, CLUSTER_ROLE_BINDING].map(kind)
}

fn kind((group, kind, plural, namespaced): KindName) -> ResourceKind {
    let [group, kind, plural] = [group, kind, plural].map(str::to_owned);
    ResourceKind { group, version: "v1".to_owned(), kind, plural, namespaced }
}

/// Whether an object carries our label.
pub(crate) fn is_ours(metadata: &ObjectMeta) -> bool {
    has_label(metadata, MANAGED_BY_LABEL, MANAGED_BY)
}

fn has_label(metadata: &ObjectMeta, label: &str, value: &str) -> bool {
    metadata.labels.as_ref().and_then(|labels| labels.get(label)).is_some_and(|found| found == value)
}
