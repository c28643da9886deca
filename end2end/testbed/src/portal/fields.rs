//! What is typed into the form of a configuration.

use crate::TestbedError;
use crate::random;

/// The fields of the form by their names, as a browser posts them: those that nobody touched as the page has them.
#[derive(Debug, Clone)]
pub struct ConfigurationFields(Vec<(&'static str, String)>);

impl ConfigurationFields {
    /// A configuration of cluster scope that reads the default branch of a repository, with an operator namespace of
    /// the same name.
    pub fn new(name: &str, repository_url: &str) -> Self {
        let fields = [
            ("name", name),
            ("operator_instance_name", name),
            ("operator_namespace", name),
            ("operator_scope", "cluster"),
            ("repository_url", repository_url),
            ("ssh_key", "ed25519"),
            ("ssh_known_hosts", ""),
            ("operator_params", "--git-readonly"),
            ("git_branch", crate::DEFAULT_BRANCH),
            ("git_path", ""),
            ("git_poll_interval", "5m"),
            ("git_readonly", "true"),
            ("git_label", ""),
            ("git_user", ""),
            ("git_email", ""),
            ("chart_version", "1.2.0"),
            ("chart_values", ""),
        ];
        Self(fields.into_iter().map(|(field, value)| (field, value.to_owned())).collect())
    }

    /// As [`ConfigurationFields::new`], with a name of its own, for tests that share the control plane.
    pub fn named_apart(prefix: &str, repository_url: &str) -> Result<Self, TestbedError> {
        Ok(Self::new(&format!("{prefix}-{}", random::suffix()?), repository_url))
    }

    /// With another value in a field.
    #[must_use]
    pub fn with(mut self, field: &'static str, value: &str) -> Self {
        self.0.retain(|(name, _)| *name != field);
        self.0.push((field, value.to_owned()));
        self
    }

    /// A value.
    pub fn value(&self, field: &str) -> &str {
        self.0.iter().find(|(name, _)| *name == field).map_or("", |(_, value)| value)
    }

    /// All of them, for a form post.
    pub fn pairs(&self) -> Vec<(&str, &str)> {
        self.0.iter().map(|(name, value)| (*name, value.as_str())).collect()
    }
}
