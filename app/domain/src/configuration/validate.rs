//! From draft to spec: every rule of Azure's clients, all faults at once.

use super::{
    ConfigurationDraft, ConfigurationSpec, DEFAULT_OPERATOR_NAMESPACE, HelmOperator, OPERATOR_TYPE,
    OperatorScope, helm, known_hosts,
};
use crate::name::{ConfigurationName, OperatorInstanceName, OperatorNamespace};
use crate::operator_params::OperatorParams;
use crate::repository::{RepositoryUrl, Transport};
use crate::violation::{Field, Rule, Violations};

impl ConfigurationDraft {
    /// The spec this draft means, defaults filled in, or every fault of it. Blanks around values are dropped.
    pub fn validate(&self) -> Result<ConfigurationSpec, Violations> {
        let mut violations = Violations::default();
        let faults = &mut violations;
        let name = faults.keep(Field::ConfigurationName, ConfigurationName::parse(self.name.trim()));
        let operator_instance_name = self.instance_name(faults);
        let operator_namespace = or_default(&self.operator_namespace, DEFAULT_OPERATOR_NAMESPACE);
        let operator_namespace =
            faults.keep(Field::OperatorNamespace, OperatorNamespace::parse(operator_namespace));
        let operator_scope = faults.keep(Field::OperatorScope, self.scope());
        faults.keep(Field::OperatorType, self.check_type());
        let repository_url = faults.keep(Field::RepositoryUrl, RepositoryUrl::parse(&self.repository_url));
        let operator_params = self.params(faults);
        let ssh_known_hosts = self.known_hosts(repository_url.as_ref(), faults);
        let helm_operator = self.helm(faults);

        if !violations.is_empty() {
            return Err(violations);
        }
        let spec = || {
            Some(ConfigurationSpec {
                name: name?,
                operator_instance_name: operator_instance_name?,
                operator_namespace: operator_namespace?,
                operator_scope: operator_scope?,
                repository_url: repository_url?,
                operator_params: operator_params?,
                ssh_known_hosts,
                helm_operator,
            })
        };
        // Each part is missing only where a fault was told above.
        spec().ok_or(violations)
    }

    /// Follows the name when empty. A fault of the name is told there and not once more here, but for the length:
    /// a valid name may be too long for an instance.
    fn instance_name(&self, faults: &mut Violations) -> Option<OperatorInstanceName> {
        let written = self.operator_instance_name.trim();
        if written.is_empty() && ConfigurationName::parse(self.name.trim()).is_err() {
            return None;
        }
        let name = or_default(written, self.name.trim());
        faults.keep(Field::OperatorInstanceName, OperatorInstanceName::parse(name))
    }

    fn scope(&self) -> Result<OperatorScope, Rule> {
        let allowed = [OperatorScope::Cluster, OperatorScope::Namespace].map(OperatorScope::as_str);
        match self.operator_scope.trim() {
            "" => Ok(OperatorScope::default()),
            word => OperatorScope::parse(word).ok_or_else(|| one_of(&allowed)),
        }
    }

    fn check_type(&self) -> Result<(), Rule> {
        let word = or_default(&self.operator_type, OPERATOR_TYPE);
        if word.eq_ignore_ascii_case(OPERATOR_TYPE) { Ok(()) } else { Err(one_of(&[OPERATOR_TYPE])) }
    }

    /// Fields are checked as fields, and the line for what the fields do not replace.
    fn params(&self, faults: &mut Violations) -> Option<OperatorParams> {
        let Some(fields) = &self.parameters else {
            return OperatorParams::parse(&self.operator_params).map_err(|found| faults.append(found)).ok();
        };
        let of_fields = fields.violations();
        let rest = super::ParameterFields::default().merge_into(&self.operator_params);
        let of_rest = OperatorParams::parse(&rest).err().unwrap_or_default();
        if of_fields.is_empty() && of_rest.is_empty() {
            return OperatorParams::parse(&self.parameter_line()).map_err(|found| faults.append(found)).ok();
        }
        faults.append(of_fields);
        faults.append(of_rest);
        None
    }

    fn known_hosts(&self, url: Option<&RepositoryUrl>, faults: &mut Violations) -> Option<String> {
        let written = self.ssh_known_hosts.trim();
        if written.is_empty() {
            return None;
        }
        if url.is_some_and(|url| matches!(url.transport(), Transport::Http | Transport::Https)) {
            faults.push(Field::SshKnownHosts, Rule::KnownHostsWithHttp);
        }
        faults.keep(Field::SshKnownHosts, known_hosts::check(written)).map(|()| written.to_owned())
    }

    /// Switched off, version and values mean nothing and are dropped, as Azure's clients drop them.
    fn helm(&self, faults: &mut Violations) -> Option<HelmOperator> {
        match self.enable_helm_operator.trim().to_ascii_lowercase().as_str() {
            "" | "false" | "off" => return None,
            "true" | "on" => {}
            _ => {
                faults.push(Field::EnableHelmOperator, one_of(&["true", "false"]));
                return None;
            }
        }
        let version = faults.keep(Field::ChartVersion, helm::chart_version(&self.chart_version));
        let values = faults.keep(Field::ChartValues, helm::chart_values(&self.chart_values));
        Some(HelmOperator { chart_version: version?, chart_values: values? })
    }
}

fn or_default<'a>(written: &'a str, default: &'a str) -> &'a str {
    let written = written.trim();
    if written.is_empty() { default } else { written }
}

fn one_of(allowed: &[&str]) -> Rule {
    Rule::OneOf { allowed: allowed.iter().map(|word| (*word).to_owned()).collect() }
}

#[cfg(test)]
mod tests;
