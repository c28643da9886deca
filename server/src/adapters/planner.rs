//! Plans, made by the reconciler's own stages.

use async_trait::async_trait;
use domain::id::ConfigurationId;
use domain::service::PlanView;
use reconciler::{Reconciler, Unplanned};
use service::{PlanFailure, Planner};

/// Over the `reconciler` crate.
pub struct RunPlanner {
    reconciler: Reconciler,
}

impl RunPlanner {
    /// By this one's ports.
    pub fn new(reconciler: Reconciler) -> Self {
        Self { reconciler }
    }
}

#[async_trait]
impl Planner for RunPlanner {
    async fn plan(&self, configuration: ConfigurationId, revision: &str) -> Result<PlanView, PlanFailure> {
        let planned = self.reconciler.preview(configuration, revision).await;
        planned.map_err(|Unplanned { reason, detail }| PlanFailure { reason, detail })
    }
}
