//! Every fault of an input at once, each with the field it belongs to.
//!
//! A rule is data, not text: the catalogue turns it into a sentence in each language, and the sentence says
//! what is allowed.

use serde::{Deserialize, Serialize};

/// One fault: this field breaks this rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Violation {
    /// Where.
    pub field: Field,
    /// What is allowed there.
    pub rule: Rule,
}

/// All faults of one input; empty means valid.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Violations(pub Vec<Violation>);

impl Violations {
    /// Adds one fault.
    pub fn push(&mut self, field: Field, rule: Rule) {
        self.0.push(Violation { field, rule });
    }

    /// What a check gave, or its fault added.
    pub fn keep<T>(&mut self, field: Field, checked: Result<T, Rule>) -> Option<T> {
        checked.map_err(|rule| self.push(field, rule)).ok()
    }

    /// Adds the faults of another input.
    pub fn append(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The faults of one field, in the order found.
    pub fn of(&self, field: Field) -> impl Iterator<Item = &Rule> {
        self.0.iter().filter(move |violation| violation.field == field).map(|violation| &violation.rule)
    }

    /// `Ok(valid)` when there is no fault.
    pub fn or<T>(self, valid: impl FnOnce() -> T) -> Result<T, Self> {
        if self.is_empty() { Ok(valid()) } else { Err(self) }
    }
}

/// A field of some form. [`Field::input`] is its name in forms, [`Field::json_path`] in ARM bodies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Field {
    ConfigurationName,
    OperatorInstanceName,
    OperatorNamespace,
    OperatorScope,
    OperatorType,
    RepositoryUrl,
    OperatorParams,
    GitBranch,
    GitPath,
    GitPollInterval,
    GitLabel,
    GitUser,
    GitEmail,
    SshPrivateKey,
    SshKnownHosts,
    HttpsUser,
    HttpsKey,
    HttpsCaCertificate,
    /// Which key an ssh repository is read with: made here or given.
    SshKey,
    /// `configurationProtectedSettings` as a whole.
    ProtectedSettings,
    EnableHelmOperator,
    ChartVersion,
    ChartValues,
    // cluster
    ClusterName,
    ClusterType,
    ResourceGroup,
    Subscription,
    Kubeconfig,
    KubeconfigContext,
    // sign-in
    UserName,
    Password,
    PasswordAgain,
    /// The one that is to be replaced.
    PresentPassword,
    // token
    TokenName,
    TokenDays,
    TokenRole,
    TokenPlace,
    // places and roles
    DisplayName,
    ResourceGroupName,
    Principal,
    Provider,
    Role,
    ServiceAccountName,
    ServiceAccountRole,
    ParentOrigin,
    // quota
    QuotaConfigurations,
    QuotaClusters,
    QuotaObjectsPerSync,
    QuotaSyncsPerHour,
    QuotaRepositoryMebibytes,
    // outbound policy
    OutboundHosts,
    // activity
    ActivityOutcome,
    ActivityFrom,
    ActivityTo,
}

