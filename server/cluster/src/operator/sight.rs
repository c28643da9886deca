//! The operator objects as watches see them: what is there as we made it costs no request, and what went is noticed.

use domain::configuration::OperatorScope;
use domain::health::Health;
use engine::port::cluster::{Observation, Observed, Observer as _, Operator};
use serde_json::Value;

use super::{CREATED, Place, RBAC, ROLE};
use crate::observer::{Sight, Watches, text};

/// The operator objects of all configurations, by our label.
pub(crate) const OPERATORS: Sight = Sight {
    selector: "app.kubernetes.io/managed-by=fairlead",
    whole: |kind| kind.group == RBAC,
    keep: |object| Observed {
        uid: text(object, "/metadata/uid"),
        own_fields: content(object),
        health: Health::Healthy,
        message: None,
    },
};

/// Stands for an object that is being deleted.
const TERMINATING: &str = "terminating";

/// What the watches know of one operator.
pub(crate) struct Seen {
    pub(crate) namespace: Observation,
    pub(crate) account: Observation,
    pub(crate) lease: Observation,
    /// The binding of its scope.
    pub(crate) wanted: Observation,
    /// The binding of the other scope.
    pub(crate) other: Observation,
    binds: String,
}

impl Seen {
    pub(crate) fn of(watches: &Watches, operator: &Operator) -> Self {
        let at = |place: Place| watches.observation(&place.key());
        let (inside, cluster) =
            (at(Place::role_binding(operator)), at(Place::cluster_role_binding(operator)));
        let (wanted, other) = match operator.scope {
            OperatorScope::Cluster => (cluster, inside),
            OperatorScope::Namespace => (inside, cluster),
        };
        Self {
            namespace: at(Place::namespace(operator)),
            account: at(Place::service_account(operator)),
            lease: at(Place::lease(operator)),
            wanted,
            other,
            binds: binds(operator.namespace.as_str(), operator.instance.as_str()),
        }
    }

    /// Whether service account and binding are there as we made them, and no binding too many. Where a service account
    /// is, its namespace is too.
    pub(crate) fn is_provisioned(&self) -> bool {
        let as_made = |seen: &Observation, content: &str| matches!(seen, Observation::Present(seen) if seen.own_fields == content);
        as_made(&self.account, "")
            && as_made(&self.wanted, &self.binds)
            && self.other == Observation::Absent
            && !as_made(&self.namespace, TERMINATING)
    }

    /// Whether an object that we made for it is known not to be there.
    pub(crate) fn lacks_something(&self) -> bool {
        [&self.account, &self.wanted, &self.lease].into_iter().any(|seen| *seen == Observation::Absent)
    }

    pub(crate) fn namespace_is_ours(&self) -> bool {
        matches!(&self.namespace, Observation::Present(seen) if seen.own_fields == CREATED)
    }
}

/// What of an object matters: of a namespace whether we made it, of a binding whom it binds to our role, of the others
/// that they are there.
fn content(object: &Value) -> String {
    if object.pointer("/metadata/deletionTimestamp").is_some() {
        return TERMINATING.to_owned();
    }
    let labels = object.pointer("/metadata/labels");
    match object["kind"].as_str() {
        Some("Namespace") if labels.is_some_and(|labels| labels[CREATED] == "true") => CREATED.to_owned(),
        Some("RoleBinding" | "ClusterRoleBinding") => bound(object).unwrap_or_else(|| "other".to_owned()),
        _ => String::new(),
    }
}

/// [`binds`] of a binding that says exactly what ours do.
fn bound(binding: &Value) -> Option<String> {
    let [subject] = binding["subjects"].as_array()?.as_slice() else { return None };
    let role = &binding["roleRef"];
    let ours = role["kind"] == "ClusterRole" && role["name"] == ROLE && role["apiGroup"] == RBAC;
    let account = ours && subject["kind"] == "ServiceAccount";
    account.then_some(binds(subject["namespace"].as_str()?, subject["name"].as_str()?))
}

fn binds(namespace: &str, name: &str) -> String {
    format!("binds {namespace}/{name}")
}

#[cfg(test)]
mod tests {
    use engine::marks::{MANAGED_BY, MANAGED_BY_LABEL};
    use serde_json::json;

    use super::*;

    #[test]
    fn the_selector_is_our_label() {
        assert_eq!(OPERATORS.selector, format!("{MANAGED_BY_LABEL}={MANAGED_BY}"));
    }

    fn binding(role: &str, subjects: &Value) -> String {
        let role = json!({ "apiGroup": RBAC, "kind": "ClusterRole", "name": role });
        content(&json!({ "kind": "RoleBinding", "roleRef": role, "subjects": subjects }))
    }

    #[test]
    fn only_a_binding_that_says_exactly_what_ours_do_is_as_we_made_it() {
        let ours = json!({ "kind": "ServiceAccount", "name": "op", "namespace": "ns" });
        let user = json!({ "kind": "User", "name": "op", "namespace": "ns" });
        assert_eq!(binding("cluster-admin", &json!([ours])), binds("ns", "op"));
        assert_eq!(binding("view", &json!([ours])), "other");
        assert_eq!(binding("cluster-admin", &json!([user])), "other");
        assert_eq!(binding("cluster-admin", &json!([ours, user])), "other");
        assert_eq!(binding("cluster-admin", &json!(null)), "other");
    }

    #[test]
    fn what_is_being_deleted_is_not_as_we_made_it() {
        let going =
            json!({ "kind": "ServiceAccount", "metadata": { "deletionTimestamp": "2026-01-01T00:00:00Z" } });
        assert_eq!(content(&going), TERMINATING);
        assert_eq!(content(&json!({ "kind": "ServiceAccount", "metadata": {} })), "");
    }
}
