//! Discovery group by group, for clusters before Kubernetes 1.26 and servers that lost the newer way. A group that
//! does not answer fails alone.

use domain::object::ResourceKind;
use futures::stream::{self, StreamExt};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{APIGroupList, APIResourceList, APIVersions};

use super::Findings;
use crate::call::{ApiServer, Call, CallError};

/// Groups asked side by side; the pace bounds them further.
const GROUPS: usize = 8;

pub(super) async fn discover(server: &ApiServer) -> Result<Findings, CallError> {
    let core: APIVersions = server.fetch(&Call::get("/api".to_owned())).await?;
    let groups: APIGroupList = server.fetch(&Call::get("/apis".to_owned())).await?;
    let core =
        core.versions.into_iter().map(|version| (String::new(), version.clone(), format!("/api/{version}")));
    let named = groups.groups.into_iter().flat_map(|group| {
        let preferred = group.preferred_version.map(|preferred| preferred.version);
        let mut versions: Vec<_> = group.versions.into_iter().map(|version| version.version).collect();
        versions.sort_by_key(|version| Some(version) != preferred.as_ref());
        let name = group.name;
        versions.into_iter().map(move |version| {
            let path = format!("/apis/{name}/{version}");
            (name.clone(), version, path)
        })
    });
    let all: Vec<_> = core.chain(named).collect();
    let answers: Vec<_> = stream::iter(all)
        .map(|(group, version, path)| async move {
            let answer = server.fetch::<APIResourceList>(&Call::get(path)).await;
            (group, version, answer)
        })
        .buffered(GROUPS)
        .collect()
        .await;
    let mut findings = Findings::default();
    for (group, version, answer) in answers {
        match answer {
            Ok(list) => add(&mut findings, &group, &version, list),
            Err(CallError::Refused(_)) if !group.is_empty() => {
                findings.unavailable.insert(group);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(findings)
}

fn add(findings: &mut Findings, group: &str, version: &str, list: APIResourceList) {
    for resource in list.resources {
        let is_subresource = resource.name.contains('/');
        if !is_subresource {
            let kind = ResourceKind {
                group: group.to_owned(),
                version: version.to_owned(),
                kind: resource.kind,
                plural: resource.name,
                namespaced: resource.namespaced,
            };
            findings.add(kind, &resource.verbs);
        }
    }
}