impl Field {
    /// The `name` of its input element, and its element id.
    pub fn input(self) -> &'static str {
        match self {
            Self::ConfigurationName => "name",
            Self::OperatorInstanceName => "operator_instance_name",
            Self::OperatorNamespace => "operator_namespace",
            Self::OperatorScope => "operator_scope",
            Self::OperatorType => "operator_type",
            Self::RepositoryUrl => "repository_url",
            Self::OperatorParams => "operator_params",
            Self::GitBranch => "git_branch",
            Self::GitPath => "git_path",
            Self::GitPollInterval => "git_poll_interval",
            Self::GitLabel => "git_label",
            Self::GitUser => "git_user",
            Self::GitEmail => "git_email",
            Self::SshPrivateKey => "ssh_private_key",
            Self::SshKnownHosts => "ssh_known_hosts",
            Self::HttpsUser => "https_user",
            Self::HttpsKey => "https_key",
            Self::HttpsCaCertificate => "https_ca_certificate",
            Self::SshKey => "ssh_key",
            Self::ProtectedSettings => "protected_settings",
            Self::EnableHelmOperator => "enable_helm_operator",
            Self::ChartVersion => "chart_version",
            Self::ChartValues => "chart_values",
            Self::ClusterName => "cluster_name",
            Self::ClusterType => "cluster_type",
            Self::ResourceGroup => "resource_group",
            Self::Subscription => "subscription",
            Self::Kubeconfig => "kubeconfig",
            Self::KubeconfigContext => "context",
            Self::UserName => "user_name",
            Self::Password => "password",
            Self::PasswordAgain => "password_again",
            Self::PresentPassword => "present_password",
            Self::TokenName => "token_name",
            Self::TokenDays => "token_days",
            Self::TokenRole => "token_role",
            Self::TokenPlace => "token_place",
            Self::DisplayName => "display_name",
            Self::ResourceGroupName => "resource_group_name",
            Self::Principal => "principal",
            Self::Provider => "provider",
            Self::Role => "role",
            Self::ServiceAccountName => "service_account_name",
            Self::ServiceAccountRole => "service_account_role",
            Self::ParentOrigin => "parent",
            Self::QuotaConfigurations => "quota_configurations",
            Self::QuotaClusters => "quota_clusters",
            Self::QuotaObjectsPerSync => "quota_objects_per_sync",
            Self::QuotaSyncsPerHour => "quota_syncs_per_hour",
            Self::QuotaRepositoryMebibytes => "quota_repository_mebibytes",
            Self::OutboundHosts => "outbound_hosts",
            Self::ActivityOutcome => "outcome",
            Self::ActivityFrom => "from",
            Self::ActivityTo => "to",
        }
    }

    /// Its place in an ARM body (`target` of an ARM error).
    pub fn json_path(self) -> &'static str {
        match self {
            Self::ConfigurationName
            | Self::ClusterName
            | Self::TokenName
            | Self::ResourceGroupName
            | Self::ServiceAccountName => "name",
            Self::OperatorInstanceName => "properties.operatorInstanceName",
            Self::OperatorNamespace => "properties.operatorNamespace",
            Self::OperatorScope => "properties.operatorScope",
            Self::OperatorType => "properties.operatorType",
            Self::RepositoryUrl => "properties.repositoryUrl",
            Self::OperatorParams
            | Self::GitBranch
            | Self::GitPath
            | Self::GitPollInterval
            | Self::GitLabel
            | Self::GitUser
            | Self::GitEmail => "properties.operatorParams",
            Self::SshPrivateKey => "properties.configurationProtectedSettings.sshPrivateKey",
            Self::SshKnownHosts => "properties.sshKnownHostsContents",
            Self::HttpsUser => "properties.configurationProtectedSettings.httpsUser",
            Self::HttpsKey => "properties.configurationProtectedSettings.httpsKey",
            Self::HttpsCaCertificate => "properties.configurationProtectedSettings.httpsCACert",
            Self::SshKey | Self::ProtectedSettings => "properties.configurationProtectedSettings",
            Self::EnableHelmOperator => "properties.enableHelmOperator",
            Self::ChartVersion => "properties.helmOperatorProperties.chartVersion",
            Self::ChartValues => "properties.helmOperatorProperties.chartValues",
            Self::ClusterType => "type",
            Self::ResourceGroup => "resourceGroup",
            Self::Subscription => "subscription",
            Self::Kubeconfig => "kubeconfig",
            Self::KubeconfigContext => "context",
            Self::UserName => "userName",
            Self::Password => "password",
            Self::PasswordAgain => "passwordAgain",
            Self::PresentPassword => "presentPassword",
            Self::TokenDays => "days",
            Self::TokenRole | Self::Role | Self::ServiceAccountRole => "role",
            Self::TokenPlace => "place",
            Self::DisplayName => "displayName",
            Self::Principal => "principal",
            Self::Provider => "provider",
            Self::ParentOrigin => "parentOrigin",
            Self::QuotaConfigurations => "configurations",
            Self::QuotaClusters => "clusters",
            Self::QuotaObjectsPerSync => "objectsPerSync",
            Self::QuotaSyncsPerHour => "syncsPerHour",
            Self::QuotaRepositoryMebibytes => "repositoryMebibytes",
            Self::OutboundHosts => "hosts",
            Self::ActivityOutcome => "outcome",
            Self::ActivityFrom => "from",
            Self::ActivityTo => "to",
        }
    }
}

