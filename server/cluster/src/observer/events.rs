//! Lists and watch events of one kind, reduced as they arrive.

use std::collections::HashMap;
use std::io;
use std::time::Duration;

use domain::object::ResourceKind;
use engine::health::{has_status_rules, health};
use engine::marks::GC_MARK_LABEL;
use engine::own_fields::own_fields;
use engine::port::cluster::Observed;
use futures::{Stream, StreamExt, TryStreamExt};
use http_body_util::BodyExt;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio_util::codec::{FramedRead, LinesCodec};
use tokio_util::io::StreamReader;

use super::state::Name;
use crate::call::{
    self, ApiServer, Call, CallError, Fault, JSON, Listing, METADATA, METADATA_LIST, collection_path, query,
};

/// A cluster with more objects of one kind than these pages hold is not ours to list.
const PAGES_MAX: usize = 400;

/// The longest event: an object of the largest size, as JSON.
const EVENT_MAX: usize = 8 * 1024 * 1024;

/// API servers close watches after some five minutes by themselves; ours end a little earlier, one by one.
const WATCH_SECONDS: &str = "290";

/// API servers send a bookmark about every minute. After so much silence the connection is opened anew.
pub(super) const SILENCE_MAX: Duration = Duration::from_secs(150);

/// Which objects of a kind are watched, and what is kept of each.
#[derive(Clone, Copy)]
pub(crate) struct Sight {
    /// Their label, as a selector.
    pub(crate) selector: &'static str,
    /// Whether more than the metadata of a kind's objects is needed.
    pub(crate) whole: fn(&ResourceKind) -> bool,
    /// What is kept of an object, which comes with its kind.
    pub(crate) keep: fn(&Value) -> Observed,
}

/// What was applied from Git: objects with our mark, their health and our fields.
pub(crate) const APPLIED: Sight = Sight {
    selector: GC_MARK_LABEL,
    whole: |kind| has_status_rules(&kind.group, &kind.kind),
    keep: |object| {
        let (health, message) = health(object);
        let uid = text(object, "/metadata/uid");
        Observed { uid, own_fields: own_fields(object), health, message }
    },
};

/// What a watch tells.
pub(super) enum Event {
    /// An object is like this now.
    Seen(Name, Observed, String),
    /// An object went, or lost our mark.
    Gone(Name, String),
    /// Nothing but how far the watch is.
    Bookmark(String),
    /// The version asked for is too old: list again.
    Expired,
}

/// Lists all objects of a kind that are to be watched. Gives them and the version to watch from.
pub(super) async fn list(
    server: &ApiServer,
    kind: &ResourceKind,
    sight: &Sight,
) -> Result<(HashMap<Name, Observed>, String), CallError> {
    let accept = if (sight.whole)(kind) { JSON } else { METADATA_LIST };
    list_in(server, kind, None, accept, sight).await
}

/// Our objects of a kind by their metadata alone, in one namespace or in all: who they are and whose fields they have.
pub(super) async fn list_metadata(
    server: &ApiServer,
    kind: &ResourceKind,
    namespace: Option<&str>,
) -> Result<HashMap<Name, Observed>, CallError> {
    list_in(server, kind, namespace, METADATA_LIST, &APPLIED).await.map(|(objects, _)| objects)
}

async fn list_in(
    server: &ApiServer,
    kind: &ResourceKind,
    namespace: Option<&str>,
    accept: &'static str,
    sight: &Sight,
) -> Result<(HashMap<Name, Observed>, String), CallError> {
    let listing = Listing { kind, namespace, selector: sight.selector, accept, pages_max: PAGES_MAX };
    let mut objects = HashMap::new();
    let version = call::list(server, listing, |items| {
        objects.extend(items.into_iter().filter_map(|object| reduced(kind, sight, object)));
    })
    .await?;
    Ok((objects, version))
}

/// Opens a watch from a version on.
pub(super) async fn watch(
    server: &ApiServer,
    kind: &ResourceKind,
    sight: &Sight,
    version: &str,
) -> Result<impl Stream<Item = Result<Event, CallError>> + Unpin, CallError> {
    let path = collection_path(kind, None)?;
    let accept = if (sight.whole)(kind) { JSON } else { METADATA };
    let pairs = [
        ("watch", "true"),
        ("allowWatchBookmarks", "true"),
        ("labelSelector", sight.selector),
        ("resourceVersion", version),
        ("timeoutSeconds", WATCH_SECONDS),
    ];
    let response = server.open(&Call::get(query(&path, &pairs)).accept(accept)).await?;
    let bytes = response.into_body().into_data_stream().map_err(io::Error::other);
    let lines = FramedRead::new(StreamReader::new(bytes), LinesCodec::new_with_max_length(EVENT_MAX));
    let (kind, sight) = (kind.clone(), *sight);
    Ok(lines.map(move |line| {
        let line = line.map_err(|error| CallError::Unreached(Fault::of(&error)))?;
        event(&kind, &sight, &line)
    }))
}

/// As it is sent.
#[derive(Deserialize)]
struct Sent {
    #[serde(rename = "type")]
    what: String,
    object: Value,
}

fn event(kind: &ResourceKind, sight: &Sight, line: &str) -> Result<Event, CallError> {
    let unreadable = || CallError::Unreadable("the watch sent something that is no event".to_owned());
    let Sent { what, object } = serde_json::from_str(line).map_err(|_| unreadable())?;
    let version = text(&object, "/metadata/resourceVersion");
    match what.as_str() {
        "BOOKMARK" => Ok(Event::Bookmark(version)),
        "ADDED" | "MODIFIED" => {
            let (name, seen) = reduced(kind, sight, object).ok_or_else(unreadable)?;
            Ok(Event::Seen(name, seen, version))
        }
        "DELETED" => Ok(Event::Gone(name(&object).ok_or_else(unreadable)?, version)),
        "ERROR" if object.get("code").and_then(Value::as_u64) == Some(410) => Ok(Event::Expired),
        "ERROR" => Err(CallError::Unreadable(text(&object, "/message"))),
        _ => Err(unreadable()),
    }
}

/// What is kept of an object. List items come without kind and metadata with another one.
fn reduced(kind: &ResourceKind, sight: &Sight, mut object: Value) -> Option<(Name, Observed)> {
    let name = name(&object)?;
    if let Value::Object(fields) = &mut object {
        fields.insert("apiVersion".to_owned(), json!(kind.api_version()));
        fields.insert("kind".to_owned(), json!(kind.kind));
    }
    Some((name, (sight.keep)(&object)))
}

fn name(object: &Value) -> Option<Name> {
    let namespace = Some(text(object, "/metadata/namespace")).filter(|namespace| !namespace.is_empty());
    let name = text(object, "/metadata/name");
    (!name.is_empty()).then_some(Name { namespace, name })
}

pub(crate) fn text(object: &Value, pointer: &str) -> String {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}
