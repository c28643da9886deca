//! A configuration's spec: raw as a form or an ARM body sends it, then valid by type.
//!
//! [`ConfigurationDraft::validate`] is the one way from the first to the second, in the browser as on the server.

use serde::{Deserialize, Serialize};

use crate::name::{ConfigurationName, OperatorInstanceName, OperatorNamespace};
use crate::operator_params::OperatorParams;
use crate::repository::RepositoryUrl;

mod credential;
pub mod helm;
pub mod known_hosts;
mod validate;

pub use credential::{
    AccessFields, KEEP_KEY, KeyKind, OWN_KEY, RepositoryCredentialDraft, SecretChange, SecretName,
    StoredAccess, same_host,
};

/// `helmOperatorProperties.chartVersion` when none is given (Arc tutorial).
pub const DEFAULT_CHART_VERSION: &str = "1.2.0";
/// `operatorNamespace` when none is given (ARM default).
pub const DEFAULT_OPERATOR_NAMESPACE: &str = "default";

/// The only `operatorType` there is.
pub const OPERATOR_TYPE: &str = "Flux";

/// What was typed, before any check. Every field is text, so that nothing typed is lost.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ConfigurationDraft {
    /// `name`
    pub name: String,
    /// `operatorInstanceName`; empty follows the name.
    pub operator_instance_name: String,
    /// `operatorNamespace`; empty is `default`.
    pub operator_namespace: String,
    /// `operatorScope`: `cluster` or `namespace`; empty is `cluster`.
    pub operator_scope: String,
    /// `operatorType`: `Flux`, any case; empty is `Flux`.
    pub operator_type: String,
    /// `repositoryUrl`
    pub repository_url: String,
    /// `operatorParams`, the whole line.
    pub operator_params: String,
    /// The same parameters as fields of the form; where present they win over the line.
    pub parameters: Option<ParameterFields>,
    /// `sshKnownHostsContents`, base64 as ARM sends it; empty for none.
    pub ssh_known_hosts: String,
    /// `enableHelmOperator`: `true`, `on` or empty.
    pub enable_helm_operator: String,
    /// `helmOperatorProperties.chartVersion`; empty is the default.
    pub chart_version: String,
    /// `helmOperatorProperties.chartValues`
    pub chart_values: String,
}

/// The operator parameters that have a field of their own in the form. An unchecked box is empty text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ParameterFields {
    /// `--git-branch`
    pub git_branch: String,
    /// `--git-path`
    pub git_path: String,
    /// `--git-poll-interval`
    pub git_poll_interval: String,
    /// `--git-readonly`
    pub git_readonly: String,
    /// `--sync-garbage-collection`
    pub sync_garbage_collection: String,
    /// `--manifest-generation`
    pub manifest_generation: String,
    /// `--git-label`
    pub git_label: String,
    /// `--git-user`
    pub git_user: String,
    /// `--git-email`
    pub git_email: String,
}

/// What the operator may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum OperatorScope {
    /// The whole cluster.
    #[default]
    Cluster,
    /// Its own namespace.
    Namespace,
}

impl OperatorScope {
    /// The word as stored and as ARM spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cluster => "cluster",
            Self::Namespace => "namespace",
        }
    }
}

/// Settings of the Helm operator, when it is switched on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HelmOperator {
    /// `chartVersion`, 1.2.0 or later.
    pub chart_version: String,
    /// `chartValues`: words of the form `--set key=value`.
    pub chart_values: String,
}

/// A valid spec: after [`ConfigurationDraft::validate`] nobody asks again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigurationSpec {
    /// Its name on the cluster.
    pub name: ConfigurationName,
    /// The operator's service account.
    pub operator_instance_name: OperatorInstanceName,
    /// Where the operator objects are.
    pub operator_namespace: OperatorNamespace,
    /// What it may do.
    pub operator_scope: OperatorScope,
    /// Where the manifests come from.
    pub repository_url: RepositoryUrl,
    /// Flux v1 flags.
    pub operator_params: OperatorParams,
    /// Known hosts as sent, base64.
    pub ssh_known_hosts: Option<String>,
    /// Helm operator, when switched on.
    pub helm_operator: Option<HelmOperator>,
}

impl ConfigurationDraft {
    /// A valid spec as the form shows it for editing.
    pub fn from_spec(spec: &ConfigurationSpec) -> Self {
        let ConfigurationSpec {
            name,
            operator_instance_name,
            operator_namespace,
            operator_scope,
            repository_url,
            operator_params,
            ssh_known_hosts,
            helm_operator,
        } = spec;
        let helm = helm_operator.as_ref();
        Self {
            name: name.to_string(),
            operator_instance_name: operator_instance_name.to_string(),
            operator_namespace: operator_namespace.to_string(),
            operator_scope: operator_scope.as_str().to_owned(),
            operator_type: OPERATOR_TYPE.to_owned(),
            repository_url: repository_url.to_string(),
            operator_params: operator_params.line().to_owned(),
            parameters: Some(ParameterFields::from_flags(operator_params.flags())),
            ssh_known_hosts: ssh_known_hosts.clone().unwrap_or_default(),
            enable_helm_operator: helm.map_or_else(String::new, |_| "true".to_owned()),
            chart_version: helm.map_or_else(String::new, |helm| helm.chart_version.clone()),
            chart_values: helm.map_or_else(String::new, |helm| helm.chart_values.clone()),
        }
    }

    /// The whole line of operator parameters: with what the fields of the form say, where there are any.
    pub fn parameter_line(&self) -> String {
        match &self.parameters {
            Some(fields) => fields.merge_into(&self.operator_params),
            None => self.operator_params.trim().to_owned(),
        }
    }
}

impl OperatorScope {
    /// From the word, any case.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Cluster, Self::Namespace].into_iter().find(|scope| scope.as_str().eq_ignore_ascii_case(text))
    }
}
