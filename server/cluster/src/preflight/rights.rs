//! The rights that the kubeconfig's user needs, and what each is for. The role printed for people and the questions
//! asked of the cluster come from this one table.

use std::fmt;

use domain::cluster::Permission;
use serde::Serialize;

use crate::operator::{RBAC, ROLE};

/// What one permission needs.
pub(super) struct Needed {
    pub(super) permission: Permission,
    /// Whether nothing works without it.
    pub(super) is_required: bool,
    pub(super) group: &'static str,
    pub(super) resource: &'static str,
    /// The one object that is meant; all of them without it.
    pub(super) name: Option<&'static str>,
    pub(super) verbs: &'static [&'static str],
}

/// One verb on one kind, as an access review asks for it.
#[derive(Clone, Copy, Serialize)]
pub(super) struct Right {
    verb: &'static str,
    group: &'static str,
    resource: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'static str>,
}

const MAKE: &[&str] = &["get", "create", "delete"];

/// Beside reading namespace `kube-system`, which is tried and not asked.
pub(super) const NEEDED: [Needed; 9] = [
    // Without it the counts of nodes and cores are not known.
    all(Permission::ListNodes, false, "", "nodes", &["list"]),
    // Without it operator namespaces must be there already.
    all(Permission::CreateNamespaces, false, "", "namespaces", MAKE),
    all(Permission::CreateServiceAccounts, true, "", "serviceaccounts", MAKE),
    all(Permission::CreateRoleBindings, true, RBAC, "rolebindings", MAKE),
    // Without it configurations can have the scope of a namespace only.
    all(Permission::CreateClusterRoleBindings, false, RBAC, "clusterrolebindings", MAKE),
    Needed {
        permission: Permission::BindClusterAdmin,
        is_required: true,
        group: RBAC,
        resource: "clusterroles",
        name: Some(ROLE),
        verbs: &["bind"],
    },
    all(
        Permission::WriteLeases,
        true,
        "coordination.k8s.io",
        "leases",
        &["get", "create", "update", "delete"],
    ),
    all(Permission::ImpersonateServiceAccounts, true, "", "serviceaccounts", &["impersonate"]),
    // Without it health and drift are seen at each resync only.
    all(Permission::WatchObjects, false, "*", "*", &["list", "watch"]),
];

const fn all(
    permission: Permission,
    is_required: bool,
    group: &'static str,
    resource: &'static str,
    verbs: &'static [&'static str],
) -> Needed {
    Needed { permission, is_required, group, resource, name: None, verbs }
}

impl Needed {
    pub(super) fn rights(&self) -> impl Iterator<Item = Right> {
        let Self { permission: _, is_required: _, group, resource, name, verbs } = *self;
        verbs.iter().map(move |verb| Right { verb, group, resource, name })
    }
}

impl fmt::Display for Right {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { verb, group, resource, name } = self;
        match (*resource, name) {
            ("*", _) => write!(formatter, "{verb} all kinds"),
            (_, Some(name)) => write!(formatter, "{verb} {resource} {name}"),
            _ if group.is_empty() => write!(formatter, "{verb} {resource}"),
            _ => write!(formatter, "{verb} {resource}.{group}"),
        }
    }
}
