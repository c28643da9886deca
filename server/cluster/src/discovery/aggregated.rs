//! Aggregated discovery: two requests tell all (Kubernetes 1.26 and later).

use domain::object::ResourceKind;
use http::header::CONTENT_TYPE;
use kube::core::discovery::v2::ACCEPT_AGGREGATED_DISCOVERY_V2;
use serde::Deserialize;

use super::Findings;
use crate::call::{ApiServer, Call, CallError, null_is_empty};

/// The answer as far as it is used. (kube's own types refuse the `null` that Go writes for an empty list, which here
/// comes for resources that have nothing but subresources.)
#[derive(Deserialize)]
struct GroupList {
    #[serde(default, deserialize_with = "null_is_empty")]
    items: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    #[serde(default)]
    metadata: GroupMetadata,
    #[serde(default, deserialize_with = "null_is_empty")]
    versions: Vec<Version>,
}

#[derive(Default, Deserialize)]
struct GroupMetadata {
    /// Empty for the core group.
    #[serde(default)]
    name: String,
}

#[derive(Deserialize)]
struct Version {
    #[serde(rename = "version")]
    name: String,
    #[serde(default)]
    freshness: String,
    #[serde(default, deserialize_with = "null_is_empty")]
    resources: Vec<Resource>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Resource {
    /// The path word.
    #[serde(rename = "resource")]
    plural: String,
    response_kind: Option<ResponseKind>,
    #[serde(default)]
    scope: String,
    #[serde(default, deserialize_with = "null_is_empty")]
    verbs: Vec<String>,
}

#[derive(Deserialize)]
struct ResponseKind {
    #[serde(default)]
    kind: String,
}

/// `None` when the cluster does not speak it.
pub(super) async fn discover(server: &ApiServer) -> Result<Option<Findings>, CallError> {
    let mut findings = Findings::default();
    for path in ["/api", "/apis"] {
        let answer = server.send(&Call::get(path.to_owned()).accept(ACCEPT_AGGREGATED_DISCOVERY_V2)).await?;
        let kind = answer.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if !kind.contains("as=APIGroupDiscoveryList") {
            return Ok(None);
        }
        for group in answer.json::<GroupList>()?.items {
            add_group(&mut findings, group);
        }
    }
    Ok(Some(findings))
}

fn add_group(findings: &mut Findings, group: Group) {
    let name = group.metadata.name;
    for version in group.versions {
        // A stale version is what the group's server said before it stopped answering: kinds in it are served as far
        // as anybody knows, and what is missing from it may exist.
        if version.freshness == "Stale" {
            findings.unavailable.insert(name.clone());
        }
        for resource in version.resources {
            add_resource(findings, &name, &version.name, resource);
        }
    }
}

fn add_resource(findings: &mut Findings, group: &str, version: &str, resource: Resource) {
    let Resource { plural, response_kind, scope, verbs } = resource;
    let Some(ResponseKind { kind }) = response_kind.filter(|response| !response.kind.is_empty()) else {
        return;
    };
    let (group, version, namespaced) = (group.to_owned(), version.to_owned(), scope == "Namespaced");
    findings.add(ResourceKind { group, version, kind, plural, namespaced }, &verbs);
}

#[cfg(test)]
mod tests {
    use engine::port::cluster::KindLookup;
    use serde_json::json;

    use super::*;

    fn findings(groups: serde_json::Value) -> Findings {
        let list: GroupList = serde_json::from_value(groups).expect("a list");
        let mut findings = Findings::default();
        list.items.into_iter().for_each(|group| add_group(&mut findings, group));
        findings
    }

    fn resource(plural: &str, kind: &str, verbs: &[&str]) -> serde_json::Value {
        json!({"resource": plural, "scope": "Namespaced", "verbs": verbs,
               "responseKind": {"group": "", "version": "", "kind": kind}})
    }

    #[test]
    fn a_group_whose_server_does_not_answer_is_unknown_and_not_absent() {
        let catalogue = findings(json!({"items": [
            {"metadata": {"name": "metrics.k8s.io"}, "versions": [{"version": "v1beta1", "freshness": "Stale"}]},
            {"metadata": {"name": "custom.metrics.k8s.io"}, "versions": [{"version": "v1beta1",
                "resources": [{"resource": "pods", "responseKind": null, "verbs": null}]}]},
            {"metadata": {"name": "apps"}, "versions": [{"version": "v1", "freshness": "Current",
                "resources": [resource("deployments", "Deployment", &["list"])]}]},
        ]}))
        .into_catalogue();
        let find = |group, version, kind| catalogue.kinds.find(group, version, kind);
        assert_eq!(find("metrics.k8s.io", "v1beta1", "PodMetrics"), KindLookup::GroupUnavailable);
        assert_eq!(find("apps", "v1", "Deploymint"), KindLookup::Unknown);
        assert!(
            matches!(find("apps", "v1", "Deployment"), KindLookup::Served(kind) if kind.plural == "deployments")
        );
    }

    #[test]
    fn versions_stay_in_order_of_preference_and_one_of_them_is_listed() {
        let version = |name: &str, verbs: &[&str]| json!({"version": name, "resources": [resource("things", "Thing", verbs)]});
        let catalogue = findings(json!({"items": [{"metadata": {"name": "example.org"},
            "versions": [version("v2", &["create"]), version("v1", &["create", "list"])]}]}))
        .into_catalogue();
        let served = &catalogue.kinds.served[&("example.org".to_owned(), "Thing".to_owned())];
        assert_eq!(served.iter().map(|kind| kind.version.as_str()).collect::<Vec<_>>(), ["v2", "v1"]);
        assert_eq!(catalogue.listable.iter().map(|kind| kind.version.as_str()).collect::<Vec<_>>(), ["v1"]);
    }
}
