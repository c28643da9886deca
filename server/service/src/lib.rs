//! The use cases, each the same walk: authorize, validate, one transaction, wake.
//!
//! - [`Accounts`] people, sessions, links and tokens
//! - [`Clusters`] connecting and showing clusters, over the port [`ClusterProbe`]
//! - [`Configurations`] the GitOps configurations
//! - [`Resources`] both by the names ARM gives them, for programs; plans over the port [`Planner`]
//! - [`Tokens`] what programs sign in with
//!
//! Architecture invariant: nothing here speaks to Git or Kubernetes but through [`ClusterProbe`], and nothing
//! knows of the reconciler: a change is stored and wakes whoever listens.
//!
//! To add a use case: a method in the trait of `domain::service`, its implementation here beginning with the
//! decision about rights, an audit entry in the same transaction as the change.

mod accounts;
mod bearer;
mod clusters;
mod configurations;
mod error;
mod moment;
mod password;
mod planner;
mod probe;
mod resources;
mod ssh_key;
mod tokens;

pub use accounts::Accounts;
pub use clusters::Clusters;
pub use configurations::Configurations;
pub use error::internal;
pub use moment::moment;
pub use password::{PasswordError, Passwords};
pub use planner::{PlanFailure, Planner};
pub use probe::{ChosenContext, ClusterProbe, ReadKubeconfig};
pub use resources::Resources;
pub use tokens::Tokens;
