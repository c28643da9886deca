//! The port through which a configuration is planned without being synced.
//!
//! Implemented in the server over the reconciler's own stages, so that a plan is what a sync would do; this crate sees
//! neither Git nor Kubernetes.

use async_trait::async_trait;
use domain::id::ConfigurationId;
use domain::reason::Reason;
use domain::service::PlanView;

/// Why no plan can be made: what would end a sync early.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanFailure {
    /// The one sentence.
    pub reason: Reason,
    /// What Git or the API server said, scrubbed.
    pub detail: Option<String>,
}

/// Plans.
#[async_trait]
pub trait Planner: Send + Sync {
    /// What a sync of this branch or commit of the configuration's own repository would do. Nothing is written.
    async fn plan(&self, configuration: ConfigurationId, revision: &str) -> Result<PlanView, PlanFailure>;
}
