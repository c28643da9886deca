//! What the REST API can do.

use leptos::prelude::*;

use crate::api::ApiOperation;
use crate::error::WireError;
use crate::wire::Answer;

#[cfg(feature = "ssr")]
use crate::context::{actor, service};

/// All operations.
#[server(prefix = "/api/portal", endpoint = "list_operations", output = Answer)]
pub async fn list_operations() -> Result<Vec<ApiOperation>, WireError> {
    actor()?;
    Ok(service::<[ApiOperation]>()?.to_vec())
}
