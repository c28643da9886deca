//! The least role that Fairlead needs, as YAML to hand to whoever administers the cluster.

use std::fmt::Write;

use super::User;
use super::rights::NEEDED;
use crate::operator::RBAC;

const ROLE_HEAD: &str = "\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: fairlead
rules:
";

const BINDING_HEAD: &str = "\
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: fairlead
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: fairlead
subjects:
";

/// The whole role, not only what is missing of it: applying it again never takes a right away.
pub(super) fn rbac(user: Option<&User>) -> String {
    let mut text = ROLE_HEAD.to_owned();
    rule(&mut text, "", "namespaces", Some("kube-system"), &["get"]);
    for needed in &NEEDED {
        rule(&mut text, needed.group, needed.resource, needed.name, needed.verbs);
    }
    if let Some(subject) = user.and_then(subject) {
        text.push_str(BINDING_HEAD);
        text.push_str(&subject);
    }
    text
}

fn rule(text: &mut String, group: &str, resource: &str, name: Option<&str>, verbs: &[&str]) {
    let mut line = |field: &str, values: &[&str]| {
        let values: Vec<_> = values.iter().map(|value| quoted(value)).collect();
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{field}: [{}]", values.join(", "));
    };
    line("- apiGroups", &[group]);
    line("  resources", &[resource]);
    if let Some(name) = name {
        line("  resourceNames", &[name]);
    }
    line("  verbs", verbs);
}

fn subject(user: &User) -> Option<String> {
    let account =
        user.username.strip_prefix("system:serviceaccount:").and_then(|account| account.split_once(':'));
    match account {
        Some((namespace, name)) => Some(format!(
            "- kind: ServiceAccount\n  namespace: {}\n  name: {}\n",
            quoted(namespace),
            quoted(name)
        )),
        None if user.username.is_empty() => None,
        None => {
            let name = quoted(&user.username);
            Some(format!("- apiGroup: {RBAC}\n  kind: User\n  name: {name}\n"))
        }
    }
}

/// A YAML string, whatever is in it.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_role_names_each_right_and_its_subject() {
        let user = User { username: "system:serviceaccount:ci:deployer".to_owned() };
        let text = rbac(Some(&user));
        for part in [
            "- apiGroups: [\"\"]\n  resources: [\"serviceaccounts\"]\n  verbs: [\"impersonate\"]\n",
            "  resources: [\"clusterroles\"]\n  resourceNames: [\"cluster-admin\"]\n  verbs: [\"bind\"]\n",
            "- kind: ServiceAccount\n  namespace: \"ci\"\n  name: \"deployer\"\n",
        ] {
            assert!(text.contains(part), "{part} in\n{text}");
        }
    }

    #[test]
    fn a_user_name_stays_one_string() {
        let user = User { username: "ada: \"x\"\n- kind: Group".to_owned() };
        assert!(rbac(Some(&user)).ends_with("  name: \"ada: \\\"x\\\"\\n- kind: Group\"\n"));
    }
}
