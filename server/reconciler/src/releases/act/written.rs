//! What is written down of a release, before and after something is done to it.

use domain::release::{ReleaseAction, ReleaseState};
use engine::helm::status::Phase;
use engine::port::helm::Deployed;

use super::Acting;
use crate::releases::look::Fault;
use crate::releases::{made, record};

impl Acting<'_> {
    pub(super) async fn note(&self, state: &mut ReleaseState, deployed: &Deployed) -> Result<(), Fault> {
        let objects = made::objects(&deployed.manifest, &self.spec().target_namespace, &self.pass.kinds);
        let noted = made::note(self.pass, &self.work.lease.key, &objects).await;
        state.objects = noted.map_err(|error| self.failed(&error))?;
        state.helm_revision = deployed.revision;
        Ok(())
    }

    /// This is what was tried.
    pub(super) fn attempted(&self, state: &mut ReleaseState, action: ReleaseAction) {
        state.last_action = Some(action);
        state.last_action_at = Some(self.pass.ports.clock.now());
        self.attempted_nothing(state);
    }

    pub(super) fn attempted_nothing(&self, state: &mut ReleaseState) {
        state.generation = self.wanted.release.generation;
        state.attempted.clone_from(&self.wanted.digest);
        state.chart = Some(self.wanted.chart.chart.clone());
    }

    pub(super) async fn enter(
        &self,
        state: &mut ReleaseState,
        phase: Phase,
        fault: Option<&str>,
    ) -> Result<(), Fault> {
        // Before anything is done in the cluster: somebody else may work on it by now.
        self.pass.ports.storage.check_release(&self.work.lease).await?;
        let ignored = self.spec().test.ignore_failures;
        record::status_of(state, |status| {
            status.observed_generation = self.wanted.release.generation;
            status.release_name.clone_from(&self.spec().release_name);
            status.last_attempted_revision.clone_from(&self.wanted.chart.chart.revision);
        });
        record::enter(self.pass, self.work, state, phase, fault, ignored).await
    }
}
