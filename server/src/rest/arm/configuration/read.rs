//! A PUT's body: what it may have, for the document, and what is said of a wrong one.

use domain::service::ServiceError;
use inbound::configuration::{self, Refused, Sent};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::rest::error::ArmError;

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

/// Reads it, or says all that is wrong with it.
pub fn read(name: &str, body: Map<String, Value>) -> Result<Sent, ArmError> {
    configuration::read(name, body).map_err(|refused| match refused {
        Refused::Faults(faults) => ArmError::faults("InvalidRequestContent", faults),
        Refused::Violations(violations) => ServiceError::Invalid { violations }.into(),
    })
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
