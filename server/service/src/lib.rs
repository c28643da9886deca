//! The use cases, each the same walk: authorize, validate, one transaction, wake.
//!
//! - [`Accounts`] people, sessions, links and tokens
//! - [`Clusters`] connecting and showing clusters, over the port [`ClusterProbe`]
//! - [`Configurations`] the GitOps configurations
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
mod probe;

pub use accounts::Accounts;
pub use clusters::Clusters;
pub use configurations::Configurations;
pub use error::internal;
pub use moment::moment;
pub use password::{PasswordError, Passwords};
pub use probe::{ChosenContext, ClusterProbe, ReadKubeconfig};
