//! Server-side apply of one object as the operator's service account, and the same as a dry-run.

mod refusal;

use std::time::Duration;

use domain::object::ObjectKey;
use domain::reason::ObjectReason;
use engine::desired::Desired;
use engine::own_fields::{FIELD_MANAGER, own_fields};
use engine::port::cluster::{Live, ObjectError};
use engine::takeover::{moved, was_applied_by_kubectl};
use engine::{health, marks};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

pub(crate) use self::refusal::Words;
use crate::call::{ApiServer, Call, CallError, METADATA, object_path, query};

/// The content type of a server-side apply; JSON is YAML.
pub(crate) const APPLY: &str = "application/apply-patch+yaml";

/// The content type of a patch by steps.
const JSON_PATCH: &str = "application/json-patch+json";

/// Reads an object again that changed between reading and writing; who changes faster waits for the next sync.
const TAKE_OVER_ATTEMPTS: usize = 4;

/// A CRD is Established within a second or never; conversion webhooks and slow clusters get some more.
const ESTABLISHED_TIMEOUT: Duration = Duration::from_secs(30);

/// Between two looks at a CRD: at first, and at most.
const ESTABLISHED_POLL: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

/// Whether anything is to be written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    DryRun,
    Write,
}

/// Applies an object by force, with field manager `fairlead` and strict validation.
pub(crate) async fn apply(server: &ApiServer, object: &Desired, mode: Mode) -> Result<Live, ObjectError> {
    let (live, status) = send(server, object, mode).await?;
    Ok(live_of(&live, status, mode))
}

/// Whether the API server has no such object, or not even its kind or namespace.
pub(crate) async fn is_absent(server: &ApiServer, object: &Desired) -> Result<bool, ObjectError> {
    let words = Words::new(&object.key, &object.manifest);
    let path = path(object).map_err(|error| words.unsent(&error))?;
    let found: Option<Value> =
        server.find(&Call::get(path).accept(METADATA)).await.map_err(|error| words.error(&error))?;
    Ok(found.is_none())
}

/// The whole object that a dry-run gives.
pub(crate) async fn dry_run_of(server: &ApiServer, object: &Desired) -> Result<Value, ObjectError> {
    send(server, object, Mode::DryRun).await.map(|(live, _)| live)
}

async fn send(server: &ApiServer, object: &Desired, mode: Mode) -> Result<(Value, StatusCode), ObjectError> {
    let words = Words::new(&object.key, &object.manifest);
    let call = call(object, mode).map_err(|error| words.unsent(&error))?;
    let answer = server.send(&call).await.map_err(|error| words.error(&error))?;
    let live: Value = answer.json().map_err(|error| words.error(&error))?;
    Ok((live, answer.status))
}

/// Makes the fields that kubectl applied ours. Written only when the object still is what was read.
pub(crate) async fn take_over(server: &ApiServer, object: &Desired) -> Result<(), ObjectError> {
    let words = Words::new(&object.key, &object.manifest);
    let path = path(object).map_err(|error| words.unsent(&error))?;
    let mut attempt = 1;
    loop {
        let read = Call::get(path.clone()).accept(METADATA);
        let live: Value = server.fetch(&read).await.map_err(|error| words.error(&error))?;
        let Some(entries) = moved(&live) else { return Ok(()) };
        let patch = json!([
            { "op": "replace", "path": "/metadata/managedFields", "value": entries },
            { "op": "replace", "path": "/metadata/resourceVersion",
              "value": live.pointer("/metadata/resourceVersion") },
        ]);
        let written = query(&path, &[("fieldManager", FIELD_MANAGER)]);
        let call = Call::new(Method::PATCH, written).accept(METADATA).body(JSON_PATCH, &patch);
        match server.send(&call.map_err(|error| words.unsent(&error))?).await {
            Ok(_) => return Ok(()),
            Err(error) if error.has_status(StatusCode::CONFLICT) && attempt < TAKE_OVER_ATTEMPTS => {
                attempt += 1;
            }
            Err(error) => return Err(words.error(&error)),
        }
    }
}

/// Waits until a CRD just applied is served.
pub(crate) async fn established(server: &ApiServer, definition: &Desired) -> Result<(), ObjectError> {
    let words = Words::new(&definition.key, &definition.manifest);
    let path = path(definition).map_err(|error| words.unsent(&error))?;
    match until_established(server, &path, ESTABLISHED_TIMEOUT).await.map_err(|error| words.error(&error))? {
        Ok(()) => Ok(()),
        Err(detail) => Err(ObjectError { reason: ObjectReason::NotEstablished, detail }),
    }
}

/// Waits until the CRD at a path is served; the inner error says why it is not.
pub(crate) async fn until_established(
    server: &ApiServer,
    path: &str,
    limit: Duration,
) -> Result<Result<(), String>, CallError> {
    let began = Instant::now();
    let (mut pause, longest) = ESTABLISHED_POLL;
    loop {
        let live: Value = server.fetch(&Call::get(path.to_owned())).await?;
        match stand(&live) {
            Stand::Established => return Ok(Ok(())),
            Stand::Refused(detail) => return Ok(Err(detail)),
            Stand::Waiting if began.elapsed() >= limit => {
                return Ok(Err(format!("it is not Established after {} s", limit.as_secs())));
            }
            Stand::Waiting => sleep(pause).await,
        }
        pause = (pause * 2).min(longest);
    }
}

fn call(object: &Desired, mode: Mode) -> Result<Call, CallError> {
    let mut pairs = vec![("fieldManager", FIELD_MANAGER), ("force", "true"), ("fieldValidation", "Strict")];
    if mode == Mode::DryRun {
        pairs.push(("dryRun", "All"));
    }
    Call::new(Method::PATCH, query(&path(object)?, &pairs)).body(APPLY, &object.manifest)
}

pub(crate) fn path(object: &Desired) -> Result<String, CallError> {
    let ObjectKey { group: _, kind: _, namespace, name } = &object.key;
    object_path(&object.kind, namespace.as_deref(), name)
}

fn live_of(live: &Value, status: StatusCode, mode: Mode) -> Live {
    let metadata = |field: &str| {
        live.pointer("/metadata")
            .and_then(|all| all.get(field))
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let (health, message) = health::health(live);
    let resource_version = metadata("resourceVersion");
    let existed = match mode {
        // A dry-run that would create gives an object that was never stored.
        Mode::DryRun => !resource_version.is_empty(),
        Mode::Write => status != StatusCode::CREATED,
    };
    Live {
        uid: metadata("uid"),
        resource_version,
        own_fields: own_fields(live),
        health,
        message,
        existed,
        ignored: marks::ignored(live),
        kubectls: was_applied_by_kubectl(live),
    }
}

/// How far a CRD is.
enum Stand {
    Established,
    Refused(String),
    Waiting,
}

fn stand(definition: &Value) -> Stand {
    let conditions = definition.pointer("/status/conditions").and_then(Value::as_array);
    let condition = |kind: &str| {
        let text = |condition: &Value, field: &str| {
            condition.get(field).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let found = conditions?.iter().find(|condition| text(condition, "type") == kind)?;
        Some((text(found, "status"), text(found, "message")))
    };
    match (condition("Established"), condition("NamesAccepted")) {
        (Some((status, _)), _) if status == "True" => Stand::Established,
        (_, Some((status, message))) if status == "False" => Stand::Refused(message),
        _ => Stand::Waiting,
    }
}
