//! The body of ARM's PUT of a configuration: every field by its type first, then every rule of the fields, all faults in
//! one answer.

use std::collections::BTreeMap;

use domain::configuration::{ConfigurationDraft, RepositoryCredentialDraft};
use domain::violation::Violations;
use serde_json::{Map, Value};

use crate::body::{Fault, Reader, Wrong};

/// What was sent.
#[derive(Debug)]
pub struct Sent {
    /// The spec, not checked yet.
    pub draft: ConfigurationDraft,
    /// What the repository is read with.
    pub credential: RepositoryCredentialDraft,
}

/// What is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Fields of wrong types, and fields that ARM does not have.
    Faults(Vec<Fault>),
    /// Broken rules.
    Violations(Violations),
}

/// Reads it; `name` is what the address names. Fields that only answers have may come back with a request; any other field
/// that ARM does not have is an error, for its author believes that it means something.
pub fn read(name: &str, body: Map<String, Value>) -> Result<Sent, Refused> {
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
        return Err(Refused::Faults(faults));
    }
    match RepositoryCredentialDraft::from_arm(&settings) {
        Ok(credential) => Ok(Sent { draft, credential }),
        Err(mut violations) => {
            // Whoever sends both a wrong key and a wrong field is told both.
            violations.append(draft.validate().err().unwrap_or_default());
            Err(Refused::Violations(violations))
        }
    }
}

/// A body may name what the address names already.
fn same_name(body: &mut Reader<'_>, name: &str) {
    let sent = body.text("name");
    if sent.is_some_and(|sent| !sent.eq_ignore_ascii_case(name)) {
        body.fault::<()>("name", Wrong::OtherName { name: name.to_owned() });
    }
}

fn protected_settings(properties: &mut Reader<'_>) -> BTreeMap<String, Option<String>> {
    let name = "configurationProtectedSettings";
    let settings = properties.object(name, "properties.configurationProtectedSettings.");
    settings.texts()
}
