//! A configuration as ARM writes it.

mod read;

use domain::configuration::ConfigurationDraft;
use domain::service::{ClusterPath, ConfigurationPath, ConfigurationResource, Standing};
use serde::Serialize;
use utoipa::ToSchema;

pub use inbound::configuration::Sent;

pub use self::read::{ConfigurationRequest, read};

use super::message::message;
use crate::rest::time::{iso, iso_or_never};

/// `type` of every configuration.
pub const TYPE: &str = "Microsoft.KubernetesConfiguration/sourceControlConfigurations";

/// `SourceControlConfiguration`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SourceControlConfiguration {
    #[schema(read_only)]
    id: String,
    #[schema(read_only)]
    name: String,
    #[schema(read_only)]
    r#type: String,
    #[schema(read_only)]
    system_data: SystemData,
    properties: ConfigurationProperties,
}

/// What ARM knows of every resource. Who it was is told by the portal's activity alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SystemData {
    created_by: Option<String>,
    created_by_type: Option<String>,
    created_at: String,
    last_modified_by: Option<String>,
    last_modified_by_type: Option<String>,
    last_modified_at: String,
}

/// `properties` of a configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConfigurationProperties {
    /// `https://…`, `http://…`, `ssh://…` or `git@host:path`
    repository_url: String,
    /// Where the operator objects are; `default` unless another one is given.
    operator_namespace: String,
    /// Name of the operator's service account; follows the configuration's name.
    operator_instance_name: String,
    /// `Flux`
    operator_type: String,
    /// Flags of Flux v1, for instance `--git-branch=main --git-readonly`.
    operator_params: String,
    /// Base64 of `sshPrivateKey`, `httpsUser`, `httpsKey`, `httpsCACert`; never read back.
    configuration_protected_settings: ProtectedSettings,
    /// `cluster` or `namespace`
    operator_scope: String,
    /// What the Git host has to accept.
    #[schema(read_only)]
    repository_public_key: String,
    /// Base64 of known hosts.
    ssh_known_hosts_contents: String,
    enable_helm_operator: bool,
    helm_operator_properties: Option<HelmOperatorProperties>,
    /// Always `Succeeded`: an answer is given when it is done.
    #[schema(read_only)]
    provisioning_state: String,
    #[schema(read_only)]
    compliance_status: ComplianceStatus,
}

/// Answers carry it empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProtectedSettings {}

/// `helmOperatorProperties`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HelmOperatorProperties {
    /// 1.2.0 or later.
    chart_version: String,
    /// `--set key=value …`
    chart_values: String,
}

/// `complianceStatus`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ComplianceStatus {
    /// `Pending`, `Installed` or `Failed`
    compliance_state: String,
    /// When an object was applied last; the year 1 before.
    last_config_applied: String,
    /// JSON with `OperatorMessage` and `ClusterState`.
    message: String,
    /// `Information`, `Warning` or `Error`
    message_level: String,
}

/// `SourceControlConfigurationList`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SourceControlConfigurationList {
    pub(super) value: Vec<SourceControlConfiguration>,
    /// Address of the next page.
    pub(super) next_link: Option<String>,
}

impl From<ConfigurationResource> for SourceControlConfiguration {
    fn from(resource: ConfigurationResource) -> Self {
        // no `..`: what a configuration has, ARM's answer has
        let ConfigurationResource {
            path,
            tag: _,
            draft,
            repository_public_key,
            standing,
            created_at,
            updated_at,
        } = resource;
        Self {
            id: id(&path),
            r#type: TYPE.to_owned(),
            system_data: SystemData {
                created_by: None,
                created_by_type: None,
                created_at: iso(created_at),
                last_modified_by: None,
                last_modified_by_type: None,
                last_modified_at: iso(updated_at),
            },
            properties: properties(draft, repository_public_key, &standing),
            name: path.configuration,
        }
    }
}

/// The resource id, with the names as stored.
fn id(path: &ConfigurationPath) -> String {
    let ConfigurationPath { cluster, configuration } = path;
    format!("{}/providers/{TYPE}/{configuration}", cluster_id(cluster))
}

/// The resource id of a cluster.
pub fn cluster_id(path: &ClusterPath) -> String {
    let ClusterPath { subscription, resource_group, cluster_type, cluster } = path;
    let kind = cluster_type.unwrap_or_default();
    let (provider, word) = (kind.provider(), kind.as_str());
    format!(
        "/subscriptions/{subscription}/resourceGroups/{resource_group}/providers/{provider}/{word}/{cluster}"
    )
}

fn properties(
    draft: ConfigurationDraft,
    repository_public_key: Option<String>,
    standing: &Standing,
) -> ConfigurationProperties {
    let enabled = !draft.enable_helm_operator.is_empty();
    let helm =
        HelmOperatorProperties { chart_version: draft.chart_version, chart_values: draft.chart_values };
    ConfigurationProperties {
        repository_url: draft.repository_url,
        operator_namespace: draft.operator_namespace,
        operator_instance_name: draft.operator_instance_name,
        operator_type: draft.operator_type,
        operator_params: draft.operator_params,
        configuration_protected_settings: ProtectedSettings::default(),
        operator_scope: draft.operator_scope,
        repository_public_key: repository_public_key.unwrap_or_default(),
        ssh_known_hosts_contents: draft.ssh_known_hosts,
        enable_helm_operator: enabled,
        helm_operator_properties: enabled.then_some(helm),
        provisioning_state: "Succeeded".to_owned(),
        compliance_status: ComplianceStatus {
            compliance_state: standing.compliance.as_str().to_owned(),
            last_config_applied: iso_or_never(standing.last_config_applied),
            message: message(standing),
            message_level: standing.level.as_str().to_owned(),
        },
    }
}
