//! The use cases, each the same walk: authorize, validate, one transaction, wake.
//!
//! - [`Accounts`] people, sessions, links and tokens
//! - [`Federation`] signing in by an identity provider, over the port [`IdentityProvider`]
//! - [`Clusters`] connecting and showing clusters, over the port [`ClusterProbe`]
//! - [`Configurations`] the GitOps configurations
//! - [`Resources`] both by the names ARM gives them, for programs; plans over the port [`Planner`]
//! - [`Tokens`] what programs sign in with
//! - [`Embedding`] frames of other origins, and sessions inside them
//! - [`Releases`] Helm releases, over the port [`ReleaseReader`]
//! - [`Webhooks`] what Git hosts tell of pushes
//! - [`Access`] places, and who has which role there; [`Activity`] who did what
//!
//! Architecture invariant: nothing here speaks to Git or Kubernetes but through [`ClusterProbe`], and nothing
//! knows of the reconciler: a change is stored and wakes whoever listens.
//!
//! To add a use case: a method in the trait of `domain::service`, its implementation here beginning with the
//! decision about rights, an audit entry in the same transaction as the change.

mod access;
mod accounts;
mod activity;
mod bearer;
mod clusters;
mod configurations;
mod embed;
mod error;
mod federation;
mod moment;
mod pace;
mod password;
mod people;
mod planner;
mod presence;
mod probe;
mod quota;
mod releases;
mod resources;
mod ssh_key;
mod text;
mod tokens;
mod webhooks;

pub use access::Access;
pub use accounts::Accounts;
pub use activity::Activity;
pub use clusters::Clusters;
pub use configurations::Configurations;
pub use embed::Embedding;
pub use error::internal;
pub use federation::{Federation, IdentityProvider, ProvenIdentity, ProviderFault, SignInProof};
pub use moment::moment;
pub use password::{PasswordError, Passwords};
pub use planner::{PlanFailure, Planner};
pub use presence::{Presence, Present};
pub use probe::{ChosenContext, ClusterProbe, ReadKubeconfig};
pub use releases::{HelmSilence, ReleaseReader, Releases};
pub use resources::Resources;
pub use tokens::Tokens;
pub use webhooks::{Delivery, Webhooks};
