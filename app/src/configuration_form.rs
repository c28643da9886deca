//! The Add and Settings forms as they are posted: flat, every field text, named as [`Field::input`] says.

use domain::configuration::{
    AccessFields, ConfigurationDraft, DEFAULT_CHART_VERSION, DEFAULT_OPERATOR_NAMESPACE, KEEP_KEY, KeyKind,
    ParameterFields, RepositoryCredentialDraft, known_hosts,
};
use domain::operator_params::OperatorParams;
use domain::violation::Field;
use serde::{Deserialize, Serialize};

/// What is typed into the form. A box is `true` when checked and empty when not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ConfigurationForm {
    pub name: String,
    pub operator_instance_name: String,
    pub operator_namespace: String,
    pub operator_scope: String,
    pub repository_url: String,
    pub ssh_known_hosts: String,
    pub operator_params: String,
    pub git_branch: String,
    pub git_path: String,
    pub git_poll_interval: String,
    pub git_readonly: String,
    pub sync_garbage_collection: String,
    pub manifest_generation: String,
    pub git_label: String,
    pub git_user: String,
    pub git_email: String,
    pub enable_helm_operator: String,
    pub chart_version: String,
    pub chart_values: String,
    /// Access to a private repository; a secret that is stored comes never back.
    #[serde(flatten)]
    pub access: AccessFields,
}

impl ConfigurationForm {
    /// The form before anything was typed: the tutorial's choices.
    pub fn fresh() -> Self {
        let fields = ParameterFields { git_readonly: "true".to_owned(), ..ParameterFields::default() };
        let mut form = Self {
            operator_namespace: DEFAULT_OPERATOR_NAMESPACE.to_owned(),
            operator_scope: "cluster".to_owned(),
            chart_version: DEFAULT_CHART_VERSION.to_owned(),
            operator_params: fields.merge_into(""),
            access: AccessFields {
                ssh_key: KeyKind::default().as_str().to_owned(),
                ..AccessFields::default()
            },
            ..Self::default()
        };
        form.set_parameters(fields);
        form
    }

    /// As stored.
    pub fn of(draft: ConfigurationDraft) -> Self {
        let ConfigurationDraft {
            name,
            operator_instance_name,
            operator_namespace,
            operator_scope,
            operator_type: _, // Flux is the only one
            repository_url,
            operator_params,
            parameters,
            ssh_known_hosts,
            enable_helm_operator,
            chart_version,
            chart_values,
        } = draft;
        let fields = parameters.or_else(|| fields_of(&operator_params)).unwrap_or_default();
        let mut form = Self {
            name,
            operator_instance_name,
            operator_namespace,
            operator_scope,
            repository_url,
            ssh_known_hosts: known_hosts::decode(&ssh_known_hosts),
            operator_params,
            enable_helm_operator,
            chart_version,
            chart_values,
            access: AccessFields { ssh_key: KEEP_KEY.to_owned(), ..AccessFields::default() },
            ..Self::default()
        };
        form.set_parameters(fields);
        form
    }

    /// From the fields of a refused form post.
    pub fn posted(fields: &[(String, String)]) -> Self {
        let mut form = Self::default();
        for (name, value) in fields {
            if let Some(place) = form.place(name) {
                place.clone_from(value);
            }
        }
        form
    }

    /// What the service validates.
    pub fn draft(&self) -> ConfigurationDraft {
        ConfigurationDraft {
            name: self.name.clone(),
            operator_instance_name: self.operator_instance_name.clone(),
            operator_namespace: self.operator_namespace.clone(),
            operator_scope: self.operator_scope.clone(),
            operator_type: String::new(),
            repository_url: self.repository_url.clone(),
            operator_params: self.operator_params.clone(),
            parameters: Some(self.parameters()),
            ssh_known_hosts: known_hosts::encode(&self.ssh_known_hosts),
            enable_helm_operator: self.enable_helm_operator.clone(),
            chart_version: self.chart_version.clone(),
            chart_values: self.chart_values.clone(),
        }
    }

    /// What is to happen to the repository's credential.
    pub fn credential(&self) -> RepositoryCredentialDraft {
        RepositoryCredentialDraft::from_form(&self.access)
    }

