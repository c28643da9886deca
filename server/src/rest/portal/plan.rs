//! `POST /api/v1/…/configurations/{name}/plan`: what a sync of another revision would do.

use axum::Json;
use axum::extract::State;
use catalogue::{Locale, object_reason_sentence};
use domain::repository::Branch;
use domain::service::{FieldDifference, PlanStep, PlanView};
use domain::violation::Rule;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::rest::arm::Refusals;
use crate::rest::caller::Caller;
use crate::rest::error::ArmError;
use crate::rest::input::{ConfigurationNames, JsonBody, Reader};
use crate::router::Resources;

/// Longest name of a branch or commit.
const REVISION_MAX: usize = 250;

/// Of which revision.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the document is made of it")]
pub struct PlanRequest {
    /// A branch, or a commit by its whole id, of the configuration's own repository.
    #[schema(min_length = 1, max_length = 250)]
    revision: String,
}

/// What a sync would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Plan {
    /// The commit that was read.
    pub revision: String,
    /// Whether anything would change.
    pub changes: bool,
    /// In the order of application.
    pub steps: Vec<Step>,
    /// What the reading had to remark.
    pub warnings: Vec<String>,
}

/// What would happen to one object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// `Create`, `Configure`, `Unchanged`, `Delete` or `Skip`
    pub action: String,
    /// Empty for the core group.
    pub group: String,
    pub kind: String,
    pub namespace: Option<String>,
    pub name: String,
    /// File and line in Git.
    pub place: String,
    /// Why it would be left out or refused.
    pub message: Option<String>,
    /// Fields that would change, with values of Secrets masked.
    pub fields: Vec<Difference>,
}

/// A field that would change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Difference {
    /// For instance `spec.replicas`.
    pub path: String,
    /// As JSON; null when it is not there.
    pub before: Option<String>,
    /// As JSON; null when it would go.
    pub after: Option<String>,
}

/// Plans a revision of the configuration's own repository against its cluster. Nothing is written.
#[utoipa::path(
    post,
    path = "/api/v1/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/clusters/{clusterName}/configurations/{sourceControlConfigurationName}/plan",
    operation_id = "Configurations_Plan",
    tag = "portal",
    params(
        ("subscriptionId" = String, Path), ("resourceGroupName" = String, Path), ("clusterName" = String, Path),
        ("sourceControlConfigurationName" = String, Path),
        ("clusterType" = Option<String>, Query, description = "`connectedClusters` or `managedClusters`"),
    ),
    request_body = PlanRequest,
    responses((status = 200, description = "What a sync would do.", body = Plan), Refusals),
)]
pub(super) async fn plan(
    State(resources): State<Resources>,
    Caller(actor): Caller,
    ConfigurationNames(path): ConfigurationNames,
    JsonBody(body): JsonBody,
) -> Result<Json<Plan>, ArmError> {
    let mut faults = Vec::new();
    let mut body = Reader::new(body, &mut faults);
    let revision = body.checked("revision", check).unwrap_or_default();
    body.finish();
    if !faults.is_empty() {
        return Err(ArmError::faults("InvalidRequestContent", faults));
    }
    Ok(Json(resources.plan(&actor, &path, &revision).await?.into()))
}

/// A commit's id, or a name that Git allows for a branch.
fn check(revision: &str) -> Result<(), Rule> {
    if revision.chars().count() > REVISION_MAX {
        return Err(Rule::TooLong { max: REVISION_MAX });
    }
    Branch::parse(revision).map(|_| ())
}

impl From<PlanView> for Plan {
    fn from(plan: PlanView) -> Self {
        let changes = plan.changes();
        let PlanView { revision, steps, warnings } = plan;
        Self { revision, changes, steps: steps.into_iter().map(Step::from).collect(), warnings }
    }
}

impl From<PlanStep> for Step {
    fn from(step: PlanStep) -> Self {
        let PlanStep { action, object, place, reason, detail, fields } = step;
        let sentence = reason.map(|reason| object_reason_sentence(Locale::English, &reason));
        let message = match (sentence, detail) {
            (Some(sentence), Some(detail)) => Some(format!("{sentence} {detail}")),
            (sentence, detail) => sentence.or(detail),
        };
        Self {
            action: action.as_str().to_owned(),
            group: object.group,
            kind: object.kind,
            namespace: object.namespace,
            name: object.name,
            place,
            message,
            fields: fields.into_iter().map(Difference::from).collect(),
        }
    }
}

impl From<FieldDifference> for Difference {
    fn from(difference: FieldDifference) -> Self {
        let FieldDifference { path, before, after } = difference;
        Self { path, before, after }
    }
}
