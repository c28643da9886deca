//! What a field must be, as a sentence that says what is allowed.

use domain::violation::Rule;

use crate::kubeconfig::kubeconfig_refusal_sentence;
use crate::{Locale, text};

/// The sentence of a rule that an input broke.
pub fn rule_sentence(locale: Locale, rule: &Rule) -> String {
    match rule {
        Rule::Required => text::rule_required(locale).to_owned(),
        Rule::TooLong { max } => text::rule_too_long(locale, &max.to_string()),
        Rule::TooShort { min } => text::rule_too_short(locale, &min.to_string()),
        Rule::LowercaseName => text::rule_lowercase_name(locale).to_owned(),
        Rule::ResourceGroupName => text::rule_resource_group_name(locale).to_owned(),
        Rule::ClusterName => text::rule_cluster_name(locale).to_owned(),
        Rule::OneOf { allowed } => text::rule_one_of(locale, &allowed.join(", ")),
        Rule::ControlCharacter => text::rule_control_character(locale).to_owned(),
        Rule::MixedScripts { word } => text::rule_mixed_scripts(locale, word),
        Rule::Date => text::rule_date(locale).to_owned(),
        Rule::NumberRange { min, max } => text::rule_number_range(locale, &min.to_string(), &max.to_string()),
        Rule::NameTaken { name } => text::rule_name_taken(locale, name),
        Rule::OperatorTaken { configuration } => text::rule_operator_taken(locale, configuration),

        Rule::RepositoryUrlShape => text::rule_repository_url_shape(locale).to_owned(),
        Rule::RepositoryUrlScheme { scheme } => text::rule_repository_url_scheme(locale, scheme),
        Rule::RepositoryUrlHyphen => text::rule_repository_url_hyphen(locale).to_owned(),
        Rule::RepositoryUrlPassword => text::rule_repository_url_password(locale).to_owned(),
        Rule::RepositoryUrlHost => text::rule_repository_url_host(locale).to_owned(),
        Rule::SshKeyWithHttp => text::rule_ssh_key_with_http(locale).to_owned(),
        Rule::KnownHostsWithHttp => text::rule_known_hosts_with_http(locale).to_owned(),
        Rule::HttpsAuthWithSsh => text::rule_https_auth_with_ssh(locale).to_owned(),
        Rule::HttpsAuthIncomplete => text::rule_https_auth_incomplete(locale).to_owned(),
        Rule::Base64Text => text::rule_base64_text(locale).to_owned(),
        Rule::KnownHostsLine { line } => text::rule_known_hosts_line(locale, &line.to_string()),
        Rule::SshKeyFormat => text::rule_ssh_key_format(locale).to_owned(),
        Rule::SshKeyPassphrase => text::rule_ssh_key_passphrase(locale).to_owned(),
        Rule::SshKeyDsa => text::rule_ssh_key_dsa(locale).to_owned(),
        Rule::SshKeyTooShort { min } => text::rule_ssh_key_too_short(locale, &min.to_string()),
        Rule::CertificateFormat => text::rule_certificate_format(locale).to_owned(),
        Rule::CertificateWithoutHttps => text::rule_certificate_without_https(locale).to_owned(),

        Rule::ParameterNotFlag { word } => text::rule_parameter_not_flag(locale, word),
        Rule::ParameterUnknown { flag } => text::rule_parameter_unknown(locale, flag),
        Rule::ParameterRefused { flag } => text::rule_parameter_refused(locale, flag),
        Rule::ParameterValueMissing { flag } => text::rule_parameter_value_missing(locale, flag),
        Rule::ParameterBoolean { flag, value } => text::rule_parameter_boolean(locale, flag, value),
        Rule::ParameterDuration { flag, value } => text::rule_parameter_duration(locale, flag, value),
        Rule::ParameterDurationRange { flag, min_seconds, max_seconds } => {
            let (min, max) = (min_seconds.to_string(), max_seconds.to_string());
            text::rule_parameter_duration_range(locale, flag, &min, &max)
        }
        Rule::ParameterTwice { flag } => text::rule_parameter_twice(locale, flag),
        Rule::ParameterQuote => text::rule_parameter_quote(locale).to_owned(),
        Rule::BranchName => text::rule_branch_name(locale).to_owned(),
        Rule::TagName => text::rule_tag_name(locale).to_owned(),
        Rule::EmailAddress => text::rule_email_address(locale).to_owned(),
        Rule::AuthorName => text::rule_author_name(locale).to_owned(),
        Rule::RepositoryPath { path } => text::rule_repository_path(locale, path),
        Rule::NamespaceName { name } => text::rule_namespace_name(locale, name),

        Rule::ChartVersion => text::rule_chart_version(locale).to_owned(),
        Rule::ChartVersionTooOld { min } => text::rule_chart_version_too_old(locale, min),
        Rule::ChartValues { word } => text::rule_chart_values(locale, word),
        Rule::ChartValueUnknown { name } => text::rule_chart_value_unknown(locale, name),
        Rule::ChartValueRefused { name } => text::rule_chart_value_refused(locale, name),
        Rule::ChartValueTruth { name } => text::rule_chart_value_truth(locale, name),
        Rule::ChartValueNumber { name, min, max } => {
            text::rule_chart_value_number(locale, name, &min.to_string(), &max.to_string())
        }
        Rule::HelmVersion => text::rule_helm_version(locale).to_owned(),

        Rule::KubeconfigFormat { detail } => text::rule_kubeconfig_format(locale, detail),
        Rule::KubeconfigFieldRefused { field, reason } => kubeconfig_refusal_sentence(locale, field, *reason),
        Rule::KubeconfigReferenceMissing { field, name } => {
            text::rule_kubeconfig_reference_missing(locale, field, name)
        }
        Rule::KubeconfigTooLarge { max_bytes } => {
            text::rule_kubeconfig_too_large(locale, &(max_bytes / 1024).to_string())
        }
        Rule::AddressRefused { address } => text::rule_address_refused(locale, address),

        Rule::PasswordsDiffer => text::rule_passwords_differ(locale).to_owned(),
        Rule::PasswordCommon => text::rule_password_common(locale).to_owned(),
        Rule::SignInRefused => text::rule_sign_in_refused(locale).to_owned(),
        Rule::NotPresentPassword => text::rule_not_present_password(locale).to_owned(),

        Rule::PrincipalUnknown { name } => text::rule_principal_unknown(locale, name),
        Rule::Uuid => text::rule_uuid(locale).to_owned(),

        Rule::OutboundEntry { entry } => text::rule_outbound_entry(locale, entry),
        Rule::TooManyEntries { max } => text::rule_too_many_entries(locale, &max.to_string()),

        Rule::ParentOrigin => text::rule_parent_origin(locale).to_owned(),
        Rule::ParentNotAllowed => text::rule_parent_not_allowed(locale).to_owned(),
    }
}
