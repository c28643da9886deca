//! Single words for states.

use domain::access::{Principal, Role};
use domain::change::Action;
use domain::cluster::ClusterType;
use domain::health::Health;
use domain::status::{Compliance, SyncStep};
use domain::violation::Field;

use crate::{Locale, text};

/// Compliance in the field's word.
pub fn compliance_label(locale: Locale, compliance: Compliance) -> &'static str {
    match compliance {
        Compliance::Pending => text::compliance_pending(locale),
        Compliance::Installed => text::compliance_installed(locale),
        Compliance::Failed => text::compliance_failed(locale),
    }
}

/// Health in the field's word.
pub fn health_label(locale: Locale, health: Health) -> &'static str {
    match health {
        Health::Healthy => text::health_healthy(locale),
        Health::Suspended => text::health_suspended(locale),
        Health::Progressing => text::health_progressing(locale),
        Health::Unknown => text::health_unknown(locale),
        Health::Missing => text::health_missing(locale),
        Health::Degraded => text::health_degraded(locale),
    }
}

/// A step of a running sync.
pub fn step_label(locale: Locale, step: SyncStep) -> &'static str {
    match step {
        SyncStep::Prepare => text::step_prepare(locale),
        SyncStep::Fetch => text::step_fetch(locale),
        SyncStep::Read => text::step_read(locale),
        SyncStep::Compare => text::step_compare(locale),
        SyncStep::Apply => text::step_apply(locale),
        SyncStep::Prune => text::step_prune(locale),
        SyncStep::Tag => text::step_tag(locale),
        SyncStep::Record => text::step_record(locale),
    }
}

/// What happened to an object.
pub fn action_label(locale: Locale, action: Action) -> &'static str {
    match action {
        Action::Create => text::action_create(locale),
        Action::Configure => text::action_configure(locale),
        Action::Unchanged => text::action_unchanged(locale),
        Action::Delete => text::action_delete(locale),
        Action::Skip => text::action_skip(locale),
    }
}

/// What kind of thing an entry of the audit is about; a kind that a newer server wrote is told as it is stored.
pub fn target_kind_label(locale: Locale, kind: &str) -> &str {
    match kind {
        "user" => text::target_user(locale),
        "service account" => text::target_service_account(locale),
        "configuration" => text::target_configuration(locale),
        "cluster" => text::target_cluster(locale),
        "resource group" => text::target_resource_group(locale),
        "subscription" => text::target_subscription(locale),
        "role assignment" => text::target_role_assignment(locale),
        "token" => text::target_token(locale),
        "session" => text::target_session(locale),
        "identity provider" => text::target_identity_provider(locale),
        "request" => text::target_request(locale),
        other => other,
    }
}

/// A role in the field's word.
pub fn role_label(locale: Locale, role: Role) -> &'static str {
    match role {
        Role::Reader => text::role_reader(locale),
        Role::Contributor => text::role_contributor(locale),
        Role::Owner => text::role_owner(locale),
    }
}

/// Who a role is assigned to, in a word.
pub fn principal_label(locale: Locale, principal: &Principal) -> String {
    match principal {
        Principal::Person(_) => text::principal_person(locale).to_owned(),
        Principal::ServiceAccount(_) => text::principal_service_account(locale).to_owned(),
        Principal::Group { provider, .. } => text::principal_group(locale, provider),
    }
}

/// The ARM type of a cluster, for people.
pub fn cluster_type_label(locale: Locale, cluster_type: ClusterType) -> &'static str {
    match cluster_type {
        ClusterType::ConnectedClusters => text::cluster_type_connected(locale),
        ClusterType::ManagedClusters => text::cluster_type_managed(locale),
    }
}

/// What the operator may do; anything but `namespace` is the whole cluster.
pub fn scope_label(locale: Locale, scope: &str) -> &'static str {
    if scope == "namespace" { text::scope_namespace(locale) } else { text::scope_cluster(locale) }
}

/// What a field of a form is called.
pub fn field_label(locale: Locale, field: Field) -> &'static str {
    match field {
        Field::ConfigurationName => text::field_configuration_name(locale),
        Field::OperatorInstanceName => text::field_operator_instance_name(locale),
        Field::OperatorNamespace => text::field_operator_namespace(locale),
        Field::OperatorScope => text::field_operator_scope(locale),
        Field::OperatorType => text::field_operator_type(locale),
        Field::RepositoryUrl => text::field_repository_url(locale),
        Field::OperatorParams => text::field_operator_params(locale),
        Field::GitBranch => text::field_git_branch(locale),
        Field::GitPath => text::field_git_path(locale),
        Field::GitPollInterval => text::field_git_poll_interval(locale),
        Field::GitLabel => text::field_git_label(locale),
        Field::GitUser => text::field_git_user(locale),
        Field::GitEmail => text::field_git_email(locale),
        Field::SshPrivateKey => text::field_ssh_private_key(locale),
        Field::SshKnownHosts => text::field_ssh_known_hosts(locale),
        Field::HttpsUser => text::field_https_user(locale),
        Field::HttpsKey => text::field_https_key(locale),
        Field::HttpsCaCertificate => text::field_https_ca_certificate(locale),
        Field::SshKey => text::field_ssh_key(locale),
        Field::ProtectedSettings => text::field_protected_settings(locale),
        Field::EnableHelmOperator => text::field_enable_helm_operator(locale),
        Field::ChartVersion => text::field_chart_version(locale),
        Field::ChartValues => text::field_chart_values(locale),
        Field::ClusterName => text::field_cluster_name(locale),
        Field::ClusterType => text::field_cluster_type(locale),
        Field::ResourceGroup => text::field_resource_group(locale),
        Field::Subscription => text::field_subscription(locale),
        Field::Kubeconfig => text::field_kubeconfig(locale),
        Field::KubeconfigContext => text::field_kubeconfig_context(locale),
        Field::UserName => text::field_user_name(locale),
        Field::Password => text::field_password(locale),
        Field::PasswordAgain => text::field_password_again(locale),
        Field::PresentPassword => text::field_present_password(locale),
        Field::TokenName => text::field_token_name(locale),
        Field::TokenDays => text::field_token_days(locale),
        Field::TokenRole => text::field_token_role(locale),
        Field::QuotaConfigurations => text::field_quota_configurations(locale),
        Field::QuotaClusters => text::field_quota_clusters(locale),
        Field::QuotaObjectsPerSync => text::field_quota_objects_per_sync(locale),
        Field::QuotaSyncsPerHour => text::field_quota_syncs_per_hour(locale),
        Field::QuotaRepositoryMebibytes => text::field_quota_repository_mebibytes(locale),
        Field::OutboundHosts => text::field_outbound_hosts(locale),
        Field::ActivityOutcome => text::field_activity_outcome(locale),
        Field::ActivityFrom => text::field_activity_from(locale),
        Field::ActivityTo => text::field_activity_to(locale),
        Field::ParentOrigin => text::field_parent_origin(locale),
        Field::TokenPlace => text::field_token_place(locale),
        Field::DisplayName => text::field_display_name(locale),
        Field::ResourceGroupName => text::field_resource_group_name(locale),
        Field::Principal => text::field_principal(locale),
        Field::Provider => text::field_provider(locale),
        Field::Role | Field::ServiceAccountRole => text::field_role(locale),
        Field::ServiceAccountName => text::field_service_account_name(locale),
    }
}
