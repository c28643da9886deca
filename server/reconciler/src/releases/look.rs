//! One look at one release: read, decide, act, record.

use std::sync::Arc;

use domain::reason::Reason;
use domain::release::{ReleaseState, ReleaseWish};
use engine::helm::decide::{Decision, Situation, Stored, decide};
use engine::helm::spec::HelmRelease;
use engine::helm::status::{Phase, ReleaseStatus};
use engine::helm::values::digest;
use engine::hidden::without_quoted;
use engine::port::helm::{Chart, HelmError};
use serde_json::{Value, json};
use storage::{ReleaseWork, StorageError, Taken};
use tokio::sync::Semaphore;

use super::act::{self, Acting};
use super::chart::{self, Found};
use super::made;
use super::pass::Pass;
use super::record::{self, End};
use super::remove::remove;
use super::values::{self, Values};
use crate::run::Stop;

/// Looks at a release to its end; only what cannot be recorded is an error.
pub(super) async fn look(pass: &Pass, turns: &Semaphore, work: &ReleaseWork) -> Result<(), StorageError> {
    let mut state = work.state.clone();
    let end = match stages(pass, turns, work, &mut state).await {
        Ok(end) => end,
        Err(Fault::Told { phase, message }) => record::failed(pass, work, &mut state, phase, &message).await,
        Err(Fault::Storage(error)) => return Err(error),
    };
    record::record(pass, work, state, end).await
}

/// Why a look ended early.
pub(super) enum Fault {
    /// What the page and the object's status say.
    Told { phase: Phase, message: String },
    /// It cannot be recorded.
    Storage(StorageError),
}

impl From<StorageError> for Fault {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

impl Fault {
    pub(super) fn failed(error: &dyn std::fmt::Display) -> Self {
        Self::Told { phase: Phase::Failed, message: error.to_string() }
    }

    fn chart(error: &HelmError) -> Self {
        Self::Told { phase: Phase::ChartFetchFailed, message: error.to_string() }
    }
}

/// What is wanted of a release.
pub(super) struct Wanted {
    pub(super) release: HelmRelease,
    pub(super) chart: Found,
    pub(super) values: Values,
    /// Spec, chart and values as one hash.
    pub(super) digest: String,
    /// Got already, because values come from it.
    pub(super) files: Option<Arc<dyn Chart>>,
}

impl Wanted {
    /// Words of others about this release, without what came from a Secret.
    pub(super) fn told(&self, words: &str) -> String {
        let told = self.values.hidden.without(words);
        // What a chart made of values for a Secret is another text than they are.
        if told.contains("Secret \"") { without_quoted(&told) } else { told }
    }

