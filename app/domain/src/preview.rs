//! What a form would send, in the words of Azure's tools: the REST body and the command of the Azure CLI.
//!
//! Both are shown while the form is filled in, so they take drafts as they are; what is not filled in yet has its
//! default or is missing.

use serde::Serialize;

use crate::cluster::ClusterType;
use crate::configuration::{
    ConfigurationDraft, ConfigurationSpec, DEFAULT_CHART_VERSION, DEFAULT_OPERATOR_NAMESPACE, OPERATOR_TYPE,
    OperatorScope,
};
use crate::operator_params::OperatorParams;

mod shell;

/// Where the configuration will be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PreviewPlace<'a> {
    /// Id of the subscription.
    pub subscription: &'a str,
    /// Name of the resource group.
    pub resource_group: &'a str,
    /// Name of the cluster.
    pub cluster: &'a str,
    /// Its ARM type.
    pub cluster_type: ClusterType,
}

/// The body of the PUT request that makes this configuration, as indented JSON.
pub fn arm_body(spec: &ConfigurationSpec) -> String {
    draft_arm_body(&ConfigurationDraft::from_spec(spec))
}

/// The command of the Azure CLI that makes this configuration, one option a line, quoted for a POSIX shell.
pub fn az_command(spec: &ConfigurationSpec, place: &PreviewPlace<'_>) -> String {
    draft_az_command(&ConfigurationDraft::from_spec(spec), place)
}

/// [`arm_body`] of what is typed so far.
pub fn draft_arm_body(draft: &ConfigurationDraft) -> String {
    // Texts and truth values only: writing them cannot fail.
    serde_json::to_string_pretty(&Body { properties: Properties::new(draft) }).unwrap_or_default()
}

/// [`az_command`] of what is typed so far.
pub fn draft_az_command(draft: &ConfigurationDraft, place: &PreviewPlace<'_>) -> String {
    let properties = Properties::new(draft);
    let PreviewPlace { subscription, resource_group, cluster, cluster_type } = *place;
    let mut options = vec![
        ("--subscription", subscription),
        ("--resource-group", resource_group),
        ("--cluster-name", cluster),
        ("--cluster-type", cluster_type.as_str()),
        ("--name", draft.name.trim()),
        ("--operator-instance-name", &properties.operator_instance_name),
        ("--operator-namespace", &properties.operator_namespace),
        ("--operator-type", "flux"),
        ("--operator-params", &properties.operator_params),
        ("--repository-url", &properties.repository_url),
        ("--scope", &properties.operator_scope),
    ];
    if let Some(known_hosts) = &properties.ssh_known_hosts_contents {
        options.push(("--ssh-known-hosts", known_hosts));
    }
    if let Some(helm) = &properties.helm {
        options.push(("--enable-helm-operator", "true"));
        options.push(("--helm-operator-chart-version", &helm.chart_version));
        options.push(("--helm-operator-params", &helm.chart_values));
    }
    let options = options.into_iter().filter(|(_, value)| !value.is_empty());
    // With `=`, because a value that begins with hyphens would be taken for an option.
    let options = options.map(|(option, value)| format!(" \\\n  {option}={}", shell::quote(value)));
    format!("az k8s-configuration create{}", options.collect::<Vec<_>>().concat())
}

#[derive(Serialize)]
struct Body {
    properties: Properties,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Properties {
    repository_url: String,
    operator_namespace: String,
    operator_instance_name: String,
    operator_type: &'static str,
    operator_params: String,
    operator_scope: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    ssh_known_hosts_contents: Option<String>,
    enable_helm_operator: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[serde(rename = "helmOperatorProperties")]
    helm: Option<HelmProperties>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct HelmProperties {
    chart_version: String,
    chart_values: String,
}

impl Properties {
    fn new(draft: &ConfigurationDraft) -> Self {
        let or = |written: &str, default: &str| {
            let written = written.trim();
            if written.is_empty() { default.to_owned() } else { written.to_owned() }
        };
        let line = draft.parameter_line();
        let line = OperatorParams::parse(&line).map_or(line, String::from);
        let enabled =
            matches!(draft.enable_helm_operator.trim().to_ascii_lowercase().as_str(), "true" | "on");
        let helm = || HelmProperties {
            chart_version: or(&draft.chart_version, DEFAULT_CHART_VERSION),
            chart_values: draft.chart_values.trim().to_owned(),
        };
        Self {
            repository_url: draft.repository_url.trim().to_owned(),
            operator_namespace: or(&draft.operator_namespace, DEFAULT_OPERATOR_NAMESPACE),
            operator_instance_name: or(&draft.operator_instance_name, draft.name.trim()),
            operator_type: OPERATOR_TYPE,
            operator_params: line,
            operator_scope: or(&draft.operator_scope, OperatorScope::default().as_str()),
            ssh_known_hosts_contents: Some(draft.ssh_known_hosts.trim().to_owned())
                .filter(|contents| !contents.is_empty()),
            enable_helm_operator: enabled,
            helm: enabled.then(helm),
        }
    }
}

#[cfg(test)]
mod tests;
