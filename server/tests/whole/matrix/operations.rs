//! Operations of the REST API, from the document that the portal gives out.

use std::collections::BTreeSet;

use http::Method;
use serde_json::{Value, json};
use server::router::rights::OPERATIONS;
use testbed::Answer;

use super::cast::{Cast, PROGRAMS, Who};
use super::expect::{Told, expected, told};
use crate::rest::api::{Api, CLUSTERS_VERSION, VERSION};
use crate::tenancy::SUBSCRIPTION;

/// Never a subscription, nor the name of anything.
const NO_SUBSCRIPTION: &str = "00000000-0000-0000-0000-0000000000ff";
const NO_NAME: &str = "nothing-has-this-name";

pub(super) struct Operation {
    pub(super) id: String,
    pub(super) method: Method,
    path: String,
}

pub(super) async fn all() -> Vec<Operation> {
    let document = Api::shared().await.get("/openapi.json").await.json;
    let paths = document["paths"].as_object().unwrap();
    let of_path = |(path, methods): (&String, &Value)| {
        let methods =
            methods.as_object().unwrap().iter().filter(|(_, value)| value["operationId"].is_string());
        methods
            .map(|(method, value)| Operation {
                id: value["operationId"].as_str().unwrap().to_owned(),
                method: method.to_uppercase().parse().unwrap(),
                path: path.clone(),
            })
            .collect::<Vec<_>>()
    };
    paths.iter().flat_map(of_path).collect()
}

pub(super) async fn ask_all(cast: &Cast) -> Vec<String> {
    let mut wrong = Vec::new();
    for operation in all().await {
        let needs = OPERATIONS.iter().find(|(id, _)| *id == operation.id).unwrap().1;
        for who in PROGRAMS {
            let name = match operation.id.as_str() {
                "SourceControlConfigurations_Delete" => {
                    cast.new_configuration(&format!("rest-{}", format!("{who:?}").to_lowercase())).await.0
                }
                "Configurations_DeleteWebhook" => {
                    let made = cast
                        .program(Who::Administrator)
                        .post(&path(&operation, &cast.configuration.0), None)
                        .await;
                    assert_eq!(made.status, 201, "{}", made.json);
                    cast.configuration.0.clone()
                }
                _ => cast.configuration.0.clone(),
            };
            let answer = ask(cast, who, &operation, &path(&operation, &name)).await;
            let (expected, mut told) = (expected(needs, who), told(answer.status, None));
            // Connecting names a place in which one may not connect anything.
            if operation.id == "Clusters_Connect" && matches!(told, Told::Denied | Told::Nothing) {
                told = Told::Answered;
            }
            // ARM's deleting is done when there is nothing.
            if operation.method == Method::DELETE && answer.status == 204 {
                told = Told::Nothing;
            }
            if expected != told {
                wrong.push(format!("{} as {who:?}: {expected:?}, but {answer:?}", operation.id));
            }
            if told == Told::Nothing {
                wrong.extend(differences(cast, who, &operation, &name, &answer).await);
            }
        }
    }
    wrong
}

async fn ask(cast: &Cast, who: Who, operation: &Operation, path: &str) -> Answer {
    let body = body(&operation.id);
    cast.program(who).send(operation.method.clone(), path, &[], body.as_ref()).await
}

/// What tells an answer about something that is hidden from one about something that is not there: each name of the path
/// is replaced by one that nothing has.
async fn differences(
    cast: &Cast,
    who: Who,
    operation: &Operation,
    name: &str,
    hidden: &Answer,
) -> Vec<String> {
    let mut differences = Vec::new();
    for (parameter, present) in names(name) {
        if !operation.path.contains(parameter) {
            continue;
        }
        let absent = if present == SUBSCRIPTION { NO_SUBSCRIPTION } else { NO_NAME };
        let names =
            names(name).map(|(other, value)| (other, if other == parameter { absent } else { value }));
        let missing = ask(cast, who, operation, &filled(operation, &names)).await;
        let fields = |answer: &Answer| -> BTreeSet<String> {
            answer.headers.keys().map(ToString::to_string).collect()
        };
        if (missing.status, missing.body.replace(absent, present), fields(&missing))
            != (hidden.status, hidden.body.clone(), fields(hidden))
        {
            differences.push(format!(
                "{} as {who:?} tells a hidden {parameter} from none: {hidden:?} and {missing:?}",
                operation.id
            ));
        }
    }
    differences
}

/// The parameters of paths, with what everybody asks for.
fn names(configuration: &str) -> [(&'static str, &str); 5] {
    [
        ("{subscriptionId}", SUBSCRIPTION),
        ("{resourceGroupName}", "Default"),
        ("{clusterName}", "Stage"),
        ("{sourceControlConfigurationName}", configuration),
        ("{configurationName}", configuration),
    ]
}

pub(super) fn path(operation: &Operation, configuration: &str) -> String {
    filled(operation, &names(configuration))
}

fn filled(operation: &Operation, names: &[(&str, &str)]) -> String {
    let path = operation
        .path
        .replace("{resourceProviderNamespace}", "Microsoft.KubernetesConfiguration")
        .replace("{clusterRp}", "Microsoft.Kubernetes")
        .replace("{clusterResourceName}", "connectedClusters");
    let path = names.iter().fold(path, |path, (parameter, value)| path.replace(parameter, value));
    let version = match operation.id.as_str() {
        "Providers_Get" => "api-version=2021-04-01",
        id if id.starts_with("ConnectedCluster") => CLUSTERS_VERSION,
        _ => VERSION,
    };
    if operation.path.starts_with("/api/") { path } else { format!("{path}?{version}") }
}

/// What passes all decisions about rights and then changes nothing.
fn body(operation: &str) -> Option<Value> {
    match operation {
        "SourceControlConfigurations_CreateOrUpdate" => {
            Some(json!({ "properties": { "repositoryUrl": "" } }))
        }
        "Clusters_Connect" => Some(json!({ "kubeconfig": "x" })),
        "Configurations_ConfirmPrune" => Some(json!({ "hash": "x" })),
        "EmbedCodes_Create" => Some(json!({ "parentOrigin": "x" })),
        "ResourceGroups_SetQuota" | "Subscriptions_SetOutbound" => Some(json!({ "version": u32::MAX })),
        "Configurations_Plan" => Some(json!({ "revision": "main" })),
        _ => None,
    }
}