    /// The chart on the server's disk.
    pub(super) async fn get(&self, pass: &Pass) -> Result<Arc<dyn Chart>, Fault> {
        match &self.files {
            Some(files) => Ok(files.clone()),
            None => self.chart.get(pass).await.map_err(|error| Fault::chart(&error)),
        }
    }
}

async fn stages(
    pass: &Pass,
    turns: &Semaphore,
    work: &ReleaseWork,
    state: &mut ReleaseState,
) -> Result<End, Fault> {
    pass.helm().installed().map_err(|error| Fault::failed(&error))?;
    let key = &work.lease.key;
    let Some(object) = pass.object(key) else {
        // Gone from Git and from the cluster: what it had asked for goes. Gone from the cluster alone, the sync brings
        // it back.
        return if work.wanted { Ok(End::Postponed) } else { remove(pass, turns, work, state).await };
    };
    if !work.wanted {
        // It is still there, so that nobody has asked for anything to be removed; it is not ours any more.
        return Ok(End::Forgotten);
    }
    if pass.options.allow_namespace.as_ref().is_some_and(|allowed| *allowed != key.namespace) {
        return Ok(End::Postponed);
    }
    let release = HelmRelease::parse(object).map_err(|error| Fault::failed(&error))?; // pure
    claim_name(pass, work, &release, state).await?; // IO: the database
    let wanted = wanted(pass, release, object, state).await?; // IO: Git, repositories, values
    let other = other_antecedent(pass, work, &wanted, state).await?; // IO: only for a release that is not known
    let drifted = made::changed(pass, state).await.map_err(|error| Fault::failed(&error))?; // watches
    let decision = decide(&situation(pass, work, state, &wanted, other.as_deref(), drifted)); // pure
    let acting = Acting { pass, work, turns, wanted: &wanted };
    match (&work.wish, decision) {
        (Some(ReleaseWish::Rollback { revision }), Decision::Refuse(_) | Decision::Install) => {
            Err(Fault::failed(&format!("there is no deployed release to go back to revision {revision} of")))
        }
        (Some(ReleaseWish::Rollback { revision }), _) => acting.rollback_to(state, *revision).await,
        (Some(ReleaseWish::Repair), Decision::Refuse(engine::helm::decide::Refusal::Pending { .. })) => {
            acting.repair(state).await
        }
        (_, Decision::Nothing) => Ok(End::Postponed),
        (_, Decision::Compare) => acting.compare(state).await,
        (_, Decision::Install) => acting.install(state).await,
        (_, Decision::Upgrade) => acting.upgrade(state).await,
        (_, Decision::Refuse(refusal)) => {
            let spec = &wanted.release.spec;
            Err(Fault::failed(&refusal.sentence(&spec.release_name, &spec.target_namespace)))
        }
    }
}

/// Two `HelmRelease` objects that want one name are told apart before either does anything.
async fn claim_name(
    pass: &Pass,
    work: &ReleaseWork,
    release: &HelmRelease,
    state: &mut ReleaseState,
) -> Result<(), Fault> {
    let (namespace, name) = (&release.spec.target_namespace, &release.spec.release_name);
    if pass.namespace().is_some_and(|own| own != namespace) {
        return Err(Fault::failed(&format!(
            "spec.targetNamespace: {namespace} is not the operator's: its scope is one namespace"
        )));
    }
    if state.release_name == *name && state.target_namespace == *namespace {
        return Ok(());
    }
    if !state.release_name.is_empty() && state.helm_revision > 0 {
        return Err(Fault::failed(&format!(
            "spec.releaseName: the release was {}/{} and would be left behind as {namespace}/{name}: remove the \
             HelmRelease and add it again under its new name",
            state.target_namespace, state.release_name
        )));
    }
    match pass.ports.storage.claim_release_name(&work.lease, namespace, name).await {
        Ok(()) => {
            (state.release_name, state.target_namespace) = (name.clone(), namespace.clone());
            Ok(())
        }
        Err(StorageError::Taken(Taken::ReleaseName)) => Err(Fault::failed(&format!(
            "another HelmRelease keeps release {name} in {namespace}: give one of the two another spec.releaseName"
        ))),
        Err(error) => Err(error.into()),
    }
}

async fn wanted(
    pass: &Pass,
    release: HelmRelease,
    object: &Value,
    state: &mut ReleaseState,
) -> Result<Wanted, Fault> {
    let chart = chart::find(pass, &release).await.map_err(|error| Fault::chart(&error))?;
    let files = if values::need_chart(&release) {
        Some(chart.get(pass).await.map_err(|error| Fault::chart(&error))?)
    } else {
        None
    };
    let values =
        values::gather(pass, &release, files.as_deref()).await.map_err(|error| Fault::failed(&error))?;
    let parts = json!({
        "spec": object.get("spec"), "chart": chart.chart.digest, "values": digest(&values.merged),
    });
    if state.status.is_null() {
        state.status = serde_json::to_value(ReleaseStatus::of(object)).unwrap_or_default();
    }
    Ok(Wanted { digest: digest(&parts), release, chart, values, files })
}

/// Whose a release is that helm knows and we do not: the objects say it.
async fn other_antecedent(
    pass: &Pass,
    work: &ReleaseWork,
    wanted: &Wanted,
    state: &ReleaseState,
) -> Result<Option<String>, Fault> {
    let spec = &wanted.release.spec;
    if state.helm_revision > 0 || pass.stored(&spec.target_namespace, &spec.release_name).is_none() {
        return Ok(None);
    }
    let deployed = act::get(pass, spec).await.map_err(|error| Fault::failed(&error))?;
    let objects = made::objects(&deployed.manifest, &spec.target_namespace, &pass.kinds);
    made::other_antecedent(pass, &work.lease.key, &objects).await.map_err(|error| Fault::failed(&error))
}

fn situation<'known>(
    pass: &'known Pass,
    work: &ReleaseWork,
    state: &'known ReleaseState,
    wanted: &'known Wanted,
    other: Option<&'known str>,
    drifted: bool,
) -> Situation<'known> {
    let spec = &wanted.release.spec;
    let now = pass.ports.clock.now().0 / 1000;
    let stored = pass.stored(&spec.target_namespace, &spec.release_name).map(|stored| Stored {
        revision: stored.revision,
        status: &stored.status,
        antecedent: other,
        age_seconds: now.saturating_sub(stored.modified_at),
    });
    let status: ReleaseStatus = serde_json::from_value(state.status.clone()).unwrap_or_default();
    Situation {
        stored,
        wanted: &wanted.digest,
        attempted: &state.attempted,
        left_revision: state.helm_revision,
        failed: state.failed,
        given_up: state.given_up.as_deref(),
        pinned: state.pinned.as_deref(),
        rollbacks: status.rollback_count,
        drifted,
        unknown_objects: state.helm_revision == 0,
        retry: work.wish == Some(ReleaseWish::Retry),
        rollback: spec.rollback,
    }
}

/// What ends the looks at all releases of a configuration, for the sentence of each.
pub(super) fn words(stop: &Stop) -> Option<String> {
    match stop {
        Stop::Failed { reason: Reason::ClusterUnreachable | Reason::ClusterAddressRefused, .. }
        | Stop::PutOff
        | Stop::Storage(_) => None,
        Stop::Failed { reason, detail, .. } => {
            Some(detail.clone().unwrap_or_else(|| format!("the cluster cannot be used: {reason:?}")))
        }
    }
}
