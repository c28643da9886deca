//! Why something is as it is: data that the catalogue turns into a sentence in each language.

use serde::{Deserialize, Serialize};

/// The one sentence about a configuration's state. What the API server or Git said stands beside it, verbatim,
/// in [`crate::status::ConfigurationStatus::detail`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Reason {
    /// Saved, first sync not ended.
    WaitingForFirstSync,
    /// Installed: everything of the revision is applied. The alias is of a time when releases were not kept.
    #[serde(alias = "helmNotProcessed")]
    Installed,
    /// Installed, but so many of its Helm releases have failed.
    ReleasesFailed {
        /// How many.
        failed: u32,
        /// Of how many.
        total: u32,
    },
    /// Installed; the tag that marks what was synced could not be moved at the host.
    SyncTagNotPushed { tag: String },
    /// Installed, but so many objects were left out (unknown kind, foreign namespace).
    ObjectsLeftOut { count: u32 },
    /// Installed; objects removed from Git wait for a person before they are pruned.
    PruneWaits { count: u32 },
    /// Nothing under the configured paths is a Kubernetes object.
    NothingToApply,
    /// The API server refused some of the objects.
    ObjectsRefused { refused: u32, total: u32 },
    /// The host of the repository does not answer.
    RepositoryUnreachable,
    /// The address of the repository is not allowed by the outbound policy.
    RepositoryAddressRefused,
    /// The subscription's list of allowed hosts does not name the repository's.
    RepositoryAddressNotListed,
    /// The host answers, but there is no such repository, or it is private.
    RepositoryNotFound,
    /// What answers at the URL is no Git server.
    RepositoryNotGit,
    /// The host refuses a credential that it once took.
    RepositoryCredentialRefused,
    /// The host has not taken the ssh key yet.
    RepositoryKeyNotAccepted,
    /// The host has not taken user and key yet.
    RepositoryUserNotAccepted,
    /// The stored credential cannot be decrypted.
    RepositoryCredentialUnreadable,
    /// Nothing is known of the ssh host; `key` is what it showed (type and base64), `host` as `known_hosts` has it.
    RepositoryHostKeyUnknown { host: String, fingerprint: String, key: String },
    /// The ssh host showed another key than the one known.
    RepositoryHostKeyChanged { host: String, expected: String, fingerprint: String, key: String },
    /// The repository has no commits.
    RepositoryEmpty,
    /// The configured branch does not exist.
    BranchMissing { branch: String },
    /// A configured path does not exist in the revision.
    PathMissing { path: String },
    /// Reading took longer than allowed, or more was sent than allowed.
    RepositoryLimit,
    /// More was sent than the resource group's quota allows of one repository.
    RepositoryQuota { mebibytes: u32 },
    /// The mirror of the repository is damaged; it is made anew.
    RepositoryDamaged,
    /// A manifest could not be read.
    ManifestInvalid { file: String, line: Option<u32> },
    /// Two manifests define one object.
    DuplicateObject { object: String, first: String, second: String },
    /// A link in the repository leaves the configured path.
    LinkLeavesRepository { path: String },
    /// More than the limit named.
    LoadLimit { limit: String },
    /// More objects than the resource group's quota allows in one sync; nothing of them was applied.
    ObjectQuota { count: u32, limit: u32 },
    /// `.flux.yaml` asks for a command that is not run here.
    GenerationRefused { file: String, command: String },
    /// A command of `.flux.yaml` ended without manifests.
    GenerationFailed { file: String, command: String },
    /// The server's kernel cannot keep a command of `.flux.yaml` apart, and no setting accepts that.
    GenerationNotIsolated { file: String, command: String },
    /// The cluster does not answer.
    ClusterUnreachable,
    /// The cluster's address is not allowed by the outbound policy.
    ClusterAddressRefused,
    /// The subscription's list of allowed hosts does not name the cluster's.
    ClusterAddressNotListed,
    /// The cluster refuses the kubeconfig's credential.
    ClusterCredentialRefused,
    /// The kubeconfig's time is over.
    ClusterCredentialExpired,
    /// The stored kubeconfig cannot be decrypted.
    ClusterCredentialUnreadable,
    /// Another cluster answers behind the same address.
    ClusterReplaced,
    /// The kubeconfig's identity may not make the operator objects or impersonate the operator.
    ProvisionDenied,
    /// The operator objects could not be made.
    ProvisionFailed,
    /// The service account of the operator may not do what is needed.
    OperatorDenied,
    /// The API server's discovery could not be read.
    DiscoveryFailed,
    /// Another installation of Fairlead manages this operator.
    ManagedElsewhere,
    /// What is stored of the configuration cannot be read; the id finds the log line.
    ConfigurationUnreadable { id: String },
    /// Something inside Fairlead failed; the id finds the log line.
    Internal { id: String },
}

