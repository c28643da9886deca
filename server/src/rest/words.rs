//! Path words in any case, as ARM takes them: Microsoft's own SDKs write `resourceGroups` and `resourcegroups`.
//!
//! The words are written as the routes have them before a route is chosen; names of things stay as they are, because
//! they are compared in any case later.

use axum::http::uri::{PathAndQuery, Uri};

/// Every word of a route that is not a name, as the routes write it.
const WORDS: [&str; 11] = [
    "subscriptions",
    "resourceGroups",
    "providers",
    "operations",
    "Microsoft.Kubernetes",
    "Microsoft.KubernetesConfiguration",
    "Microsoft.ContainerService",
    "connectedClusters",
    "managedClusters",
    "sourceControlConfigurations",
    "listClusterUserCredential",
];

/// The address with its words as the routes write them.
pub fn canonical(uri: Uri) -> Uri {
    let Some(path) = canonical_path(uri.path()) else { return uri };
    let mut parts = uri.into_parts();
    let query = parts.path_and_query.as_ref().and_then(PathAndQuery::query);
    let text = query.map_or_else(|| path.clone(), |query| format!("{path}?{query}"));
    if let Ok(path_and_query) = PathAndQuery::try_from(text) {
        parts.path_and_query = Some(path_and_query);
    }
    // The parts are those of an address, and only the case of letters has changed.
    Uri::from_parts(parts).unwrap_or_default()
}

/// `None` when it is no path of ARM's, or written like that already.
fn canonical_path(path: &str) -> Option<String> {
    let mut segments = path.strip_prefix('/')?.split('/');
    let first = word(segments.next()?);
    if first != "subscriptions" && first != "providers" {
        return None;
    }
    let mut written = String::with_capacity(path.len());
    let mut expected = Expected::Key;
    for segment in std::iter::once(first).chain(segments) {
        let segment = match expected {
            Expected::Name => segment,
            Expected::Key | Expected::Provider | Expected::Type => word(segment),
        };
        expected = expected.after(segment);
        written.push('/');
        written.push_str(segment);
    }
    (written != path).then_some(written)
}

/// What a segment is, by those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    /// `subscriptions`, `resourceGroups`, `providers`
    Key,
    /// `Microsoft.Kubernetes`
    Provider,
    /// `connectedClusters`
    Type,
    /// Somebody's own.
    Name,
}

impl Expected {
    fn after(self, segment: &str) -> Self {
        match self {
            Self::Key if segment == "providers" => Self::Provider,
            Self::Key | Self::Type => Self::Name,
            Self::Provider => Self::Type,
            Self::Name => Self::Key,
        }
    }
}

/// The word as the routes write it, when it is one.
fn word(segment: &str) -> &str {
    WORDS.into_iter().find(|word| word.eq_ignore_ascii_case(segment)).unwrap_or(segment)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical_text(text: &str) -> String {
        canonical(text.parse().expect("an address")).to_string()
    }

    #[test]
    fn words_are_found_in_any_case_and_names_stay_as_they_are() {
        let wanted = "/subscriptions/S/resourceGroups/PROVIDERS/providers/Microsoft.Kubernetes/connectedClusters/\
                      SUBSCRIPTIONS/providers/Microsoft.KubernetesConfiguration/sourceControlConfigurations/\
                      Operations?api-version=2023-05-01&$top=1";
        let lower = "/subscriptions/S/resourcegroups/PROVIDERS/providers/microsoft.kubernetes/connectedclusters/\
                     SUBSCRIPTIONS/Providers/microsoft.kubernetesconfiguration/SOURCECONTROLCONFIGURATIONS/\
                     Operations?api-version=2023-05-01&$top=1";
        assert_eq!(canonical_text(lower), wanted);
        assert_eq!(canonical_text(wanted), wanted);
    }

    #[test]
    fn a_provider_without_a_subscription_is_a_path_too() {
        assert_eq!(
            canonical_text("/PROVIDERS/microsoft.kubernetes/OPERATIONS"),
            "/providers/Microsoft.Kubernetes/operations"
        );
    }

    #[test]
    fn other_paths_stay_as_they_are() {
        for path in ["/", "/clusters/Subscriptions", "/Api/v1/Providers", "/subscriptionsX/y", "*"] {
            assert_eq!(canonical_text(path), path);
        }
    }
}
