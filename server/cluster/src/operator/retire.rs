//! Removes the operator objects that are ours, and the namespace only when nothing is lost with it.

use domain::object::ResourceKind;
use domain::reason::Reason;
use engine::port::cluster::{ClusterError, NamespaceFate, Operator};
use futures::stream::{self, StreamExt, TryStreamExt};
use http::{Method, StatusCode};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{DeleteOptions, ObjectMeta, Preconditions};
use serde::Deserialize;

use super::provision::namespace_is_ours;
use super::{Place, is_ours};
use crate::call::{
    ApiServer, Call, CallError, METADATA, METADATA_LIST, collection_path, is_list, null_is_empty, query,
};
use crate::discovery::{Catalogue, Discovery};

/// Kinds listed side by side; the pace bounds them further.
const LISTS: usize = 8;

/// Enough of a list to see whether anything is in it that Kubernetes did not put there.
const LIST_LIMIT: &str = "50";

/// Metadata of any object.
#[derive(Deserialize)]
struct Found {
    metadata: ObjectMeta,
}

#[derive(Deserialize)]
struct FoundList {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    metadata: FoundListMetadata,
    #[serde(default, deserialize_with = "null_is_empty")]
    items: Vec<Found>,
}

#[derive(Default, Deserialize)]
struct FoundListMetadata {
    #[serde(default, rename = "continue")]
    rest: Option<String>,
}

/// Removes Lease, bindings and service account that carry our label, then the namespace when it may go.
pub(crate) async fn retire(
    server: &ApiServer,
    operator: &Operator,
    namespace_may_go: bool,
    discovery: &Discovery,
) -> Result<NamespaceFate, ClusterError> {
    let places = [
        Place::cluster_role_binding(operator),
        Place::role_binding(operator),
        Place::service_account(operator),
        Place::lease(operator),
    ];
    for place in &places {
        remove(server, place).await.map_err(error)?;
    }
    if !namespace_may_go {
        return Ok(NamespaceFate::KeptForeign);
    }
    retire_namespace(server, operator, discovery).await.map_err(error)
}

async fn retire_namespace(
    server: &ApiServer,
    operator: &Operator,
    discovery: &Discovery,
) -> Result<NamespaceFate, CallError> {
    let place = Place::namespace(operator);
    let Some(found) = server.find::<Found>(&place.get()?.accept(METADATA)).await? else {
        return Ok(NamespaceFate::Deleted);
    };
    if !namespace_is_ours(&found.metadata) {
        return Ok(NamespaceFate::KeptForeign);
    }
    if found.metadata.deletion_timestamp.is_some() {
        return Ok(NamespaceFate::Deleted);
    }
    if !is_empty(server, operator, &discovery.catalogue(server, true).await?).await? {
        return Ok(NamespaceFate::KeptInUse);
    }
    delete(server, &place, &found.metadata).await?;
    Ok(NamespaceFate::Deleted)
}

/// Whether a complete listing shows nothing but what Kubernetes itself puts into a namespace. What cannot be listed
/// counts as something.
async fn is_empty(server: &ApiServer, operator: &Operator, catalogue: &Catalogue) -> Result<bool, CallError> {
    if !catalogue.kinds.unavailable_groups.is_empty() {
        return Ok(false);
    }
    let kinds: Vec<_> = catalogue.listable.iter().filter(|kind| kind.namespaced).cloned().collect();
    stream::iter(kinds)
        .map(|kind| async move { holds_nothing(server, operator, &kind).await })
        .buffer_unordered(LISTS)
        .try_all(std::future::ready)
        .await
}

async fn holds_nothing(
    server: &ApiServer,
    operator: &Operator,
    kind: &ResourceKind,
) -> Result<bool, CallError> {
    let path = collection_path(kind, Some(operator.namespace.as_str()))?;
    let call = Call::get(query(&path, &[("limit", LIST_LIMIT)])).accept(METADATA_LIST);
    match server.fetch::<FoundList>(&call).await {
        Ok(list) => {
            let more = list.metadata.rest.is_some_and(|rest| !rest.is_empty());
            Ok(is_list(&list.kind)
                && !more
                && list.items.iter().all(|found| is_of_kubernetes(kind, &found.metadata, operator)))
        }
        // Discovery names a few kinds whose lists are answered like this; there is nothing in them.
        Err(refused)
            if refused.has_status(StatusCode::NOT_FOUND)
                || refused.has_status(StatusCode::METHOD_NOT_ALLOWED) =>
        {
            Ok(true)
        }
        Err(CallError::Refused(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// What Kubernetes puts into every namespace, and what it made of our service account.
fn is_of_kubernetes(kind: &ResourceKind, metadata: &ObjectMeta, operator: &Operator) -> bool {
    let name = metadata.name.as_deref().unwrap_or_default();
    match (kind.group.as_str(), kind.kind.as_str()) {
        ("" | "events.k8s.io", "Event") => true,
        ("", "ServiceAccount") => name == "default",
        ("", "ConfigMap") => matches!(name, "kube-root-ca.crt" | "openshift-service-ca.crt"),
        // Before Kubernetes 1.24 each service account had a token in a Secret, removed a moment after the account.
        ("", "Secret") => metadata
            .annotations
            .as_ref()
            .and_then(|annotations| annotations.get("kubernetes.io/service-account.name"))
            .is_some_and(|account| account == "default" || account == operator.instance.as_str()),
        _ => false,
    }
}

/// Deletes the object at a place when it carries our label.
async fn remove(server: &ApiServer, place: &Place) -> Result<(), CallError> {
    let found = server.find::<Found>(&place.get()?.accept(METADATA)).await?;
    match found.filter(|found| is_ours(&found.metadata)) {
        Some(found) => delete(server, place, &found.metadata).await,
        None => Ok(()),
    }
}

/// Deletes exactly the object that was looked at.
pub(super) async fn delete(server: &ApiServer, place: &Place, seen: &ObjectMeta) -> Result<(), CallError> {
    let preconditions =
        Preconditions { uid: seen.uid.clone(), resource_version: seen.resource_version.clone() };
    let options = DeleteOptions {
        preconditions: Some(preconditions),
        propagation_policy: Some("Background".to_owned()),
        ..DeleteOptions::default()
    };
    let call = Call::new(Method::DELETE, place.path()?).json(&options)?;
    match server.send(&call).await {
        Err(refused) if refused.has_status(StatusCode::NOT_FOUND) => Ok(()),
        answer => answer.map(drop),
    }
}

fn error(error: CallError) -> ClusterError {
    error.into_cluster_error(Reason::ProvisionDenied, Reason::ProvisionFailed)
}
