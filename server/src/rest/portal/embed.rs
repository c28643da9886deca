//! `POST /api/v1/…/embedCodes`: a dashboard's server asks for a frame's session.

use axum::Json;
use axum::extract::{FromRef, State};
use domain::service::{EmbedCode, EmbedCodeDraft};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

use crate::rest::arm::Refusals;
use crate::rest::caller::Caller;
use crate::rest::error::ArmError;
use crate::rest::input::{GroupName, JsonBody, Reader};
use crate::rest::time::iso;
use crate::router::AppState;

/// The use cases on embedding.
pub(super) type Embedding = Arc<dyn domain::service::EmbedService>;

impl FromRef<AppState> for Embedding {
    fn from_ref(state: &AppState) -> Self {
        state.embedding.clone()
    }
}

/// What a frame is to show, and where.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[expect(dead_code, reason = "the document is made of it")]
pub(super) struct EmbedCodeRequest {
    /// Origin of the page around the frame, one that the subscription allows.
    #[schema(min_length = 1, max_length = 255, example = "https://dashboard.example.com")]
    parent_origin: String,
    /// The most that the frame may do: `Reader`, the default, or `Contributor`.
    #[schema(pattern = "^(Reader|Contributor)$")]
    role: Option<String>,
    /// Shows one cluster of the resource group instead of all of it.
    #[schema(min_length = 1)]
    cluster_name: Option<String>,
}

/// A code that opens a session in a frame, once.
#[derive(Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct IssuedEmbedCode {
    code: String,
    /// A minute from now.
    expires_at: String,
    /// What the frame's address is, behind the portal's own: append `&then=` and a page, `&theme=` and `&lang=`.
    path: String,
}

/// Makes a one-time code for a frame, with which somebody who is not signed in sees what the caller's token may see. It
/// is good for a minute; the session it opens ends after 15 minutes.
#[utoipa::path(
    post,
    path = "/api/v1/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/embedCodes",
    operation_id = "EmbedCodes_Create",
    tag = "portal",
    params(("subscriptionId" = String, Path), ("resourceGroupName" = String, Path)),
    request_body = EmbedCodeRequest,
    responses((status = 201, description = "The code, shown once.", body = IssuedEmbedCode), Refusals),
)]
pub(super) async fn create(
    State(embedding): State<Embedding>,
    Caller(actor): Caller,
    GroupName(scope): GroupName,
    JsonBody(body): JsonBody,
) -> Result<(StatusCode, Json<IssuedEmbedCode>), ArmError> {
    let mut faults = Vec::new();
    let mut body = Reader::new(body, &mut faults);
    let draft = EmbedCodeDraft {
        subscription: scope.subscription,
        resource_group: scope.resource_group.unwrap_or_default(),
        parent: body.text("parentOrigin").unwrap_or_default(),
        role: body.text("role").unwrap_or_default(),
        cluster: body.text("clusterName").unwrap_or_default(),
    };
    body.finish();
    if !faults.is_empty() {
        return Err(ArmError::faults("InvalidRequestContent", faults));
    }
    let EmbedCode { code, expires_at } = embedding.issue(&actor, &draft).await?;
    let path = format!("{}&code={code}", app::routes::embed_enter(draft.parent.trim()));
    Ok((StatusCode::CREATED, Json(IssuedEmbedCode { code, expires_at: iso(expires_at.at), path })))
}