/// Why one object was not applied or not looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ObjectReason {
    /// The cluster serves no such kind, and no CRD for it is in the load.
    UnknownKind,
    /// The API group of the kind does not answer at present.
    GroupUnavailable { group: String },
    /// The operator works in its own namespace only.
    ForeignNamespace { allowed: String },
    /// The operator's scope is one namespace; this object has none.
    ClusterScoped,
    /// One of the objects that the operator works with: its service account, binding or Lease.
    OperatorObject,
    /// Another configuration manages it; named where the actor may see it.
    ManagedByOther { configuration: Option<String> },
    /// `fluxcd.io/ignore` in Git or on the live object.
    Ignored,
    /// No longer in Git, kept: another object has its name now.
    Replaced,
    /// No longer in Git, kept: its mark is gone or says that it is another source's.
    NotMarked,
    /// No longer in Git, kept: another object owns it.
    Owned,
    /// Deleted, and waiting for what holds it (a finalizer).
    Terminating,
    /// The service account may not.
    Forbidden,
    /// The API server refused it as invalid.
    Invalid,
    /// An admission webhook refused it or did not answer.
    AdmissionRefused,
    /// The namespace of the object is being deleted.
    NamespaceTerminating,
    /// The API server asked to come back later, or did not answer in time.
    Unavailable,
    /// The CRD did not become Established in time.
    NotEstablished,
    /// An object of the earlier stage that it needs was not applied.
    EarlierStageFailed,
    /// Any other answer of the API server.
    Refused,
}

/// What to do with a cluster's connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ConnectionReason {
    /// Answers and knows us.
    Connected,
    /// Not asked yet.
    NeverAsked,
    /// Does not answer.
    Unreachable,
    /// Its certificate is not the one the kubeconfig names.
    CertificateRefused,
    /// Refuses the credential.
    CredentialRefused,
    /// The credential's time is over.
    CredentialExpired,
    /// The stored kubeconfig cannot be decrypted.
    CredentialUnreadable,
    /// Its address is not allowed by the outbound policy.
    AddressRefused,
    /// The subscription's list of allowed hosts does not name it.
    AddressNotListed,
    /// Another cluster answers behind the same address: nothing is written until a person confirms.
    Replaced,
    /// Anything else; the detail says what.
    Failed,
}

/// How the removal of an operator stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum RetirementState {
    /// Its objects go within a minute, or as soon as the cluster answers.
    Waiting,
    /// The wish is older than a day: nothing is deleted until a person wishes it again.
    WishTooOld,
    /// All of it is gone.
    Gone,
    /// Another configuration uses it: it stays.
    InUse,
    /// Its objects are gone; the namespace was not made by Fairlead, or not for it alone. The alias is of a time when an
    /// old wish kept the namespace and nothing else.
    #[serde(alias = "namespaceWishTooOld")]
    NamespaceKept,
    /// Its objects are gone; something else is in the namespace.
    NamespaceInUse,
}
