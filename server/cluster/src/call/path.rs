//! Paths of the API, written so that a name can only be a name.

use std::fmt::Write;

use domain::object::ResourceKind;
use url::form_urlencoded::Serializer;

use super::CallError;

/// `/api/v1/namespaces/team-a/configmaps`; without a namespace, of the whole cluster.
pub(crate) fn collection_path(kind: &ResourceKind, namespace: Option<&str>) -> Result<String, CallError> {
    let root = match kind.group.as_str() {
        "" => format!("/api/{}", segment(&kind.version)?),
        group => format!("/apis/{}/{}", segment(group)?, segment(&kind.version)?),
    };
    let plural = segment(&kind.plural)?;
    match namespace.filter(|_| kind.namespaced) {
        Some(namespace) => Ok(format!("{root}/namespaces/{}/{plural}", segment(namespace)?)),
        None => Ok(format!("{root}/{plural}")),
    }
}

/// The path of one object.
pub(crate) fn object_path(
    kind: &ResourceKind,
    namespace: Option<&str>,
    name: &str,
) -> Result<String, CallError> {
    if kind.namespaced && namespace.is_none() {
        return Err(CallError::Unreadable(format!("{} {name:?} has no namespace", kind.kind)));
    }
    Ok(format!("{}/{}", collection_path(kind, namespace)?, segment(name)?))
}

/// A path with its query.
pub(crate) fn query(path: &str, pairs: &[(&str, &str)]) -> String {
    format!("{path}?{}", Serializer::new(String::new()).extend_pairs(pairs).finish())
}

/// One segment. API servers split paths after decoding, so a separator is refused, not encoded (the rule of
/// Kubernetes for names as path segments).
fn segment(text: &str) -> Result<String, CallError> {
    if matches!(text, "" | "." | "..") || text.contains(['/', '%']) {
        return Err(CallError::Unreadable(format!(
            "{text:?} cannot be a name: it must not be empty, . or .., or have / or % in it"
        )));
    }
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:@".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    Ok(encoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(group: &str, plural: &str, namespaced: bool) -> ResourceKind {
        let (version, kind) = ("v1".to_owned(), "Kind".to_owned());
        ResourceKind { group: group.to_owned(), version, kind, plural: plural.to_owned(), namespaced }
    }

    fn path(kind: &ResourceKind, namespace: Option<&str>, name: &str) -> Option<String> {
        object_path(kind, namespace, name).ok()
    }

    #[test]
    fn objects_have_the_paths_of_the_kubernetes_api() {
        let found = path(&kind("", "configmaps", true), Some("team-a"), "endpoints");
        assert_eq!(found.as_deref(), Some("/api/v1/namespaces/team-a/configmaps/endpoints"));
        let found = path(&kind("apps", "deployments", true), Some("team-a"), "web");
        assert_eq!(found.as_deref(), Some("/apis/apps/v1/namespaces/team-a/deployments/web"));
        let binding = kind("rbac.authorization.k8s.io", "clusterrolebindings", false);
        let found = path(&binding, None, "fairlead:a:b");
        assert_eq!(
            found.as_deref(),
            Some("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/fairlead:a:b")
        );
    }

    #[test]
    fn a_name_cannot_lead_to_another_object() {
        let kind = kind("", "configmaps", true);
        for name in ["", ".", "..", "a/b", "../../kube-system/secrets/x", "a%2fb", "%2e%2e"] {
            assert_eq!(path(&kind, Some("team-a"), name), None, "{name}");
            assert_eq!(path(&kind, Some(name), "a"), None, "{name}");
        }
        let found = path(&kind, Some("team-a"), "a?dryRun=All#b c");
        assert_eq!(found.as_deref(), Some("/api/v1/namespaces/team-a/configmaps/a%3FdryRun%3DAll%23b%20c"));
    }

    #[test]
    fn an_object_of_a_namespaced_kind_needs_its_namespace() {
        assert_eq!(path(&kind("", "configmaps", true), None, "a"), None);
    }
}
