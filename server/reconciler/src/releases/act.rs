//! What is done to a release, by helm.

use std::sync::Arc;
use std::time::Duration;

use domain::release::{ReleaseAction, ReleaseState, ReleaseTests};
use engine::helm::manifest;
use engine::helm::spec::ReleaseSpec;
use engine::helm::status::Phase;
use engine::hidden::Hidden;
use engine::port::helm::{Call, Chart, Deploy, Deployed, HelmError, HelmFault, Rollback};
use engine::port::release::LentKubeconfig;
use storage::ReleaseWork;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::look::{Fault, Wanted};
use super::made;
use super::pass::Pass;
use super::record::{self, End};

/// Changed objects of one upgrade that the log names.
const LOGGED_CHANGES: usize = 50;

/// What every action needs.
pub(super) struct Acting<'act> {
    pub(super) pass: &'act Pass,
    pub(super) work: &'act ReleaseWork,
    pub(super) turns: &'act Semaphore,
    pub(super) wanted: &'act Wanted,
}

impl Acting<'_> {
    fn spec(&self) -> &ReleaseSpec {
        &self.wanted.release.spec
    }

    /// The first install; one that failed leaves nothing behind.
    pub(super) async fn install(&self, state: &mut ReleaseState) -> Result<End, Fault> {
        let _turn = self.turns.acquire().await;
        let chart = self.chart(state).await?;
        self.enter(state, Phase::Installing, None).await?;
        match self.deploy(ReleaseAction::Install, chart.as_ref(), false).await {
            Ok(deployed) => self.deployed(state, ReleaseAction::Install, deployed).await,
            Err(error) => {
                self.attempted(state, ReleaseAction::Install);
                // Never an older one that helm may know: only what this attempt began.
                if self.pass.stored(&self.spec().target_namespace, &self.spec().release_name).is_none() {
                    self.uninstall(state).await?;
                }
                Err(Fault::Told { phase: Phase::DeployFailed, message: error.to_string() })
            }
        }
    }

    /// An upgrade; one that failed is rolled back when the spec says so.
    pub(super) async fn upgrade(&self, state: &mut ReleaseState) -> Result<End, Fault> {
        let _turn = self.turns.acquire().await;
        let chart = self.chart(state).await?;
        self.enter(state, Phase::Upgrading, None).await?;
        self.log_changes(chart.as_ref()).await;
        match self.deploy(ReleaseAction::Upgrade, chart.as_ref(), false).await {
            Ok(deployed) => self.deployed(state, ReleaseAction::Upgrade, deployed).await,
            Err(error) => {
                self.attempted(state, ReleaseAction::Upgrade);
                self.enter(state, Phase::DeployFailed, Some(&error.message)).await?;
                self.after_failure(state, Phase::DeployFailed, &error.message).await
            }
        }
    }

    /// Whether what changed in the cluster matters; if so it is put right by an upgrade.
    pub(super) async fn compare(&self, state: &mut ReleaseState) -> Result<End, Fault> {
        let turn = self.turns.acquire().await;
        let chart = self.wanted.get(self.pass).await?;
        let deployed = self.deploy(ReleaseAction::Upgrade, chart.as_ref(), true).await;
        let deployed = deployed.map_err(|error| self.failed(&error))?;
        let current = self.current().await?;
        let same = deployed.manifest.trim() == current.manifest.trim();
        if same && !self.differs(&current).await? {
            drop(turn);
            self.attempted_nothing(state);
            self.note(state, &current).await?;
            return self.succeeded(state, current).await;
        }
        drop(turn);
        tracing::info!(
            configuration.id = %self.pass.configuration.id,
            "what release {} made is not as it was left: it is upgraded", self.work.lease.key
        );
        metrics::counter!("fairlead_release_drift_total").increment(1);
        self.upgrade(state).await
    }

    /// A person chose a revision. It stands until something else is wanted.
    pub(super) async fn rollback_to(&self, state: &mut ReleaseState, revision: u32) -> Result<End, Fault> {
        let _turn = self.turns.acquire().await;
        self.enter(state, Phase::RollingBack, None).await?;
        match self.rollback(Some(revision)).await {
            Ok(()) => {
                state.pinned = Some(self.wanted.digest.clone());
                self.attempted(state, ReleaseAction::Rollback);
                let current = self.current().await?;
                self.note(state, &current).await?;
                self.enter(state, Phase::RolledBack, None).await?;
                state.failed = false;
                state.message =
                    format!("Revision {revision} was chosen; it stands until the spec or the chart changes.");
                Ok(End::Recorded { notes: Some(current.notes) })
            }
            Err(error) => Err(Fault::Told { phase: Phase::RollbackFailed, message: error.to_string() }),
        }
    }

    /// Nobody is at it any more: back to the last revision that was deployed, or away with what a first install left.
    pub(super) async fn repair(&self, state: &mut ReleaseState) -> Result<End, Fault> {
        let turn = self.turns.acquire().await;
        let lent = self.lend()?;
        let history =
            self.pass.helm().history(&self.call(&lent)).await.map_err(|error| self.failed(&error))?;
        let last = history
            .iter()
            .rev()
            .find(|revision| matches!(revision.status.as_str(), "deployed" | "superseded"));
        if let Some(last) = last {
            self.rollback(Some(last.revision)).await.map_err(|error| self.failed(&error))?;
            drop(turn);
            self.upgrade(state).await
        } else {
            self.uninstall(state).await?;
            drop(turn);
            self.install(state).await
        }
    }

    async fn deployed(
        &self,
        state: &mut ReleaseState,
        action: ReleaseAction,
        deployed: Deployed,
    ) -> Result<End, Fault> {
        self.attempted(state, action);
        self.note(state, &deployed).await?;
        self.enter(state, Phase::Deployed, None).await?;
        if self.spec().test.enable {
            self.enter(state, Phase::Testing, None).await?;
            let timeout = Duration::from_secs(u64::from(self.spec().test.timeout_seconds));
            let lent = self.lend()?;
            let call = Call { timeout, ..self.call(&lent) };
            let tested = self.measured(ReleaseAction::Test, self.pass.helm().test(&call)).await;
            let passed = tested.is_ok();
            let message = self.wanted.told(&tested.unwrap_or_else(|error| error.message));
            state.tests = Some(ReleaseTests { passed, message: message.clone() });
            if passed {
                self.enter(state, Phase::Tested, None).await?;
            } else {
                self.enter(state, Phase::TestFailed, Some(&message)).await?;
                if !self.spec().test.ignore_failures {
                    if action == ReleaseAction::Install {
                        self.uninstall(state).await?;
                        return Err(Fault::Told { phase: Phase::Failed, message });
                    }
                    return self.after_failure(state, Phase::TestFailed, &message).await;
                }
            }
        }
        self.succeeded(state, deployed).await
    }

    async fn succeeded(&self, state: &mut ReleaseState, deployed: Deployed) -> Result<End, Fault> {
        state.failed = false;
        state.given_up = None;
        state.pinned = None;
        record::released(state, &self.wanted.chart.chart, &deployed.status);
        self.enter(state, Phase::Succeeded, None).await?;
        Ok(End::Recorded { notes: Some(deployed.notes) })
    }

    /// `logReleaseDiffs`: what the upgrade is about to change. That helm cannot tell is told by the upgrade itself.
    async fn log_changes(&self, chart: &dyn Chart) {
        if !self.pass.options.log_release_diffs {
            return;
        }
        let wanted = self.deploy(ReleaseAction::Upgrade, chart, true).await;
        let (Ok(wanted), Ok(current)) = (wanted, get(self.pass, self.spec()).await) else { return };
        let read = |text: &str| manifest::objects(text, &self.spec().target_namespace).unwrap_or_default();
        let changes = manifest::changes(&read(&current.manifest), &read(&wanted.manifest));
        let shown: Vec<&str> = changes.iter().take(LOGGED_CHANGES).map(String::as_str).collect();
        // A chart may make names of values.
        let shown = self.told_of(&current, &shown.join("; "));
        tracing::info!(
            configuration.id = %self.pass.configuration.id,
            "the upgrade of release {} changes {} objects: {shown}", self.work.lease.key, changes.len()
        );
    }

    /// Rolls back where the spec says so and there is an older revision; the attempt is then given up.
    async fn after_failure(
        &self,
        state: &mut ReleaseState,
        phase: Phase,
        message: &str,
    ) -> Result<End, Fault> {
        let before = match self.deployed_before() {
            Some(before) if self.spec().rollback.enable && self.is_newer_than(before).await? => before,
            _ => return Err(Fault::Told { phase, message: message.to_owned() }),
        };
        self.enter(state, Phase::RollingBack, None).await?;
        if let Err(error) = self.rollback(Some(before)).await {
            let message = format!("{message}; and it could not be rolled back: {error}");
            return Err(Fault::Told { phase: Phase::RollbackFailed, message });
        }
        let current = self.current().await?;
        self.note(state, &current).await?;
        state.given_up = Some(self.wanted.digest.clone());
        state.failed = true;
        state.last_action = Some(ReleaseAction::Rollback);
        message.clone_into(&mut state.message);
        record::status_of(state, |status| current.status.clone_into(&mut status.release_status));
        self.enter(state, Phase::RolledBack, Some(message)).await?;
        Ok(End::Recorded { notes: Some(current.notes) })
    }

    /// The revision that was deployed when the look began.
    fn deployed_before(&self) -> Option<u32> {
        let stored = self.pass.stored(&self.spec().target_namespace, &self.spec().release_name)?;
        (stored.status == "deployed").then_some(stored.revision)
    }

    /// Whether helm has begun a newer revision: an upgrade that failed before has changed nothing.
    async fn is_newer_than(&self, revision: u32) -> Result<bool, Fault> {
        let stored = self.pass.client.stored(Some(&self.spec().target_namespace)).await;
        let stored = stored.map_err(|error| self.failed(&error))?;
        let own = stored.iter().filter(|stored| stored.name == self.spec().release_name);
        Ok(own.map(|stored| stored.revision).max().is_some_and(|newest| newest > revision))
    }

    /// The chart on the server's disk.
    async fn chart(&self, state: &mut ReleaseState) -> Result<Arc<dyn Chart>, Fault> {
        let chart = self.wanted.get(self.pass).await?;
        self.enter(state, Phase::ChartFetched, None).await?;
        Ok(chart)
    }

    async fn deploy(
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

    async fn rollback(&self, revision: Option<u32>) -> Result<(), HelmError> {
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

    async fn uninstall(&self, state: &mut ReleaseState) -> Result<(), Fault> {
        let lent = self.lend()?;
        let call = self.call(&lent);
        let done = self.measured(ReleaseAction::Uninstall, self.pass.helm().uninstall(&call, false)).await;
        done.map_err(|error| self.failed(&error))?;
        state.objects.clear();
        state.helm_revision = 0;
        Ok(())
    }

    /// The release as helm keeps it.
    async fn current(&self) -> Result<Deployed, Fault> {
        let current = get(self.pass, self.spec()).await.map_err(|error| self.failed(&error))?;
        Ok(self.shown(current))
    }

    /// Notes are for everybody who sees the release, and a chart may write values into them.
    fn shown(&self, mut deployed: Deployed) -> Deployed {
        deployed.notes = self.told_of(&deployed, &deployed.notes);
        deployed
    }

    /// Words about a revision. Which values of another one than is wanted were secret is not known any more.
    fn told_of(&self, deployed: &Deployed, words: &str) -> String {
        let told = self.wanted.told(words);
        if deployed.values == self.wanted.values.merged {
            return told;
        }
        Hidden::of(&deployed.values).without(&told)
    }

    fn told(&self, error: &HelmError) -> HelmError {
        HelmError::new(error.fault, self.wanted.told(&error.message))
    }

    fn failed(&self, error: &dyn std::fmt::Display) -> Fault {
        Fault::failed(&self.wanted.told(&error.to_string()))
    }

    /// Whether an object in the cluster is not what its manifest makes of it, by a dry run on the server.
    async fn differs(&self, current: &Deployed) -> Result<bool, Fault> {
        let objects = made::objects(&current.manifest, &self.spec().target_namespace, &self.pass.kinds);
        made::differs(self.pass, &objects).await.map_err(|error| self.failed(&error))
    }

    async fn note(&self, state: &mut ReleaseState, deployed: &Deployed) -> Result<(), Fault> {
        let objects = made::objects(&deployed.manifest, &self.spec().target_namespace, &self.pass.kinds);
        let noted = made::note(self.pass, &self.work.lease.key, &objects).await;
        state.objects = noted.map_err(|error| self.failed(&error))?;
        state.helm_revision = deployed.revision;
        Ok(())
    }

    /// This is what was tried.
    fn attempted(&self, state: &mut ReleaseState, action: ReleaseAction) {
        state.last_action = Some(action);
        state.last_action_at = Some(self.pass.ports.clock.now());
        self.attempted_nothing(state);
    }

    fn attempted_nothing(&self, state: &mut ReleaseState) {
        state.generation = self.wanted.release.generation;
        state.attempted.clone_from(&self.wanted.digest);
        state.chart = Some(self.wanted.chart.chart.clone());
    }

    async fn enter(&self, state: &mut ReleaseState, phase: Phase, fault: Option<&str>) -> Result<(), Fault> {
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

    fn lend(&self) -> Result<LentKubeconfig, Fault> {
        self.pass.client.lend().map_err(|error| self.failed(&error))
    }

    fn call<'call>(&'call self, kubeconfig: &'call LentKubeconfig) -> Call<'call> {
        call(self.spec(), kubeconfig)
    }

    async fn measured<T>(
        &self,
        action: ReleaseAction,
        helm: impl Future<Output = Result<T, HelmError>>,
    ) -> Result<T, HelmError> {
        measured(action, &self.spec().target_namespace, &self.spec().release_name, helm).await
    }
}

async fn measured<T>(
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
pub(super) async fn get(pass: &Pass, spec: &ReleaseSpec) -> Result<Deployed, HelmError> {
    let lent = pass.client.lend().map_err(|error| HelmError::new(HelmFault::Internal, error))?;
    pass.helm().get(&call(spec, &lent), None).await
}

/// How long helm has for removing a release whose spec is gone.
const REMOVAL: Duration = Duration::from_mins(5);

/// The `HelmRelease` is gone, from Git and from the cluster: so goes its release.
pub(super) async fn remove(
    pass: &Pass,
    turns: &Semaphore,
    work: &ReleaseWork,
    state: &mut ReleaseState,
) -> Result<End, Fault> {
    if state.release_name.is_empty() || state.helm_revision == 0 {
        return Ok(End::Forgotten);
    }
    let _turn = turns.acquire().await;
    pass.ports.storage.check_release(&work.lease).await?;
    let lent = pass.client.lend().map_err(|error| Fault::failed(&error))?;
    let (namespace, release) = (&state.target_namespace, &state.release_name);
    let call = Call { namespace, release, kubeconfig: &lent, timeout: REMOVAL };
    measured(ReleaseAction::Uninstall, namespace, release, pass.helm().uninstall(&call, false))
        .await
        .map_err(|error| Fault::failed(&error))?;
    tracing::info!(
        configuration.id = %pass.configuration.id,
        "release {namespace}/{release} is removed: its HelmRelease {} is gone", work.lease.key
    );
    Ok(End::Forgotten)
}