    /// The value of an input.
    pub fn value(&self, input: &str) -> String {
        // `place` needs `&mut`; the copy keeps one table for reading and writing
        self.clone().place(input).cloned().unwrap_or_default()
    }

    /// Puts a typed value in its place and keeps what follows it in step: the operator's name follows the
    /// name until it was changed itself, fields and parameter line follow each other.
    pub fn type_into(&mut self, input: &str, value: String) {
        let follows = self.operator_instance_name == self.name;
        if let Some(place) = self.place(input) {
            *place = value;
        }
        if input == Field::ConfigurationName.input() && follows {
            self.operator_instance_name.clone_from(&self.name);
        } else if input == Field::OperatorParams.input() {
            if let Some(fields) = fields_of(&self.operator_params) {
                self.set_parameters(fields);
            }
        } else if PARAMETER_INPUTS.contains(&input) {
            self.operator_params = self.parameters().merge_into(&self.operator_params);
        }
    }

    fn parameters(&self) -> ParameterFields {
        ParameterFields {
            git_branch: self.git_branch.clone(),
            git_path: self.git_path.clone(),
            git_poll_interval: self.git_poll_interval.clone(),
            git_readonly: self.git_readonly.clone(),
            sync_garbage_collection: self.sync_garbage_collection.clone(),
            manifest_generation: self.manifest_generation.clone(),
            git_label: self.git_label.clone(),
            git_user: self.git_user.clone(),
            git_email: self.git_email.clone(),
        }
    }

    fn set_parameters(&mut self, fields: ParameterFields) {
        let ParameterFields {
            git_branch,
            git_path,
            git_poll_interval,
            git_readonly,
            sync_garbage_collection,
            manifest_generation,
            git_label,
            git_user,
            git_email,
        } = fields;
        self.git_branch = git_branch;
        self.git_path = git_path;
        self.git_poll_interval = git_poll_interval;
        self.git_readonly = git_readonly;
        self.sync_garbage_collection = sync_garbage_collection;
        self.manifest_generation = manifest_generation;
        self.git_label = git_label;
        self.git_user = git_user;
        self.git_email = git_email;
    }

    fn place(&mut self, input: &str) -> Option<&mut String> {
        Some(match input {
            "name" => &mut self.name,
            "operator_instance_name" => &mut self.operator_instance_name,
            "operator_namespace" => &mut self.operator_namespace,
            "operator_scope" => &mut self.operator_scope,
            "repository_url" => &mut self.repository_url,
            "ssh_known_hosts" => &mut self.ssh_known_hosts,
            "operator_params" => &mut self.operator_params,
            "git_branch" => &mut self.git_branch,
            "git_path" => &mut self.git_path,
            "git_poll_interval" => &mut self.git_poll_interval,
            "git_readonly" => &mut self.git_readonly,
            "sync_garbage_collection" => &mut self.sync_garbage_collection,
            "manifest_generation" => &mut self.manifest_generation,
            "git_label" => &mut self.git_label,
            "git_user" => &mut self.git_user,
            "git_email" => &mut self.git_email,
            "enable_helm_operator" => &mut self.enable_helm_operator,
            "chart_version" => &mut self.chart_version,
            "chart_values" => &mut self.chart_values,
            "ssh_key" => &mut self.access.ssh_key,
            "ssh_private_key" => &mut self.access.ssh_private_key,
            "https_user" => &mut self.access.https_user,
            "https_key" => &mut self.access.https_key,
            "https_ca_certificate" => &mut self.access.https_ca_certificate,
            "https_remove" => &mut self.access.https_remove,
            "https_ca_remove" => &mut self.access.https_ca_remove,
            _ => return None,
        })
    }
}

/// Inputs whose value is part of the parameter line.
const PARAMETER_INPUTS: [&str; 9] = [
    "git_branch",
    "git_path",
    "git_poll_interval",
    "git_readonly",
    "sync_garbage_collection",
    "manifest_generation",
    "git_label",
    "git_user",
    "git_email",
];

/// What a line means as fields; `None` when it has a fault, so that a half-typed line changes nothing.
fn fields_of(line: &str) -> Option<ParameterFields> {
    OperatorParams::parse(line).ok().map(|parameters| ParameterFields::from_flags(parameters.flags()))
}
