//! The last look at an object that left Git, and its deletion, as the operator's service account.

use domain::object::{ObjectKey, ResourceKind};
use engine::marks::{GC_MARK_LABEL, kept_from_collection};
use engine::port::cluster::{Deletion, Marked, ObjectError};
use engine::prune::Victim;
use http::{Method, StatusCode};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{DeleteOptions, Preconditions};
use serde_json::Value;

use crate::apply::Words;
use crate::call::{ApiServer, Call, CallError, METADATA, METADATA_LIST, collection_path, object_path, query};

/// Owned objects go in the background, as kubectl deletes.
const PROPAGATION: &str = "Background";

/// Reads the metadata that decides. A 404 is "no such object" only in the words of a server that serves the kind.
pub(crate) async fn look(
    server: &ApiServer,
    object: &ObjectKey,
    kind: &ResourceKind,
) -> Result<Option<Marked>, ObjectError> {
    let words = Words::about(object);
    let path = object_path(kind, object.namespace.as_deref(), &object.name);
    let path = path.map_err(|error| words.unsent(&error))?;
    match server.fetch::<Value>(&Call::get(path).accept(METADATA)).await {
        Ok(live) => Ok(Some(marked(&live))),
        Err(error) if is_absent(&error) => Ok(None),
        Err(error) => Err(words.error(&error)),
    }
}

/// Asks for one object, and how many are left.
pub(crate) async fn count(server: &ApiServer, kind: &ResourceKind) -> Result<u32, ObjectError> {
    let words = Words::of_nothing();
    let path = collection_path(kind, None).map_err(|error| words.unsent(&error))?;
    let call = Call::get(query(&path, &[("limit", "1")])).accept(METADATA_LIST);
    let list: Value = server.fetch(&call).await.map_err(|error| words.error(&error))?;
    let first = list.get("items").and_then(Value::as_array).map_or(0, Vec::len);
    let left = list.pointer("/metadata/remainingItemCount").and_then(Value::as_u64).unwrap_or_default();
    let number = u64::try_from(first).unwrap_or(u64::MAX).saturating_add(left);
    Ok(u32::try_from(number).unwrap_or(u32::MAX))
}

/// Deletes by precondition: an object that changed since it was looked at stays.
pub(crate) async fn delete(server: &ApiServer, victim: &Victim) -> Result<Deletion, ObjectError> {
    let words = Words::about(victim.key());
    let options = DeleteOptions {
        preconditions: Some(Preconditions {
            uid: Some(victim.uid().to_owned()),
            resource_version: Some(victim.resource_version().to_owned()),
        }),
        propagation_policy: Some(PROPAGATION.to_owned()),
        ..DeleteOptions::default()
    };
    let path = object_path(victim.kind(), victim.key().namespace.as_deref(), &victim.key().name);
    let call = path.and_then(|path| Call::new(Method::DELETE, path).json(&options));
    let call = call.map_err(|error| words.unsent(&error))?;
    match server.send(&call).await {
        Ok(answer) => {
            let said: Value = answer.json().map_err(|error| words.error(&error))?;
            // An object that goes at once is answered by a Status of success, one that waits for something by itself;
            // whatever else answers has deleted nothing.
            let text = |field: &str| said.get(field).and_then(Value::as_str);
            let gone = text("kind") == Some("Status") && text("status") == Some("Success");
            Ok(if gone { Deletion::Gone } else { Deletion::Terminating })
        }
        Err(error) if is_absent(&error) => Ok(Deletion::Gone),
        Err(error) if error.has_status(StatusCode::CONFLICT) => Ok(Deletion::Changed),
        Err(error) => Err(words.error(&error)),
    }
}

/// What decides about an object's deletion.
fn marked(live: &Value) -> Marked {
    let text = |pointer: &str| live.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let owners = live.pointer("/metadata/ownerReferences").and_then(Value::as_array);
    Marked {
        uid: text("/metadata/uid").unwrap_or_default(),
        resource_version: text("/metadata/resourceVersion").unwrap_or_default(),
        mark: live
            .pointer("/metadata/labels")
            .and_then(|labels| labels.get(GC_MARK_LABEL))
            .and_then(Value::as_str)
            .map(str::to_owned),
        kept: kept_from_collection(live),
        owned: owners.is_some_and(|owners| !owners.is_empty()),
        terminating: text("/metadata/deletionTimestamp").is_some(),
    }
}

/// A kind that is not served is answered by 404 as well, in other words.
fn is_absent(error: &CallError) -> bool {
    match error {
        CallError::Refused(refusal) => {
            refusal.status == StatusCode::NOT_FOUND
                && refusal.message.contains("not found")
                && !refusal.message.contains("could not find the requested resource")
        }
        _ => false,
    }
}
