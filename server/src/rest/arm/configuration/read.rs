//! A PUT's body: every field by its type first, then every rule of the fields, all faults in one answer.

use std::collections::BTreeMap;

use catalogue::{Locale, text};
use domain::configuration::{ConfigurationDraft, RepositoryCredentialDraft};
use domain::service::ServiceError;
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::rest::error::ArmError;
use crate::rest::input::Reader;

/// What was sent.
#[derive(Debug)]
pub struct Sent {
    pub draft: ConfigurationDraft,
    pub credential: RepositoryCredentialDraft,
}

/// The body of a PUT, for the document. It is read by [`read`], which tells all faults at once.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "the document is made of it")]
pub struct ConfigurationRequest {
    properties: PropertiesRequest,
}

/// Only `repositoryUrl` has no default.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "the document is made of it")]
pub(super) struct PropertiesRequest {
    #[schema(min_length = 1)]
    repository_url: String,
    operator_namespace: Option<String>,
    operator_instance_name: Option<String>,
    operator_type: Option<String>,
    operator_params: Option<String>,
    operator_scope: Option<String>,
    configuration_protected_settings: Option<ProtectedSettingsRequest>,
    ssh_known_hosts_contents: Option<String>,
    enable_helm_operator: Option<bool>,
    helm_operator_properties: Option<HelmRequest>,
}

/// Each in base64. What is not sent is kept as long as the repository's host stays the same; null removes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(dead_code, reason = "the document is made of it")]
pub(super) struct ProtectedSettingsRequest {
    ssh_private_key: Option<String>,
    https_user: Option<String>,
    https_key: Option<String>,
    #[serde(rename = "httpsCACert")]
    https_ca_certificate: Option<String>,
}

/// `helmOperatorProperties`
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "the document is made of it")]
pub(super) struct HelmRequest {
    chart_version: Option<String>,
    chart_values: Option<String>,
}

/// Reads it. Fields that only answers have may come back with a request; any other field that ARM does not have is
/// an error, for its author believes that it means something.
pub fn read(name: &str, body: Map<String, Value>) -> Result<Sent, ArmError> {
    let mut faults = Vec::new();
    let mut body = Reader::new(body, &mut faults);
    same_name(&mut body, name);
    body.skip(&["id", "type", "systemData"]);
    let mut properties = body.object("properties", "properties.");
    let mut text = |field: &str| properties.text(field).unwrap_or_default();
    let mut draft = ConfigurationDraft {
        name: name.to_owned(),
        operator_instance_name: text("operatorInstanceName"),
        operator_namespace: text("operatorNamespace"),
        operator_scope: text("operatorScope"),
        operator_type: text("operatorType"),
        repository_url: text("repositoryUrl"),
        operator_params: text("operatorParams"),
        ssh_known_hosts: text("sshKnownHostsContents"),
        ..ConfigurationDraft::default()
    };
    let enabled = properties.truth("enableHelmOperator").unwrap_or_default();
    draft.enable_helm_operator.push_str(if enabled { "true" } else { "" });
    let mut helm = properties.object("helmOperatorProperties", "properties.helmOperatorProperties.");
    draft.chart_version = helm.text("chartVersion").unwrap_or_default();
    draft.chart_values = helm.text("chartValues").unwrap_or_default();
    helm.finish();
    let settings = protected_settings(&mut properties);
    properties.skip(&["repositoryPublicKey", "provisioningState", "complianceStatus", "statuses"]);
    properties.finish();
    body.finish();
    if !faults.is_empty() {
        return Err(ArmError::faults("InvalidRequestContent", faults));
    }
    match RepositoryCredentialDraft::from_arm(&settings) {
        Ok(credential) => Ok(Sent { draft, credential }),
        Err(mut violations) => {
            // Whoever sends both a wrong key and a wrong field is told both.
            violations.append(draft.validate().err().unwrap_or_default());
            Err(ServiceError::Invalid { violations }.into())
        }
    }
}

/// A body may name what the address names already.
fn same_name(body: &mut Reader<'_>, name: &str) {
    let sent = body.text("name");
    if sent.is_some_and(|sent| !sent.eq_ignore_ascii_case(name)) {
        body.fault::<()>("name", text::rest_name_differs(Locale::English, name));
    }
}

fn protected_settings(properties: &mut Reader<'_>) -> BTreeMap<String, Option<String>> {
    let name = "configurationProtectedSettings";
    let settings = properties.object(name, "properties.configurationProtectedSettings.");
    settings.texts()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(body: &Value) -> Result<Sent, Value> {
        let Value::Object(body) = body.clone() else { panic!("an object") };
        read("cluster-config", body).map_err(ArmError::json)
    }

    #[test]
    fn an_answer_that_is_sent_back_means_what_it_said() {
        let sent = of(&json!({
            "id": "/subscriptions/x", "name": "Cluster-Config", "type": "t", "systemData": { "createdAt": "now" },
            "properties": {
                "repositoryUrl": "https://git.example.com/a.git", "operatorParams": "--git-readonly ",
                "operatorType": "flux", "configurationProtectedSettings": {}, "sshKnownHostsContents": null,
                "enableHelmOperator": true,
                "helmOperatorProperties": { "chartVersion": "1.2.0", "chartValues": null },
                "repositoryPublicKey": "", "provisioningState": "Succeeded", "complianceStatus": {},
            },
        }));
        let Sent { draft, .. } = sent.expect("valid");
        assert_eq!((draft.name.as_str(), draft.enable_helm_operator.as_str()), ("cluster-config", "true"));
        let spec = draft.validate().expect("valid");
        assert_eq!(spec.operator_params.line(), "--git-readonly");
    }

    #[test]
    fn every_fault_is_told_with_its_field() {
        let error = of(&json!({
            "name": "other", "location": "westeurope",
            "properties": { "repositoryUrl": 1, "operatorParam": "--git-readonly", "enableHelmOperator": "yes",
                "configurationProtectedSettings": { "httpsKey": 1 } },
        }));
        let error = error.expect_err("faults");
        let details = error["error"]["details"].as_array().expect("details").clone();
        let targets: Vec<&str> = details.iter().filter_map(|detail| detail["target"].as_str()).collect();
        assert_eq!(error["error"]["code"], "InvalidRequestContent");
        assert_eq!(
            targets,
            [
                "name",
                "properties.repositoryUrl",
                "properties.enableHelmOperator",
                "properties.configurationProtectedSettings.httpsKey",
                "properties.operatorParam",
                "location",
            ]
        );
    }

    #[test]
    fn a_wrong_secret_and_a_wrong_field_are_told_together() {
        let error = of(&json!({
            "properties": { "repositoryUrl": "file:///etc", "configurationProtectedSettings": { "httpsKey": "§" } },
        }));
        let error = error.expect_err("faults");
        let details = error["error"]["details"].as_array().expect("details").clone();
        let targets: Vec<&str> = details.iter().filter_map(|detail| detail["target"].as_str()).collect();
        let key = "properties.configurationProtectedSettings.httpsKey";
        assert_eq!(targets, [key, "properties.repositoryUrl"]);
    }
}
