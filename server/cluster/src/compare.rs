//! An object as it is beside what an apply would make of it. Nothing is written.

use engine::desired::Desired;
use engine::difference::Comparison;
use engine::port::cluster::ObjectError;
use http::StatusCode;
use serde_json::Value;

use crate::apply::{Words, dry_run_of, path};
use crate::call::{ApiServer, Call};

/// Reads the object and asks for a dry-run of its apply.
pub(crate) async fn compare(server: &ApiServer, object: &Desired) -> Result<Comparison, ObjectError> {
    let words = Words::new(&object.key, &object.manifest);
    let path = path(object).map_err(|error| words.unsent(&error))?;
    let before = match server.fetch::<Value>(&Call::get(path)).await {
        Ok(before) => Some(before),
        Err(error) if error.has_status(StatusCode::NOT_FOUND) => None,
        Err(error) => return Err(words.error(&error)),
    };
    Ok(Comparison { before, after: dry_run_of(server, object).await? })
}