/// What a field must be. Parameters are what the sentence names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Rule {
    /// Something must be given.
    Required,
    /// At most so many characters.
    TooLong { max: usize },
    /// At least so many characters.
    TooShort { min: usize },
    /// Lower-case letters, digits and hyphens; first and last a letter or digit (Azure CLI rule).
    LowercaseName,
    /// Letters, digits, `_`, `-`, `.`, `(`, `)`, not ending in a full stop (ARM resource group rule).
    ResourceGroupName,
    /// Letters, digits, `_`, `-`, `.`; first and last a letter or digit (ARM cluster name rule).
    ClusterName,
    /// One of these words.
    OneOf { allowed: Vec<String> },
    /// Control characters and line breaks are not allowed.
    ControlCharacter,
    /// A word of a name mixes scripts whose letters look alike, as UTS 39 tells them.
    MixedScripts { word: String },
    /// A day such as `2026-11-23`.
    Date,
    /// A whole number between these.
    NumberRange { min: u32, max: u32 },
    /// A name like this exists here already.
    NameTaken { name: String },
    /// Another configuration of this cluster has this operator namespace and instance name.
    OperatorTaken { configuration: String },

    // repository
    /// `https://host/path`, `http://host/path`, `ssh://user@host/path`, `git@host:path` or `git://host/path`.
    RepositoryUrlShape,
    /// A scheme that is never used: `file:`, `ext:` and everything else.
    RepositoryUrlScheme { scheme: String },
    /// A part of the URL begins with a hyphen.
    RepositoryUrlHyphen,
    /// A password inside the URL.
    RepositoryUrlPassword,
    /// Only plain ASCII host names (`xn--` form for others).
    RepositoryUrlHost,
    /// An ssh private key goes with ssh URLs only.
    SshKeyWithHttp,
    /// Known hosts go with ssh URLs only.
    KnownHostsWithHttp,
    /// https user and key go with http(s) URLs only.
    HttpsAuthWithSsh,
    /// https user and key go together.
    HttpsAuthIncomplete,
    /// Must be base64 of UTF-8 text.
    Base64Text,
    /// Line so-and-so is no host key line (host, type, key).
    KnownHostsLine { line: usize },
    /// Not a private key in a known form.
    SshKeyFormat,
    /// A private key that only a passphrase opens.
    SshKeyPassphrase,
    /// A DSA key, which OpenSSH no longer takes.
    SshKeyDsa,
    /// An RSA key with fewer bits than this.
    SshKeyTooShort { min: u32 },
    /// Certificates in PEM form.
    CertificateFormat,
    /// A certificate authority goes with https URLs only.
    CertificateWithoutHttps,

    // operator parameters
    /// A word that is no flag.
    ParameterNotFlag { word: String },
    /// No flag of Flux v1.
    ParameterUnknown { flag: String },
    /// A flag whose being ignored would weaken or mislead.
    ParameterRefused { flag: String },
    /// A flag without its value.
    ParameterValueMissing { flag: String },
    /// A boolean flag takes `true` or `false`.
    ParameterBoolean { flag: String, value: String },
    /// A duration such as `30s`, `5m` or `1h30m`.
    ParameterDuration { flag: String, value: String },
    /// A duration outside its limits, in seconds.
    ParameterDurationRange { flag: String, min_seconds: u64, max_seconds: u64 },
    /// The same flag twice with different values.
    ParameterTwice { flag: String },
    /// A quote that is not closed.
    ParameterQuote,
    /// A branch name as `git check-ref-format` allows it.
    BranchName,
    /// A label usable as a tag name.
    TagName,
    /// An e-mail address such as `flux@example.com`.
    EmailAddress,
    /// A name without `<` and `>`, as Git writes authors.
    AuthorName,
    /// A folder or file inside the repository: no leading `/`, no `..`, no `.git`.
    RepositoryPath { path: String },
    /// A namespace name (RFC 1123 label, at most 63).
    NamespaceName { name: String },

    // helm
    /// A version such as `1.2.0`.
    ChartVersion,
    /// Chart version 1.2.0 or later.
    ChartVersionTooOld { min: String },
    /// Words of the form `--set key=value`.
    ChartValues { word: String },
    /// The Helm operator's chart has no such value.
    ChartValueUnknown { name: String },
    /// A value of the Helm operator's chart that would keep passwords where everybody reads them.
    ChartValueRefused { name: String },
    /// It is true or false.
    ChartValueTruth { name: String },
    /// It is a whole number of a range.
    ChartValueNumber { name: String, min: i64, max: i64 },
    /// Only helm 3 releases are kept.
    HelmVersion,

    // cluster
    /// The kubeconfig is no YAML or JSON of a kubeconfig's shape.
    KubeconfigFormat { detail: String },
    /// A field that is refused: it would run a program, read a file of the server, or weaken security.
    KubeconfigFieldRefused { field: String, reason: KubeconfigRefusal },
    /// The context, cluster or user named is not in the kubeconfig.
    KubeconfigReferenceMissing { field: String, name: String },
    /// Larger than the limit, in bytes.
    KubeconfigTooLarge { max_bytes: usize },
    /// The server's address is not allowed by the outbound policy.
    AddressRefused { address: String },

    // sign-in
    /// The two passwords differ.
    PasswordsDiffer,
    /// Among the most common passwords, or made of the user's name or the product's.
    PasswordCommon,
    /// User name and password do not belong together.
    SignInRefused,
    /// It is not the password that one has now.
    NotPresentPassword,

    // places and roles
    /// Nobody has this name.
    PrincipalUnknown { name: String },
    /// A UUID, or nothing for a new one.
    Uuid,

    // outbound policy
    /// A host name, `*.` and a name, an address, or a range of addresses.
    OutboundEntry { entry: String },
    /// At most so many entries.
    TooManyEntries { max: usize },

    // embedding
    /// One exact origin such as `https://dashboard.example.com`, without TLS only this machine.
    ParentOrigin,
    /// The subscription's owners have not allowed this origin.
    ParentNotAllowed,
}

/// Why a kubeconfig field is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum KubeconfigRefusal {
    /// It would run a program on the server.
    RunsProgram,
    /// It names a file of the server; the data must be inline.
    ReadsFile,
    /// It would go through a proxy of the file's choosing.
    Proxy,
    /// It would turn off the check of the server's identity.
    Insecure,
    /// Impersonation is our own setting.
    Impersonation,
    /// User name and password are no longer supported by Kubernetes.
    BasicAuth,
    /// The server must be an https address.
    ServerNotHttps,
    /// Not base64, or not PEM inside.
    BadData,
    /// The certificate's time is over.
    Expired,
    /// Key and certificate do not belong together.
    KeyMismatch,
    /// A field that no kubeconfig has.
    Unknown,
    /// Given more than once.
    Duplicate,
}
