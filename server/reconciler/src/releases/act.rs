//! What is done to a release, by helm.

mod calls;
mod written;

use std::sync::Arc;
use std::time::Duration;

use domain::release::{ReleaseAction, ReleaseState, ReleaseTests};
use engine::helm::manifest;
use engine::helm::spec::ReleaseSpec;
use engine::helm::status::Phase;
use engine::port::helm::{Call, Chart, Deployed};
use storage::ReleaseWork;
use tokio::sync::Semaphore;

pub(super) use self::calls::{get, measured};
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
        let seen = self.pass.stored(&self.spec().target_namespace, &self.spec().release_name);
        if self.newest().await?.is_some_and(|newest| seen.is_none_or(|seen| seen.revision != newest)) {
            // Somebody else was quicker while it waited: the next look judges what is there.
            return Ok(End::Postponed);
        }
        let chart = self.chart(state).await?;
        self.enter(state, Phase::Installing, None).await?;
        match self.deploy(ReleaseAction::Install, chart.as_ref(), false).await {
            Ok(deployed) => self.deployed(state, ReleaseAction::Install, deployed).await,
            Err(error) => {
                self.attempted(state, ReleaseAction::Install);
                // Never an older one that helm may know: only what this attempt began.
                if seen.is_none() {
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
        Ok(self.newest().await?.is_some_and(|newest| newest > revision))
    }

    /// The newest revision that helm has stored, as it is now.
    async fn newest(&self) -> Result<Option<u32>, Fault> {
        let stored = self.pass.client.stored(Some(&self.spec().target_namespace)).await;
        let stored = stored.map_err(|error| self.failed(&error))?;
        let own = stored.iter().filter(|stored| stored.name == self.spec().release_name);
        Ok(own.map(|stored| stored.revision).max())
    }

    /// Whether an object in the cluster is not what its manifest makes of it, by a dry run on the server.
    async fn differs(&self, current: &Deployed) -> Result<bool, Fault> {
        let objects = made::objects(&current.manifest, &self.spec().target_namespace, &self.pass.kinds);
        made::differs(self.pass, &objects).await.map_err(|error| self.failed(&error))
    }

    /// The chart on the server's disk.
    async fn chart(&self, state: &mut ReleaseState) -> Result<Arc<dyn Chart>, Fault> {
        let chart = self.wanted.get(self.pass).await?;
        self.enter(state, Phase::ChartFetched, None).await?;
        Ok(chart)
    }
}
