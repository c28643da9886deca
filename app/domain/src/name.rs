//! Names that cannot be wrong: each type holds its rule.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::violation::Rule;

/// Longest configuration name (Azure CLI rule).
pub const CONFIGURATION_NAME_MAX: usize = 63;
/// Longest operator instance name and operator namespace (Azure CLI and policy rule).
pub const OPERATOR_NAME_MAX: usize = 23;
/// Longest resource group name (ARM rule).
pub const RESOURCE_GROUP_NAME_MAX: usize = 90;
/// Longest cluster name (ARM rule of connected clusters).
pub const CLUSTER_NAME_MAX: usize = 63;
/// Longest namespace name (RFC 1123 label).
pub const NAMESPACE_NAME_MAX: usize = 63;

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $check:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Checks the rule.
            pub fn parse(text: &str) -> Result<Self, Rule> {
                let check: fn(&str) -> Result<(), Rule> = $check;
                check(text).map(|()| Self(text.to_owned()))
            }

            /// As written.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The form names are compared by: two names that differ in case only are one (ARM rule).
            pub fn key(&self) -> String {
                self.0.to_lowercase()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(formatter)
            }
        }

        impl TryFrom<String> for $name {
            type Error = String;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::parse(&text).map_err(|rule| format!("{text:?} breaks the rule {rule:?}"))
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }
    };
}

name!(
    /// Name of a configuration, for instance `cluster-config`.
    ConfigurationName,
    |text| lowercase_name(text, CONFIGURATION_NAME_MAX)
);
name!(
    /// Name of the operator: the service account's name in the cluster.
    OperatorInstanceName,
    |text| lowercase_name(text, OPERATOR_NAME_MAX)
);
name!(
    /// Namespace of the operator objects.
    OperatorNamespace,
    |text| lowercase_name(text, OPERATOR_NAME_MAX)
);
name!(
    /// A namespace of a cluster.
    NamespaceName,
    |text| lowercase_name(text, NAMESPACE_NAME_MAX).map_err(|_| Rule::NamespaceName { name: text.to_owned() })
);
name!(
    /// Name of a resource group, for instance `AzureArcTest`.
    ResourceGroupName,
    resource_group_name
);
name!(
    /// Name of a connected cluster, for instance `AzureArcTest1`.
    ClusterName,
    cluster_name
);

fn lowercase_name(text: &str, max: usize) -> Result<(), Rule> {
    length(text, max)?;
    let edge = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = text.as_bytes();
    let inside = bytes.iter().all(|byte| edge(*byte) || *byte == b'-');
    let edges = bytes.first().copied().is_some_and(edge) && bytes.last().copied().is_some_and(edge);
    if inside && edges { Ok(()) } else { Err(Rule::LowercaseName) }
}

fn resource_group_name(text: &str) -> Result<(), Rule> {
    length(text, RESOURCE_GROUP_NAME_MAX)?;
    let allowed = |character: char| character.is_ascii_alphanumeric() || "_-.()".contains(character);
    if text.chars().all(allowed) && !text.ends_with('.') { Ok(()) } else { Err(Rule::ResourceGroupName) }
}

fn cluster_name(text: &str) -> Result<(), Rule> {
    length(text, CLUSTER_NAME_MAX)?;
    let edge = |character: char| character.is_ascii_alphanumeric();
    let inside = text.chars().all(|character| edge(character) || "_-.".contains(character));
    if inside && text.starts_with(edge) && text.ends_with(edge) { Ok(()) } else { Err(Rule::ClusterName) }
}

fn length(text: &str, max: usize) -> Result<(), Rule> {
    match text.chars().count() {
        0 => Err(Rule::Required),
        length if length > max => Err(Rule::TooLong { max }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operator_name_of_23_characters_is_the_longest() {
        assert!(OperatorInstanceName::parse(&"a".repeat(23)).is_ok());
        assert_eq!(OperatorInstanceName::parse(&"a".repeat(24)), Err(Rule::TooLong { max: 23 }));
    }

    #[test]
    fn a_configuration_name_begins_and_ends_with_a_letter_or_digit() {
        for good in ["a", "0", "a-b", "cluster-config", "a1"] {
            assert!(ConfigurationName::parse(good).is_ok(), "{good}");
        }
        for bad in ["-a", "a-", "A", "a_b", "a.b", "ä", " a", "a\n"] {
            assert_eq!(ConfigurationName::parse(bad), Err(Rule::LowercaseName), "{bad}");
        }
    }

    #[test]
    fn names_that_differ_in_case_have_one_key() {
        let key = |text| ClusterName::parse(text).map(|name| name.key());
        assert_eq!(key("AzureArcTest1"), key("azurearctest1"));
    }

    #[test]
    fn a_resource_group_name_does_not_end_with_a_full_stop() {
        assert!(ResourceGroupName::parse("Azure.Arc_(Test)-1").is_ok());
        assert_eq!(ResourceGroupName::parse("group."), Err(Rule::ResourceGroupName));
    }
}
