//! How helm is called for a release, and what may be told of its answers.

use std::time::Duration;

use domain::release::{ReleaseAction, ReleaseState};
use engine::helm::spec::ReleaseSpec;
use engine::hidden::Hidden;
use engine::port::helm::{Call, Chart, Deploy, Deployed, HelmError, HelmFault, Rollback};
use engine::port::release::LentKubeconfig;
use tokio::time::Instant;

use super::Acting;
use crate::releases::look::Fault;
use crate::releases::pass::Pass;

impl Acting<'_> {
    pub(super) async fn deploy(
        &self,
        action: ReleaseAction,
        chart: &dyn Chart,
        dry_run: bool,
    ) -> Result<Deployed, HelmError> {
        let spec = self.spec();
        let deploy = Deploy {
            chart,
            values: &self.wanted.values.merged,
            reuse_values: spec.reuse_values,
            max_history: spec.max_history,
            wait: spec.wait,
            force: spec.force_upgrade,
            skip_crds: spec.skip_crds,
            skip_validation: spec.skip_validation,
            dry_run,
        };
        let lent = self.pass.client.lend().map_err(|error| HelmError::new(HelmFault::Internal, error))?;
        let call = self.call(&lent);
        let deployed = self.pass.helm().deploy(&call, &deploy);
        let deployed = if dry_run { deployed.await } else { self.measured(action, deployed).await };
        deployed.map(|deployed| self.shown(deployed)).map_err(|error| self.told(&error))
    }

    pub(super) async fn rollback(&self, revision: Option<u32>) -> Result<(), HelmError> {
        let spec = self.spec();
        let rollback = Rollback {
            revision,
            wait: spec.rollback.wait,
            force: spec.rollback.force,
            skip_hooks: spec.rollback.disable_hooks,
            recreate: spec.rollback.recreate,
            max_history: spec.max_history,
        };
        let lent = self.pass.client.lend().map_err(|error| HelmError::new(HelmFault::Internal, error))?;
        let timeout = Duration::from_secs(u64::from(spec.rollback.timeout_seconds));
        let call = Call { timeout, ..self.call(&lent) };
        let done = self.measured(ReleaseAction::Rollback, self.pass.helm().rollback(&call, &rollback)).await;
        done.map_err(|error| self.told(&error))
    }

    pub(super) async fn uninstall(&self, state: &mut ReleaseState) -> Result<(), Fault> {
        let lent = self.lend()?;
        let call = self.call(&lent);
        let done = self.measured(ReleaseAction::Uninstall, self.pass.helm().uninstall(&call, false)).await;
        done.map_err(|error| self.failed(&error))?;
        state.objects.clear();
        state.helm_revision = 0;
        Ok(())
    }

    /// The release as helm keeps it.
    pub(super) async fn current(&self) -> Result<Deployed, Fault> {
        let current = get(self.pass, self.spec()).await.map_err(|error| self.failed(&error))?;
        Ok(self.shown(current))
    }

    /// Notes are for everybody who sees the release, and a chart may write values into them.
    pub(super) fn shown(&self, mut deployed: Deployed) -> Deployed {
        deployed.notes = self.told_of(&deployed, &deployed.notes);
        deployed
    }

    /// Words about a revision. Which values of another one than is wanted were secret is not known any more.
    pub(super) fn told_of(&self, deployed: &Deployed, words: &str) -> String {
        let told = self.wanted.told(words);
        if deployed.values == self.wanted.values.merged {
            return told;
        }
        Hidden::of(&deployed.values).without(&told)
    }

    pub(super) fn told(&self, error: &HelmError) -> HelmError {
        HelmError::new(error.fault, self.wanted.told(&error.message))
    }

    pub(super) fn failed(&self, error: &dyn std::fmt::Display) -> Fault {
        Fault::failed(&self.wanted.told(&error.to_string()))
    }

    pub(super) fn lend(&self) -> Result<LentKubeconfig, Fault> {
        self.pass.client.lend().map_err(|error| self.failed(&error))
    }

    pub(super) fn call<'call>(&'call self, kubeconfig: &'call LentKubeconfig) -> Call<'call> {
        call(self.spec(), kubeconfig)
    }

    pub(super) async fn measured<T>(
        &self,
        action: ReleaseAction,
        helm: impl Future<Output = Result<T, HelmError>>,
    ) -> Result<T, HelmError> {
        measured(action, &self.spec().target_namespace, &self.spec().release_name, helm).await
    }
}

/// Runs helm and measures how long it took, under the name that the Flux Helm operator gave the metric.
pub(in crate::releases) async fn measured<T>(
    action: ReleaseAction,
    namespace: &str,
    release: &str,
    helm: impl Future<Output = Result<T, HelmError>>,
) -> Result<T, HelmError> {
    let began = Instant::now();
    let done = helm.await;
    let success = if done.is_ok() { "true" } else { "false" };
    metrics::histogram!(
        "flux_helm_operator_release_action_duration_seconds",
        "action" => action.as_str(), "success" => success,
        "namespace" => namespace.to_owned(), "release_name" => release.to_owned()
    )
    .record(began.elapsed().as_secs_f64());
    done
}

fn call<'call>(spec: &'call ReleaseSpec, kubeconfig: &'call LentKubeconfig) -> Call<'call> {
    Call {
        namespace: &spec.target_namespace,
        release: &spec.release_name,
        kubeconfig,
        timeout: Duration::from_secs(u64::from(spec.timeout_seconds)),
    }
}

/// The release as helm keeps it.
pub(in crate::releases) async fn get(pass: &Pass, spec: &ReleaseSpec) -> Result<Deployed, HelmError> {
    let lent = pass.client.lend().map_err(|error| HelmError::new(HelmFault::Internal, error))?;
    pass.helm().get(&call(spec, &lent), None).await
}
