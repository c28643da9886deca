//! Namespaces: which one an object gets, and whether the operator may work there.

use domain::configuration::OperatorScope;
use domain::object::{ObjectKey, ResourceKind};
use domain::reason::ObjectReason;

use super::{DEFAULT_NAMESPACE, ScopePolicy};
use crate::load::LoadedObject;
use crate::warning::Warning;

/// The effective namespace; `None` for kinds without namespaces, whatever is written.
pub(super) fn namespace(object: &LoadedObject, kind: &ResourceKind, policy: &ScopePolicy) -> Option<String> {
    if !kind.namespaced {
        return None;
    }
    Some(object.namespace.clone().unwrap_or_else(|| match policy.scope {
        OperatorScope::Cluster => {
            policy.default_namespace.clone().unwrap_or_else(|| DEFAULT_NAMESPACE.to_owned())
        }
        OperatorScope::Namespace => policy.operator_namespace.clone(),
    }))
}

/// Why the operator leaves an object out, if it does.
pub(super) fn refusal(key: &ObjectKey, policy: &ScopePolicy) -> Option<ObjectReason> {
    let foreign = |allowed: String| Some(ObjectReason::ForeignNamespace { allowed });
    if policy.scope == OperatorScope::Namespace {
        match &key.namespace {
            None => return Some(ObjectReason::ClusterScoped),
            Some(namespace) if *namespace != policy.operator_namespace => {
                return foreign(policy.operator_namespace.clone());
            }
            Some(_) => {}
        }
    }
    if is_of_operator(key, policy) {
        return Some(ObjectReason::OperatorObject);
    }
    // A Namespace object counts as the namespace it is; other kinds without namespaces are RBAC's business.
    let is_namespace = key.group.is_empty() && key.kind == "Namespace";
    let concerned = if is_namespace { Some(&key.name) } else { key.namespace.as_ref() };
    let allowed = &policy.allowed_namespaces;
    match concerned {
        Some(namespace) if !allowed.is_empty() && !allowed.contains(namespace) => {
            foreign(allowed.iter().cloned().collect::<Vec<_>>().join(", "))
        }
        _ => None,
    }
}

/// Whether the operator itself works with an object: what Git says of it could take its rights away or give it more, or
/// say that somebody else holds its Lease. Its namespace may be in Git, with labels for instance.
fn is_of_operator(key: &ObjectKey, policy: &ScopePolicy) -> bool {
    let ScopePolicy { operator_namespace: namespace, operator_instance: instance, .. } = policy;
    match (key.group.as_str(), key.kind.as_str()) {
        ("", "ServiceAccount")
        | ("coordination.k8s.io", "Lease")
        | ("rbac.authorization.k8s.io", "RoleBinding") => {
            key.namespace.as_ref() == Some(namespace) && key.name == *instance
        }
        ("rbac.authorization.k8s.io", "ClusterRoleBinding") => {
            key.name == format!("fairlead:{namespace}:{instance}")
        }
        _ => false,
    }
}

/// A namespace that was written for nothing.
pub(super) fn warning(object: &LoadedObject, kind: &ResourceKind) -> Option<Warning> {
    let namespace = object.namespace.clone().filter(|_| !kind.namespaced)?;
    Some(Warning::NamespaceIgnored { place: object.place(), namespace })
}
