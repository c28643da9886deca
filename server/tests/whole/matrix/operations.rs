//! Operations of the REST API, from the document that the portal gives out.

use http::Method;
use serde_json::{Value, json};
use server::router::rights::OPERATIONS;

use super::cast::{Cast, PROGRAMS, Who};
use super::expect::{Told, expected, told};
use crate::rest::api::{Api, CLUSTERS_VERSION, VERSION};
use crate::tenancy::SUBSCRIPTION;

pub(super) struct Operation {
    pub(super) id: String,
    method: Method,
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
            let path = path(&operation, &name);
            let body = body(&operation.id);
            let answer = cast.program(who).ask(operation.method.clone(), &path, &[], body.as_ref()).await;
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
                let status = answer.status;
                wrong.push(format!(
                    "{} as {who:?}: {expected:?}, but {status}: {}",
                    operation.id, answer.json
                ));
            }
        }
    }
    wrong
}

fn path(operation: &Operation, name: &str) -> String {
    let clusters = operation.id.starts_with("ConnectedCluster");
    let path = operation
        .path
        .replace("{subscriptionId}", SUBSCRIPTION)
        .replace("{resourceGroupName}", "Default")
        .replace("{resourceProviderNamespace}", "Microsoft.KubernetesConfiguration")
        .replace("{clusterRp}", "Microsoft.Kubernetes")
        .replace("{clusterResourceName}", "connectedClusters")
        .replace("{clusterName}", "Stage")
        .replace("{sourceControlConfigurationName}", name)
        .replace("{configurationName}", name);
    let version = match operation.id.as_str() {
        "Providers_Get" => "api-version=2021-04-01",
        _ if clusters => CLUSTERS_VERSION,
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
