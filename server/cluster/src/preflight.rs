//! What the kubeconfig's user may do of what Fairlead needs, asked before anything is saved.

mod manifest;
mod rights;

use domain::cluster::{CheckOutcome, Permission, Preflight, PreflightItem};
use futures::future::join_all;
use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};

use self::rights::Right;
use crate::call::{ApiServer, Call, CallError};
use crate::facts;
use crate::identity::identify;

/// The user that unauthenticated requests have.
const ANONYMOUS: &str = "system:anonymous";

/// Asks everything; what depends on a check that failed is skipped.
pub(crate) async fn preflight(server: &ApiServer) -> Preflight {
    let mut checklist = Checklist::default();
    if let Err(detail) = reach(server).await {
        checklist.fail(Permission::Reach, detail);
        return checklist.skip_rest();
    }
    checklist.pass(Permission::Reach);
    let user = match authenticate(server).await {
        Ok(user) => user,
        Err(detail) => {
            checklist.fail(Permission::Authenticate, detail);
            return checklist.skip_rest();
        }
    };
    checklist.pass(Permission::Authenticate);
    let (uid, facts, rights) = tokio::join!(identify(server), facts::facts(server), ask_all(server));
    match &uid {
        Ok(_) => checklist.pass(Permission::ReadIdentity),
        Err(error) => checklist.fail(Permission::ReadIdentity, error.detail()),
    }
    let mut missing = uid.is_err();
    for (permission, outcome) in rights {
        missing |= outcome != CheckOutcome::Passed;
        checklist.0.push(PreflightItem { permission, outcome });
    }
    Preflight {
        items: checklist.0,
        uid: uid.ok(),
        facts: facts.ok(),
        missing_rbac: missing.then(|| manifest::rbac(user.as_ref())),
    }
}

#[derive(Default)]
struct Checklist(Vec<PreflightItem>);

impl Checklist {
    fn pass(&mut self, permission: Permission) {
        self.0.push(PreflightItem { permission, outcome: CheckOutcome::Passed });
    }

    fn fail(&mut self, permission: Permission, detail: String) {
        self.0.push(PreflightItem { permission, outcome: CheckOutcome::Failed { detail } });
    }

    fn skip_rest(mut self) -> Preflight {
        let first = [Permission::Reach, Permission::Authenticate, Permission::ReadIdentity];
        for permission in first.into_iter().chain(rights::NEEDED.iter().map(|needed| needed.permission)) {
            if self.0.iter().all(|item| item.permission != permission) {
                self.0.push(PreflightItem { permission, outcome: CheckOutcome::Skipped });
            }
        }
        Preflight { items: self.0, uid: None, facts: None, missing_rbac: None }
    }
}

/// Whether an API server answers at all, whatever it answers.
async fn reach(server: &ApiServer) -> Result<(), String> {
    match server.send(&Call::get("/version".to_owned())).await {
        Err(error @ (CallError::Unreached(_) | CallError::Unreadable(_))) => Err(error.detail()),
        _ => Ok(()),
    }
}

/// Who we are to the cluster.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct User {
    #[serde(default)]
    username: String,
}

/// Who we are; `None` where the cluster is too old to tell (before Kubernetes 1.28) but knows us.
async fn authenticate(server: &ApiServer) -> Result<Option<User>, String> {
    #[derive(Deserialize)]
    struct Review {
        status: ReviewStatus,
    }
    #[derive(Deserialize)]
    struct ReviewStatus {
        #[serde(rename = "userInfo")]
        user: User,
    }
    let review = serde_json::json!({"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"});
    let path = "/apis/authentication.k8s.io/v1/selfsubjectreviews".to_owned();
    let call = Call::new(Method::POST, path).json(&review).map_err(|error| error.detail())?;
    match server.fetch::<Review>(&call).await {
        Ok(Review { status: ReviewStatus { user } }) if user.username == ANONYMOUS => {
            Err("the cluster takes the credential for nobody's".to_owned())
        }
        Ok(Review { status: ReviewStatus { user } }) => Ok(Some(user)),
        Err(error) if error.has_status(StatusCode::NOT_FOUND) || error.is_forbidden() => Ok(None),
        Err(error) => Err(error.detail()),
    }
}

async fn ask_all(server: &ApiServer) -> Vec<(Permission, CheckOutcome)> {
    join_all(rights::NEEDED.iter().map(|needed| async {
        let answers =
            join_all(needed.rights().map(|right| async move { (right, ask(server, right).await) })).await;
        (needed.permission, outcome(needed.is_required, &answers))
    }))
    .await
}

fn outcome(is_required: bool, answers: &[(Right, Result<bool, CallError>)]) -> CheckOutcome {
    let mut refused = Vec::new();
    for (right, answer) in answers {
        match answer {
            Ok(true) => {}
            Ok(false) => refused.push(right.to_string()),
            Err(error) => return CheckOutcome::Failed { detail: error.detail() },
        }
    }
    match (refused.is_empty(), is_required) {
        (true, _) => CheckOutcome::Passed,
        (false, true) => CheckOutcome::Failed { detail: format!("the user may not {}", refused.join(", ")) },
        (false, false) => CheckOutcome::Missing,
    }
}

async fn ask(server: &ApiServer, right: Right) -> Result<bool, CallError> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Review {
        api_version: &'static str,
        kind: &'static str,
        spec: ReviewSpec,
    }
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct ReviewSpec {
        resource_attributes: Right,
    }
    #[derive(Deserialize)]
    struct Answer {
        status: AnswerStatus,
    }
    #[derive(Deserialize)]
    struct AnswerStatus {
        #[serde(default)]
        allowed: bool,
    }
    let review = Review {
        api_version: "authorization.k8s.io/v1",
        kind: "SelfSubjectAccessReview",
        spec: ReviewSpec { resource_attributes: right },
    };
    let path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews".to_owned();
    let answer: Answer = server.fetch(&Call::new(Method::POST, path).json(&review)?).await?;
    Ok(answer.status.allowed)
}
